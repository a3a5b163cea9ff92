/** What a version of the code makes of stored state: its Durable Object migrations, and the steps of its objects' tables. */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'

export interface CodeState {
  /** Such as `v4 1f2e3d4c`: the last tag, and a digest of all. */
  readonly migrations: string
  /** Such as `1.1.1.1.1 1f2e3d4c`: the steps of each schema, and a digest of all. */
  readonly schema: string
}

const stepsSchema = z.array(z.array(z.string()))
const DIGITS = 8

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, DIGITS)

/** Every `…_STEPS` of the schemas of `folder`, by the names of their files. */
export const readSteps = async (folder: string): Promise<readonly (readonly (readonly string[])[])[]> => {
  const files = readdirSync(folder).filter((file) => file.endsWith('-schema.ts'))
  const modules = await Promise.all(
    files.sort().map(async (file) => (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>),
  )
  return modules.flatMap((module) =>
    Object.entries(module)
      .filter(([name]) => name.endsWith('_STEPS'))
      .map(([, steps]) => stepsSchema.parse(steps)),
  )
}

export const stateOf = (
  tag: string | null,
  migrations: readonly unknown[],
  steps: readonly (readonly unknown[])[],
): CodeState => ({
  migrations: `${tag ?? '-'} ${digest(migrations)}`,
  schema: `${steps.map((each) => each.length).join('.')} ${digest(steps)}`,
})

/** Written as the message of an uploaded version, of at most 100 characters. */
export const stateMessage = ({ migrations, schema }: CodeState): string => `migrations ${migrations}, schema ${schema}`

const MESSAGE = /^migrations (\S+ [0-9a-f]{8}), schema (\S+ [0-9a-f]{8})$/

/** `null`: the message says nothing of it. */
export const readState = (message: string | undefined): CodeState | null => {
  const [, migrations, schema] = MESSAGE.exec(message ?? '') ?? []
  return migrations === undefined || schema === undefined ? null : { migrations, schema }
}

const AT_ONCE = 'see "A release that changes stored state" in docs/deploying.md'

/** Why `own` must not be deployed step by step beside `deployed`; `null`: it may. */
export const whyNotGradual = (deployed: CodeState | null, own: CodeState): string | null => {
  if (deployed === null) {
    return `the deployed version does not say what state it keeps, so nothing tells whether old code can meet new objects; deploy it at once: ${AT_ONCE}`
  }
  if (deployed.migrations !== own.migrations) {
    return `[[migrations]] changed from ${deployed.migrations} to ${own.migrations}: Durable Object migrations cannot be deployed gradually; ${AT_ONCE}`
  }
  if (deployed.schema !== own.schema) {
    return `the tables of the objects changed from ${deployed.schema} to ${own.schema}: code of the version before refuses tables of a later step; ${AT_ONCE}`
  }
  return null
}
