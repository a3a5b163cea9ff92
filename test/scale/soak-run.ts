/** One soak from start to end: a worker, its load, readings meanwhile, and what is read back of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle } from '../../bench/bundle.ts'
import { type BenchModel, servedModel } from '../../bench/model.ts'
import { publishTwin } from '../../bench/twin-version.ts'
import { type RunningWorker, SECRETS, type WorkerHost } from '../../bench/worker.ts'
import { clientOf, type Deployment } from '../../src/cli/release/admin-client.ts'
import { LAG_PATH, type Lag, SOAK_VARIABLES } from './soak-census.ts'
import { Inspectors } from './soak-inspector.ts'
import { type Account, Ledger, settle } from './soak-ledger.ts'
import { type LoadTally, type RunningLoad, startLoad } from './soak-load-process.ts'
import { TEND_SECONDS } from './soak-measures.ts'
import { readBack } from './soak-read-back.ts'
import { type Reading, takeReading } from './soak-reading.ts'

export interface SoakParts {
  readonly host: WorkerHost
  readonly bundle: Bundle
  readonly seconds: number
  readonly seed: number
  readonly connections: number
  readonly say: (line: string) => unknown
}

export interface Soaked {
  readonly seconds: number
  readonly seed: number
  readonly readings: readonly Reading[]
  /** Of the whole run. */
  readonly tally: LoadTally
  readonly account: Account
  /** Objects of the archive in the end, and lines in them. */
  readonly objects: number
  readonly lines: number
  readonly parked: number
  /** Until the queue was empty after the last request. */
  readonly drainedSeconds: number
  /** What was wrong of answers, of the cron trigger and of the log, in words; the first few. */
  readonly faults: readonly string[]
  /** Runs of the cron trigger that failed. */
  readonly failedTends: number
  readonly tends: number
  /** Release commands that were refused. */
  readonly failedCommands: number
  /** Changes of the release that a rule made: the twin is the same model, so none has a cause. */
  readonly ruleChanges: number
  /** Lines of the log that tell of an error nobody foresaw. */
  readonly unforeseen: number
}

const TWIN = '1.1.0-soak'
const READING_SECONDS = 5
const COMMAND_SECONDS = 10
const DRAIN_SECONDS = 180
const FAULTS_KEPT = 20
/** As test/fuzz/http-worker.ts has it. */
const UNFORESEEN =
  /uncaught|unhandled|\b(Type|Range|Reference|Syntax)Error\b|cannot read propert|is not a function|\bfailed: (?!Failure\b)/i

/** In turn: versions come and go, and with them their sessions. */
const commandsFor = (stable: string): readonly object[] => [
  { command: 'canary', version: TWIN, share: 0.2 },
  { command: 'rollback', reason: 'the soak goes on' },
  { command: 'shadow', version: TWIN },
  { command: 'shadow', version: null },
  { command: 'switch', version: TWIN },
  { command: 'switch', version: stable },
]

/** Runs `work` every so many seconds until `stop`, one after the other. */
const every = (seconds: number, work: () => Promise<void>): { stop(): Promise<void> } => {
  let isOver = false
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    while (!isOver) {
      await sleep(seconds * 1_000, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!isOver) await work()
    }
  }
  const running = run()
  running.catch(() => undefined)
  return {
    stop: () => {
      isOver = true
      stopping.abort()
      return running
    },
  }
}

const lagOf = async ({ port }: RunningWorker): Promise<Lag> =>
  (await (await fetch(`http://127.0.0.1:${port}${LAG_PATH}`)).json()) as Lag

/** Waits until every message is worked off. Returns the seconds; throws when it takes too long. */
const drain = async (worker: RunningWorker): Promise<number> => {
  const start = performance.now()
  for (;;) {
    const { sent, done } = await lagOf(worker)
    const seconds = (performance.now() - start) / 1_000
    if (done >= sent) return seconds
    if (seconds > DRAIN_SECONDS) throw new Error(`${sent - done} messages wait after ${DRAIN_SECONDS} s`)
    await sleep(500)
  }
}

