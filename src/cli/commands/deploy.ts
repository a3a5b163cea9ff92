/** `nearcast deploy`: what does an account lack, and how does a deployment behave? */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Command, UsageError } from '../command.ts'
import { checkAccount, packsOf } from '../deploy/check-account.ts'
import { findingsText } from '../deploy/findings.ts'
import { measureLive } from '../deploy/live.ts'
import { liveText } from '../deploy/live-text.ts'
import { readConfig } from '../deploy/wanted.ts'
import { installedWrangler } from '../deploy/wrangler.ts'
import { unlessRefused } from '../release/admin-client.ts'

const ENVIRONMENTS = ['staging', 'production'] as const
const SEED_FILE = join('kv-seed', 'zips.json')
const LIVE_PREFIXES = 200
/** Isolates bring their counts once a second; a shard is asked after that. */
const SETTLE_MILLISECONDS = 3_000
const CALL_MILLISECONDS = 60_000

const help = `Usage: nearcast deploy check [--env staging|production] [options]
       nearcast deploy check --live URL [options]

The first form compares wrangler.toml with the account that wrangler speaks for: KV namespaces and their ids, R2
buckets, queues, secrets, zip data, rate limits, cron. Each thing that is lacking comes with the command that mends
it. The account is only read. Run it in the root of the repository.

The second form measures a deployment from outside with some hundreds of predictions, one after the other: the first
answer, whether durations are known there, reads of zip data by distinct prefixes, and what fails. They are counted
like any others.

Options:
  --env NAME                staging or production (default: both)
  --write-ids               puts the ids of namespaces that exist in the place of their placeholders
  --config FILE             (default: wrangler.toml)
  --live URL                the deployment to measure
  --read-token TOKEN        its READ_TOKEN (default: the variable of that name), for what its statistics tell
  --prefixes N              distinct zip prefixes to ask for (default: ${LIVE_PREFIXES})
  --json                    print JSON alone

Exit code 1 while anything is lacking, and when wrangler or the deployment refuses; 2 for bad input.

Example:
  $ npx nearcast deploy check --env staging
`

/** A zip of each of the first `count` prefixes, spread over the country. */
const zipsOf = (seedFile: string, count: number): readonly string[] => {
  const packs = z.array(z.object({ value: z.string() })).parse(JSON.parse(readFileSync(seedFile, 'utf8')))
  const every = Math.max(1, Math.floor(packs.length / count))
  return packs
    .filter((_, index) => index % every === 0)
    .slice(0, count)
    .flatMap(({ value }) => {
      const { zips } = z.object({ zips: z.record(z.string(), z.unknown()) }).parse(JSON.parse(value))
      return Object.keys(zips).slice(0, 1)
    })
}

const checkAccounts = async (
  environments: readonly string[],
  config: string,
  flags: { readonly writeIds: boolean; readonly json: boolean },
): Promise<number> => {
  if (!existsSync(config)) throw new UsageError(`${config} is not here; run this in the root of the repository`)
  const wrangler = installedWrangler(CALL_MILLISECONDS)
  const seedPacks = packsOf(SEED_FILE)
  let lacking = 0
  const code = await unlessRefused('deploy', async () => {
    const checked = []
    for (const environment of environments) {
      const rawConfig = await readConfig(config)
      const writeTo = flags.writeIds ? config : null
      const { wanted, findings } = await checkAccount(wrangler, environment, { rawConfig, writeTo, seedPacks })
      lacking += findings.filter(({ state }) => state === 'missing').length
      checked.push({ environment, worker: wanted.worker, findings })
      if (!flags.json) process.stdout.write(findingsText(wanted, findings))
    }
    if (flags.json) process.stdout.write(`${JSON.stringify(checked)}\n`)
  })
  return lacking > 0 ? 1 : code
}

const checkLive = async (
  address: string,
  flags: { readonly readToken: string | undefined; readonly prefixes: string; readonly json: boolean },
): Promise<number> => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new UsageError(`--live ${address}: no address`)
  const prefixes = Number(flags.prefixes)
  if (!Number.isInteger(prefixes) || prefixes < 1 || prefixes > 900) {
    throw new UsageError(`--prefixes ${flags.prefixes}: expected a whole number from 1 to 900`)
  }
  const report = await measureLive({
    url,
    readToken: flags.readToken,
    zips: zipsOf(SEED_FILE, prefixes),
    settleMilliseconds: SETTLE_MILLISECONDS,
    now: Date.now,
  })
  process.stdout.write(flags.json ? '' : liveText(report))
  process.stdout.write(`${JSON.stringify(report)}\n`)
  return report.memory.answers_that_failed > 0 ? 1 : 0
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      env: { type: 'string' },
      'write-ids': { type: 'boolean', default: false },
      config: { type: 'string', default: 'wrangler.toml' },
      live: { type: 'string' },
      'read-token': { type: 'string' },
      prefixes: { type: 'string', default: String(LIVE_PREFIXES) },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.length !== 1 || positionals[0] !== 'check') {
    throw new UsageError(`${positionals.join(' ')}: expected check; nearcast deploy --help tells more`)
  }
  const { live, env, json } = values
  if (live !== undefined) {
    const readToken = values['read-token'] ?? (process.env.READ_TOKEN || undefined)
    return checkLive(live, { readToken, prefixes: values.prefixes, json })
  }
  if (env !== undefined && !ENVIRONMENTS.some((name) => name === env)) {
    throw new UsageError(`--env ${env}: expected ${ENVIRONMENTS.join(' or ')}`)
  }
  const environments = env === undefined ? ENVIRONMENTS : [env]
  return checkAccounts(environments, values.config, { writeIds: values['write-ids'], json })
}

export const command: Command = { summary: 'tells what a deployment still lacks, and measures one', help, run }
