/**
 * Mixed traffic on one worker for a long time, on the real local bindings: `npm run soak [-- --minutes 20] [--seed 1] [--connections 6]
 * [--save FILE]`. Fails when memory or storage grows, when an event is missing or double, at a 500 and at a request that hangs.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { deployedBundle } from '../../bench/bundle.ts'
import { createWorkerHost } from '../../bench/worker.ts'
import { readPacks } from './soak-events.ts'
import { renderFaults, renderMinutes, renderVerdicts } from './soak-report.ts'
import { runSoak } from './soak-run.ts'
import { judge } from './soak-verdicts.ts'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    connections: { type: 'string', default: '6' },
    save: { type: 'string' },
  },
})
const numberOf = (name: 'minutes' | 'seed' | 'connections', least: number): number => {
  const value = Number(options[name])
  if (!(value >= least)) throw new Error(`--${name} is ${options[name]}, expected a number from ${least}`)
  return value
}
const minutes = numberOf('minutes', 1)
const seed = numberOf('seed', 0)
const connections = numberOf('connections', 1)
const say = (line: string): boolean => process.stderr.write(`soak: ${line}\n`)

say('bundling the worker')
const bundle = deployedBundle('test/scale/soak-worker.ts')
const host = createWorkerHost()
try {
  await host.seed(readPacks())
  const soaked = await runSoak({ host, bundle, seconds: minutes * 60, seed, connections, say })
  if (options.save !== undefined) writeFileSync(options.save, `${JSON.stringify(soaked)}\n`)
  const verdicts = judge(soaked)
  process.stdout.write(
    `${[renderMinutes(soaked), renderFaults(soaked), renderVerdicts(verdicts)].filter((part) => part !== '').join('\n\n')}\n`,
  )
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = 1
} finally {
  host.remove()
}
