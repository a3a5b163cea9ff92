/**
 * Tells what the statistics cost: CPU time of workerd for 100,000 requests, as deployed and with `OBSERVE=off`, in interleaved pairs whose order alternates.
 * `node bench/observe.ts [--seconds N] [--pairs N] [--write]`: seconds of each run; `--write` updates bench/observe.json and its page.
 */
import { parseArgs } from 'node:util'
import { deployedBundle } from './bundle.ts'
import { startLoadProcess } from './load-process.ts'
import { describeMachine, describeVersions } from './machine.ts'
import { renderObserve, writeObserveResults } from './observe-results.ts'
import { ROOT } from './root.ts'
import { roundedSpread } from './summary.ts'
import { makeTraffic } from './traffic.ts'
import { createWorkerHost, type RunningWorker } from './worker.ts'

const DEFAULT_SECONDS = '20'
const DEFAULT_PAIRS = '5'
const WARM_UP_SECONDS = 10
const REQUESTS = 100_000

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: DEFAULT_SECONDS },
    pairs: { type: 'string', default: DEFAULT_PAIRS },
    write: { type: 'boolean', default: false },
  },
})
const [seconds, pairs] = [Number(options.seconds), Number(options.pairs)]
if (!(seconds > 0)) throw new Error(`--seconds is ${options.seconds}, expected more than 0`)
if (!Number.isInteger(pairs) || pairs < 1)
  throw new Error(`--pairs is ${options.pairs}, expected a whole number from 1`)
const say = (line: string): boolean => process.stderr.write(`bench: ${line}\n`)

const host = createWorkerHost()
const load = startLoadProcess()
const workers: RunningWorker[] = []

/** CPU seconds for 100,000 requests. */
const measure = async ({ port, pid }: RunningWorker, forSeconds: number): Promise<number> => {
  const shape = { connections: 32 }
  const report = await load.run({ port, pid, service: 'predict', shape, seconds: forSeconds })
  if (report.failures > 0) throw new Error(`${report.failures} requests failed; the first: ${report.fault}`)
  if (report.cpuMicroseconds === null) throw new Error('the CPU time of a process cannot be read on this system')
  return (report.cpuMicroseconds * REQUESTS) / 1e6
}

try {
  await host.seed(makeTraffic(ROOT).packs)
  say('bundling')
  const bundle = deployedBundle()
  const on = await host.start(bundle, 'product')
  workers.push(on)
  const off = await host.start(bundle, 'product', { variables: { OBSERVE: 'off' } })
  workers.push(off)
  say('warming up')
  for (const worker of workers) {
    // The first answers may wait for KV longer than a prediction has.
    await load.run({ port: worker.port, pid: worker.pid, service: 'predict', shape: { connections: 32 }, seconds: 2 })
    await measure(worker, WARM_UP_SECONDS)
  }
  const measured: { readonly on: number; readonly off: number }[] = []
  for (let pair = 0; pair < pairs; pair++) {
    say(`pair ${pair + 1} of ${pairs}`)
    const isOnFirst = pair % 2 === 0
    const first = await measure(isOnFirst ? on : off, seconds)
    const second = await measure(isOnFirst ? off : on, seconds)
    measured.push(isOnFirst ? { on: first, off: second } : { on: second, off: first })
  }
  const results = {
    command: `npx node bench/observe.ts${seconds === Number(DEFAULT_SECONDS) ? '' : ` --seconds ${seconds}`} --write`,
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: describeVersions(),
    ...{ pairs, seconds },
    on: roundedSpread(
      measured.map((pair) => pair.on),
      2,
    ),
    off: roundedSpread(
      measured.map((pair) => pair.off),
      2,
    ),
    ratio: roundedSpread(
      measured.map((pair) => pair.on / pair.off),
      3,
    ),
  }
  console.log(renderObserve(results))
  if (options.write) writeObserveResults(results)
} finally {
  load.stop()
  for (const worker of workers) await worker.stop()
  host.remove()
}
