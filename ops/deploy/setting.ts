/** What the programs of a deployment have in common: environment, address, what is to be deployed. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../../src/cli/command.ts'
import { readWanted, type Wanted } from '../../src/cli/deploy/wanted.ts'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { type CodeState, readSteps, stateOf } from './state.ts'

export const ROOT = join(import.meta.dirname, '..', '..')
/** Where a rollout under way is remembered. */
export const ROLLOUT_FILE = join(ROOT, 'reports', 'rollout.json')

const GIT_MILLISECONDS = 10_000

/** Throws a RefusedError while wrangler.toml holds placeholders. */
export const readReady = async (environment: string, config = join(ROOT, 'wrangler.toml')): Promise<Wanted> => {
  const wanted = await readWanted(config, environment)
  const open = wanted.namespaces.flatMap(({ placeholderFor }) => placeholderFor ?? [])
  if (open.length === 0) return wanted
  throw new RefusedError(
    `wrangler.toml has no id for ${open.join(', ')}: npx nearcast deploy check --env ${environment} --write-ids`,
  )
}

export const ownState = async ({ migrationTag, migrations }: Wanted): Promise<CodeState> =>
  stateOf(migrationTag, migrations, await readSteps(join(ROOT, 'src', 'durable')))

export const packageVersion = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).version

/** Such as `v0.1.0-2a76561`: a version of the worker is a build, of which a release may have several. */
export const buildTag = (): string => {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: GIT_MILLISECONDS } as const
  const commit = execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], options).trim()
  return `v${packageVersion()}-${commit}`
}

export const readAddress = (text: string | undefined, name: string): URL => {
  if (text !== undefined && URL.canParse(text)) return new URL(text)
  throw new UsageError(`${name}: expected the address of the deployment, such as https://nearcast.example.workers.dev`)
}

/** The value of a variable of the process; secrets come this way alone, so that no argument shows them. */
export const readVariable = (name: string): string => {
  const value = process.env[name]
  if (value) return value
  throw new UsageError(`the variable ${name} is not set`)
}

/** Ends the process with the code that `work` resolves to; 1 for a refusal, 2 for bad input. */
export const finish = (work: Promise<number>): void => {
  work.then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      const isTold = error instanceof UsageError || error instanceof RefusedError
      console.error(isTold ? error.message : error)
      process.exitCode = error instanceof UsageError ? 2 : 1
    },
  )
}
