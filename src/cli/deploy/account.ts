/** What an account has, asked of wrangler. */
import { z } from 'zod'
import { failureOf, mustRun, plain, readJson, type Wrangler } from './wrangler.ts'

export interface Account {
  readonly namespaces: readonly { readonly id: string; readonly title: string }[]
  readonly buckets: readonly string[]
  readonly queues: readonly string[]
  /** `null`: the worker is not there yet. */
  readonly secrets: readonly string[] | null
}

/** More pages than any account has queues on. */
const QUEUE_PAGES = 100

const namespacesSchema = z.array(z.object({ id: z.string(), title: z.string() }))
const secretsSchema = z.array(z.object({ name: z.string() }))
const keysSchema = z.array(z.object({ name: z.string() }))

/** `name: …` of each bucket; the command has no JSON form (wrangler 4.155, 2026-11). */
export const bucketsIn = (stdout: string): readonly string[] =>
  [...plain(stdout).matchAll(/^name:[ \t]+(\S+)[ \t]*$/gm)].map(([, name]) => name as string)

/** The column `name` of a table; this command has no JSON form either. */
export const queuesIn = (stdout: string): readonly string[] => {
  const rows = plain(stdout)
    .split('\n')
    .filter((line) => line.includes('│'))
    .map((line) => line.split('│').map((cell) => cell.trim()))
  const column = rows[0]?.indexOf('name') ?? -1
  return column < 0 ? [] : rows.slice(1).map((cells) => cells[column] ?? '')
}

const queues = async (wrangler: Wrangler): Promise<readonly string[]> => {
  const all = new Set<string>()
  for (let page = 1; page <= QUEUE_PAGES; page++) {
    const names = queuesIn((await mustRun(wrangler, ['queues', 'list', '--page', String(page)])).stdout)
    const before = all.size
    for (const name of names) all.add(name)
    if (all.size === before) break
  }
  return [...all]
}

const secrets = async (wrangler: Wrangler, environment: string): Promise<readonly string[] | null> => {
  const args = ['secret', 'list', '--env', environment, '--format', 'json']
  const answer = await wrangler(args)
  if (answer.code !== 0 && /not found/.test(failureOf(answer))) return null
  if (answer.code !== 0) await mustRun(() => Promise.resolve(answer), args)
  return readJson(args, answer, secretsSchema).map(({ name }) => name)
}

/** Why wrangler may not speak for an account; `null` where it may. */
export const notLoggedIn = async (wrangler: Wrangler): Promise<string | null> => {
  const answer = await wrangler(['whoami', '--json'])
  return answer.code === 0 ? null : failureOf(answer)
}

/** Throws a RefusedError when wrangler is refused. */
export const readAccount = async (wrangler: Wrangler, environment: string): Promise<Account> => {
  const list = ['kv', 'namespace', 'list']
  const namespaces = readJson(list, await mustRun(wrangler, list), namespacesSchema)
  const buckets = bucketsIn((await mustRun(wrangler, ['r2', 'bucket', 'list'])).stdout)
  return { namespaces, buckets, queues: await queues(wrangler), secrets: await secrets(wrangler, environment) }
}

/** How many zip packs a namespace holds. */
export const countPacks = async (wrangler: Wrangler, namespace: string): Promise<number> => {
  const args = ['kv', 'key', 'list', '--namespace-id', namespace, '--prefix', 'zip3/', '--remote']
  return readJson(args, await mustRun(wrangler, args), keysSchema).length
}
