/**
 * Loads the Worker at a fixed rate, first steady, then while its model is switched back and forth between two versions; fails when a
 * request does. `node bench/switch.ts [--seconds N] [--write]`: seconds of each stretch; `--write` updates bench/switch.json and its page.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Deployment } from '../src/cli/release/admin-client.ts'
import { deployedBundle } from './bundle.ts'
import type { LoadReport, LoadShape } from './load-plan.ts'
import { type LoadProcess, startLoadProcess } from './load-process.ts'
import { describeMachine, describeVersions } from './machine.ts'
import { type BenchModel, servedModel } from './model.ts'
import { ROOT } from './root.ts'
import { roundedSpread, type Spread } from './summary.ts'
import { type LoadFigures, renderSwitch, type SwitchResults, writeSwitchResults } from './switch-results.ts'
import { makeTraffic } from './traffic.ts'
import { publishTwin, switchTo } from './twin-version.ts'
import { createWorkerHost, type RunningWorker, SECRETS } from './worker.ts'

const TWIN = '1.1.0-bench'
const RATE = 300
const ROUNDS = 5
const SWITCH_SECONDS = 2
const WARM_UP_SECONDS = 10
const DEFAULT_SECONDS = '10'
/** Until every isolate has heard of the last switch. */
const SETTLE_MILLISECONDS = 2_000

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: DEFAULT_SECONDS }, write: { type: 'boolean', default: false } },
})
const seconds = Number(options.seconds)
if (!(seconds > SWITCH_SECONDS))
  throw new Error(`--seconds is ${options.seconds}, expected more than ${SWITCH_SECONDS}`)
const say = (line: string): boolean => process.stderr.write(`bench: ${line}\n`)

interface Round {
  readonly steady: LoadReport
  readonly switching: LoadReport
}

class SwitchBench {
  switches = 0
  #stable: string
  readonly #deployment: Deployment
  readonly #load: LoadProcess
  readonly #worker: RunningWorker
  readonly #model: BenchModel

  constructor(load: LoadProcess, worker: RunningWorker, model: BenchModel) {
    this.#load = load
    this.#worker = worker
    this.#model = model
    this.#stable = model.version
    this.#deployment = { url: new URL(`http://127.0.0.1:${worker.port}`), token: SECRETS.ADMIN_TOKEN }
  }

  /** Both versions are published and have answered, and all code is compiled. Throws when the first switches failed a request. */
  async prepare(): Promise<void> {
    await publishTwin(this.#deployment, this.#model, TWIN)
    await this.#run({ connections: 32 }, WARM_UP_SECONDS / 2)
    const { failures, fault } = await this.#whileSwitching(this.#run({ perSecond: RATE }, WARM_UP_SECONDS / 2))
    if (fault !== undefined) throw new Error(`the first switches failed ${failures} requests; the first: ${fault}`)
    this.switches = 0
  }

  async round(): Promise<Round> {
    const steady = await this.#run({ perSecond: RATE }, seconds)
    const switching = await this.#whileSwitching(this.#run({ perSecond: RATE }, seconds))
    return { steady, switching }
  }

  #run(shape: LoadShape, seconds: number): Promise<LoadReport> {
    const { port, pid } = this.#worker
    return this.#load.run({ port, pid, service: 'predict', shape, seconds })
  }

  /** Switches every two seconds until `run` has ended; whichever version is stable then stays. */
  async #whileSwitching(run: Promise<LoadReport>): Promise<LoadReport> {
    let ended = false
    const ending = run.finally(() => {
      ended = true
    })
    const tick = () => Promise.race([ending, sleep(SWITCH_SECONDS * 1_000)])
    for (await tick(); !ended; await tick()) {
      this.#stable = this.#stable === TWIN ? this.#model.version : TWIN
      await switchTo(this.#deployment, this.#model.name, this.#stable)
      this.switches++
    }
    await sleep(SETTLE_MILLISECONDS)
    return ending
  }
}

const versionsOf = (reports: readonly LoadReport[]): Record<string, number> => {
  const sum: Record<string, number> = {}
  for (const { versions } of reports)
    for (const [version, answers] of Object.entries(versions)) sum[version] = (sum[version] ?? 0) + answers
  return sum
}

type Quantile = 'p50Milliseconds' | 'p90Milliseconds' | 'p99Milliseconds'

const figuresOf = (reports: readonly LoadReport[]): LoadFigures => {
  const spread = (quantile: Quantile): Spread =>
    roundedSpread(
      reports.map((report) => report[quantile]),
      3,
    )
  return {
    requests: reports.reduce((sum, { requests }) => sum + requests, 0),
    failures: reports.reduce((sum, { failures }) => sum + failures, 0),
    p50Milliseconds: spread('p50Milliseconds'),
    p90Milliseconds: spread('p90Milliseconds'),
    p99Milliseconds: spread('p99Milliseconds'),
    versions: versionsOf(reports),
  }
}

const summarise = (rounds: readonly Round[], switches: number, { name, version }: BenchModel): SwitchResults => {
  const ratio = (quantile: Quantile): Spread =>
    roundedSpread(
      rounds.map(({ steady, switching }) => switching[quantile] / steady[quantile]),
      2,
    )
  const lags = rounds.flatMap(({ steady, switching }) => [steady, switching]).map((r) => r.generatorLagMilliseconds)
  return {
    command: `npx node bench/switch.ts${seconds === Number(DEFAULT_SECONDS) ? '' : ` --seconds ${seconds}`} --write`,
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: describeVersions(),
    model: `${name} ${version} and the same graph as ${TWIN}`,
    requestsPerSecond: RATE,
    seconds,
    rounds: rounds.length,
    switchEverySeconds: SWITCH_SECONDS,
    switches,
    steady: figuresOf(rounds.map(({ steady }) => steady)),
    switching: figuresOf(rounds.map(({ switching }) => switching)),
    ratios: { p50: ratio('p50Milliseconds'), p90: ratio('p90Milliseconds'), p99: ratio('p99Milliseconds') },
    generatorLagMilliseconds: roundedSpread(lags, 3).median,
  }
}

/** The first fault of any request, `undefined` where there was none. */
const faultIn = (rounds: readonly Round[]): string | undefined =>
  rounds.flatMap(({ steady, switching }) => [steady.fault, switching.fault]).find((fault) => fault !== undefined)

const host = createWorkerHost()
const load = startLoadProcess()
let worker: RunningWorker | undefined
try {
  await host.seed(makeTraffic(ROOT).packs)
  say('bundling')
  worker = await host.start(deployedBundle(), 'product')
  const model = await servedModel(worker.port)
  const bench = new SwitchBench(load, worker, model)
  say('publishing, warming up')
  await bench.prepare()
  const rounds: Round[] = []
  while (rounds.length < ROUNDS) {
    say(`round ${rounds.length + 1} of ${ROUNDS}`)
    rounds.push(await bench.round())
  }
  const results = summarise(rounds, bench.switches, model)
  console.log(renderSwitch(results))
  const fault = faultIn(rounds)
  if (fault !== undefined) {
    say(`requests failed; the first: ${fault}`)
    process.exitCode = 1
  } else if (options.write) {
    writeSwitchResults(results)
  }
} finally {
  load.stop()
  await worker?.stop()
  host.remove()
}
