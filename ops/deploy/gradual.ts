/**
 * Deploys the code as it lies here to production step by step: 0, 10, 50, 100 %, and back at a breach.
 * `node ops/deploy/gradual.ts --env production --url URL`; READ_TOKEN is read from the environment. Exit code 0: it has all traffic; 1: it was
 * refused, or rolled back; 3: the rollback failed.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { UsageError } from '../../src/cli/command.ts'
import { installedWrangler } from '../../src/cli/deploy/wrangler.ts'
import { DEFAULT_SETTINGS } from './judge.ts'
import { rollOut } from './rollout.ts'
import { buildTag, finish, ownState, ROLLOUT_FILE, readAddress, readReady, readVariable } from './setting.ts'
import { workerView } from './worker.ts'

const seconds = (text: string, name: string): number => {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value * 1_000
  throw new UsageError(`--${name} ${text}: expected seconds`)
}

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      env: { type: 'string', default: 'production' },
      url: { type: 'string' },
      config: { type: 'string' },
      memory: { type: 'string', default: ROLLOUT_FILE },
      'bake-seconds': { type: 'string', default: String(DEFAULT_SETTINGS.bakeMilliseconds / 1_000) },
      'patience-seconds': { type: 'string', default: String(DEFAULT_SETTINGS.patienceMilliseconds / 1_000) },
      'poll-seconds': { type: 'string', default: '15' },
      'spread-seconds': { type: 'string', default: '60' },
      'minimum-events': { type: 'string', default: String(DEFAULT_SETTINGS.minimumEvents) },
      budget: { type: 'string', default: String(DEFAULT_SETTINGS.budget) },
    },
  })
  const url = readAddress(values.url, '--url')
  const budget = Number(values.budget)
  const minimumEvents = Number(values['minimum-events'])
  if (!(budget >= 0 && budget < 1)) throw new UsageError(`--budget ${values.budget}: expected a share in [0, 1)`)
  if (!Number.isInteger(minimumEvents)) throw new UsageError('--minimum-events: expected a whole number')
  const wanted = await readReady(values.env, values.config)
  const start = performance.now()
  const say = (text: string): void =>
    console.log(`${((performance.now() - start) / 1_000).toFixed(0).padStart(5)} s  ${text}`)
  const end = await rollOut(
    {
      wrangler: installedWrangler(),
      worker: workerView({ url, worker: wanted.worker, readToken: readVariable('READ_TOKEN'), probes: 20 }),
      now: () => performance.now(),
      pause: (milliseconds) => sleep(milliseconds),
      say,
      remember: (rollout) => {
        mkdirSync(dirname(values.memory), { recursive: true })
        writeFileSync(values.memory, JSON.stringify({ ...rollout, environment: values.env }))
      },
    },
    {
      environment: values.env,
      tag: buildTag(),
      state: await ownState(wanted),
      steps: [10, 50, 100],
      pollMilliseconds: seconds(values['poll-seconds'], 'poll-seconds'),
      spreadMilliseconds: seconds(values['spread-seconds'], 'spread-seconds'),
      settings: {
        budget,
        minimumEvents,
        bakeMilliseconds: seconds(values['bake-seconds'], 'bake-seconds'),
        patienceMilliseconds: seconds(values['patience-seconds'], 'patience-seconds'),
      },
    },
  )
  if (end.kind === 'done') {
    say(`${end.version} has all traffic`)
    return 0
  }
  if (end.kind === 'rolled back') {
    say(`rolled back: ${end.reason}`)
    return 1
  }
  say(`THE ROLLBACK FAILED after: ${end.reason}. Do it now:\n  $ ${end.mend}`)
  return 3
}

finish(run())
