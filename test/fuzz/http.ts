/** Sends odd requests to the deployed bundle in workerd: `npx node test/fuzz/http.ts [50000 [SEED]]`. */
import { Agent } from 'node:http'
import { residentBytes } from '../../bench/process-stat.ts'
import { seededRandom } from '../../bench/random.ts'
import { CHUNK, makeChunk, readLogs } from './bodies-source.ts'
import { planRequest, TARGETS } from './http-plan.ts'
import { type Ending, send } from './http-send.ts'
import { startFuzzedWorker } from './http-worker.ts'

const AT_ONCE = 8
/** What workerd may hold more in the last tenth than in the first. Locally it is queue, bucket, objects and their data as well. */
const ALLOWED_MEBIBYTES = 512

const count = Number(process.argv[2] ?? 50_000)
const seed = Number(process.argv[3] ?? 1)
const random = seededRandom(seed)
const logs = readLogs()
const { origin, worker, unhandled, stop } = await startFuzzedWorker()
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
const start = performance.now()

const endings = new Map<string, Map<Ending, number>>()
const readings: number[] = []
let slowest = { milliseconds: 0, path: '' }

const note = (route: string, ending: Ending): void => {
  const of = endings.get(route) ?? new Map<Ending, number>()
  endings.set(route, of.set(ending, (of.get(ending) ?? 0) + 1))
}
const isTarget = (path: string): boolean => TARGETS.some((target) => target === path)
const routeOf = (method: string, path: string): string => {
  const [place = ''] = path.split('?', 1)
  return method === 'POST' && isTarget(place) ? place : `${method} of all kinds`
}

for (let chunk = 0; chunk * CHUNK < count; chunk++) {
  const plans = makeChunk(seed, chunk, logs)
    .slice(0, count - chunk * CHUNK)
    .map((body) => planRequest(random, body))
  const next = plans.values()
  const sender = async (): Promise<void> => {
    for (const plan of next) {
      const began = performance.now()
      const ending = await send(agent, origin, plan)
      const milliseconds = performance.now() - began
      if (milliseconds > slowest.milliseconds) slowest = { milliseconds, path: plan.path.slice(0, 60) }
      note(routeOf(plan.method, plan.path), ending)
      if (ending === 500 || ending === 'hang' || ending === 'connection lost') {
        const shown = JSON.stringify(plan.body?.subarray(0, 2_000).toString('latin1') ?? null)
        console.log(`${ending}: ${plan.method} ${plan.path} ${plan.transfer} ${JSON.stringify(plan.headers)} ${shown}`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  if (worker.pid > 0) readings.push(residentBytes(worker.pid) / 2 ** 20)
  if (process.stderr.isTTY) process.stderr.write(`\r${(chunk + 1) * CHUNK} requests`)
}

const after = await fetch(`${origin}/v1/predict`, { method: 'POST', body: '{"createdDateTime":1731880381293}' })
const errors = unhandled()
agent.destroy()
await stop()

for (const [route, of] of [...endings].sort(([a], [b]) => a.localeCompare(b))) {
  const told = [...of]
    .sort(([a], [b]) => String(a).localeCompare(String(b)))
    .map(([ending, times]) => `${ending}: ${times}`)
  console.log(`${route.padEnd(50)} ${told.join(', ')}`)
}
const total = (ending: Ending): number => [...endings.values()].reduce((sum, of) => sum + (of.get(ending) ?? 0), 0)
const tenth = Math.max(1, Math.ceil(readings.length / 10))
const [warm, last] = [Math.max(...readings.slice(0, tenth)), Math.max(...readings.slice(-tenth))]
for (const line of errors.slice(0, 10)) console.log(`not caught in the worker: ${line.slice(0, 500)}`)
console.log(
  `seed ${seed}: ${count} requests in ${((performance.now() - start) / 1000).toFixed(0)} s, ${total(500)} answered with 500, ${total('hang')} hung, ` +
    `${total('connection lost')} lost, ${errors.length} errors not caught; slowest ${slowest.milliseconds.toFixed(0)} ms (${slowest.path}); ` +
    `workerd ${warm.toFixed(0)} MiB in the first tenth, ${last.toFixed(0)} in the last; a prediction afterwards: ${after.status}`,
)
const isSound = total(500) + total('hang') + total('connection lost') + errors.length === 0
if (!isSound || after.status !== 200 || last - warm > ALLOWED_MEBIBYTES) process.exitCode = 1
