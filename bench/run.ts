/** `npm run bench`: measures everything and prints it; `-- --write` also writes bench/results.json and the pages; `-- --quick` is a smoke run. */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { bareBundle, deployedBundle, lazyVariant, sizeOf } from './bundle.ts'
import { writeCost } from './cost.ts'
import { writeFigures } from './figures.ts'
import { measureStarts, type Start } from './first-request.ts'
import { startLoadProcess } from './load-process.ts'
import { describeMachine, describeVersions } from './machine.ts'
import { servedModel } from './model.ts'
import { installPeers, startPeer } from './python.ts'
import { printReport } from './report.ts'
import { type Results, writeResults } from './results.ts'
import { ROOT } from './root.ts'
import { measureStages } from './stages.ts'
import { measureStartupCpu } from './startup-cpu.ts'
import { measureThroughput, type Target, type ThroughputPlan } from './throughput.ts'
import { makeTraffic } from './traffic.ts'
import { createWorkerHost } from './worker.ts'

const FULL: ThroughputPlan = { rounds: 5, closedSeconds: 3, fixedSeconds: 8, warmUpSeconds: 12 }
const QUICK: ThroughputPlan = { rounds: 2, closedSeconds: 1, fixedSeconds: 2, warmUpSeconds: 4 }

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
})
if (options.quick && options.write) throw new Error('the figures of a quick run are not for writing down')

const plan = options.quick ? QUICK : FULL
/** Runnable processes, mean of the last minute: more than this and something else wants the cores. */
const QUIET_LOAD = 0.5
const startsEach = options.quick ? 2 : 7
const say = (line: string): boolean => process.stderr.write(`bench: ${line}\n`)

/** What has to be stopped, whatever happens, last first. */
const cleanUps: (() => void | Promise<void>)[] = []

const measure = async (): Promise<Results> => {
  const [busy = 0] = loadavg()
  if (busy > QUIET_LOAD) say(`the machine is not quiet (load ${busy.toFixed(1)}): expect wide ranges`)
  say('bundling')
  const bundle = deployedBundle()
  const bare = bareBundle()
  const { events, packs } = makeTraffic(ROOT)
  const host = createWorkerHost()
  cleanUps.push(() => host.remove())
  await host.seed(packs)

  const starts: Start[] = [
    { name: 'eager', bundle, kind: 'product', service: 'predict' },
    { name: 'lazy', bundle: lazyVariant(bundle), kind: 'product', service: 'predict' },
    { name: 'bare', bundle: bare, kind: 'bare', service: 'echo' },
  ]
  say(`starting each of ${starts.length} Workers ${startsEach} times`)
  const startResults = await measureStarts(host, starts, startsEach, events[0])
  say('profiling the start')
  const startup = measureStartupCpu()

  const nearcast = await host.start(bundle, 'product')
  cleanUps.push(() => nearcast.stop())
  const echo = await host.start(bare, 'bare')
  cleanUps.push(() => echo.stop())
  const model = await servedModel(nearcast.port)
  say('timing the stages in Node')
  const stages = measureStages(model.folder)

  const targets: Target[] = [
    { name: 'nearcast', service: 'predict', port: nearcast.port, pid: nearcast.pid },
    { name: 'bare', service: 'echo', port: echo.port, pid: echo.pid },
  ]
  const python = options.quick ? { skipped: 'a quick run' } : installPeers()
  if ('skipped' in python) say(`Python peers skipped: ${python.skipped}`)
  else {
    for (const [name, app] of [
      ['onnxruntime', 'app_onnx'],
      ['scikit-learn', 'app_sklearn'],
    ] as const) {
      say(`starting FastAPI + ${name}`)
      const peer = await startPeer(app, model)
      cleanUps.push(() => peer.stop())
      targets.push({ name, service: 'predict', port: peer.port, pid: peer.pid })
    }
  }
  const load = startLoadProcess()
  cleanUps.push(() => load.stop())
  const shapes = await measureThroughput(load, targets, plan, say)

  const { name, version, bytes, trees, leaves } = model
  return {
    command: 'npm run bench -- --write',
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: { ...describeVersions(), ...('version' in python ? { python: python.version } : {}) },
    model: { name, version, bytes, trees, leaves },
    plan,
    shapes,
    peersSkipped: 'skipped' in python ? python.skipped : null,
    stages,
    starts: startResults,
    startsEach,
    startup,
    bundle: sizeOf(bundle),
  }
}

const cleanUp = async (): Promise<void> => {
  for (let next = cleanUps.pop(); next !== undefined; next = cleanUps.pop()) await next()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)))
}

try {
  const results = await measure()
  printReport(results)
  if (options.write) {
    writeResults(results)
    writeFigures(results)
    writeCost(results)
  }
} finally {
  await cleanUp()
}