export const runSoak = async (parts: SoakParts): Promise<Soaked> => {
  const { host, bundle, seconds, seed, connections, say } = parts
  const faults: string[] = []
  const fault = (what: string): void => {
    if (faults.length < FAULTS_KEPT) faults.push(what.slice(0, 500))
  }
  let unforeseen = 0
  const takeLog = ({ level, message }: { readonly level: string; readonly message: string }): void => {
    if (!UNFORESEEN.test(message)) return
    unforeseen++
    fault(`log, ${level}: ${message}`)
  }
  const worker = await host.start(bundle, 'product', { takeLog, variables: SOAK_VARIABLES, isInspected: true })
  let load: RunningLoad | undefined
  try {
    await (await fetch(`http://127.0.0.1:${worker.port}/readyz`)).text()
    const inspectors = await Inspectors.open(await worker.miniflare.getInspectorURL())
    const model: BenchModel = await servedModel(worker.port)
    const deployment: Deployment = { url: new URL(`http://127.0.0.1:${worker.port}`), token: SECRETS.ADMIN_TOKEN }
    await publishTwin(deployment, model, TWIN)
    const tokens = { admin: SECRETS.ADMIN_TOKEN, read: SECRETS.READ_TOKEN, write: SECRETS.WRITE_TOKEN }
    const begin = performance.now()
    const running = startLoad({
      ...{ port: worker.port, seed, connections, seconds, tokens },
      ...{ model: model.name, version: model.version },
    })
    load = running

    const readings: Reading[] = []
    const commands = commandsFor(model.version)
    let commanded = 0
    let failedCommands = 0
    const reading = every(READING_SECONDS, async () => {
      const { tally } = running
      const now = (performance.now() - begin) / 1_000
      // Before the load has begun and after its end there is nothing to see of it.
      if (tally === null || now > seconds) return
      const taken = await takeReading({ worker, inspectors, seconds: now, tally, commands: commanded })
      readings.push(taken)
      const { sent, done } = taken.census
      say(`${now.toFixed(0)} s: ${tally.requests} requests, ${tally.accepted} events, ${sent - done} messages wait`)
    })
    const commanding = every(COMMAND_SECONDS, async () => {
      const body = JSON.stringify({ ...commands[commanded++ % commands.length], by: 'soak' })
      const client = clientOf(deployment)
      const path = { model: model.name }
      await client.post('/admin/models/{model}/release', { path, body }).catch(async (error: unknown) => {
        failedCommands++
        // What happened last says why: a rule may have ended the canary.
        const before = await client.get('/admin/models/{model}/release', { path, query: { limit: 1 } }).catch(String)
        fault(`release: ${body}: ${String(error)}; it was ${JSON.stringify(before)}`)
      })
    })
    let tends = 0
    let failedTends = 0
    const handler = await worker.miniflare.getWorker()
    const tend = async (): Promise<void> => {
      tends++
      const { outcome } = await handler.scheduled({ cron: '* * * * *' })
      if (outcome === 'ok') return
      failedTends++
      fault(`the cron trigger ended ${outcome}`)
    }
    const tending = every(TEND_SECONDS, tend)

    const end = await running.end
    await Promise.all([reading.stop(), commanding.stop(), tending.stop()])
    const drainedSeconds = await drain(worker)
    inspectors.close()
    const { history } = await clientOf(deployment).get('/admin/models/{model}/release', {
      path: { model: model.name },
      query: { limit: 200 },
    })
    const byRules = history.filter(({ by }) => by.kind === 'rule')
    for (const change of byRules) fault(`a rule changed the release: ${JSON.stringify(change)}`)
    for (const one of end.faults) fault(one)
    const promised = new Map(end.letters)
    const found = await readBack({
      miniflare: worker.miniflare,
      origin: `http://127.0.0.1:${worker.port}`,
      adminToken: SECRETS.ADMIN_TOKEN,
      promised,
    })
    const { tally } = end
    const account = settle(new Ledger(end.codes), promised, found)
    const { objects, lines, parked } = found
    return {
      seconds,
      seed,
      readings,
      tally,
      account,
      objects,
      lines,
      parked,
      drainedSeconds,
      faults,
      failedTends,
      tends,
      failedCommands,
      ruleChanges: byRules.length,
      unforeseen,
    }
  } finally {
    load?.stop()
    await worker.stop()
  }
}
