/** Sends many requests of 1,000 events to one isolate and tells what memory workerd holds meanwhile; fails when it keeps growing. */
import { parseArgs } from 'node:util'
import { deployedBundle } from './bundle.ts'
import { residentBytes } from './process-stat.ts'
import { ROOT } from './root.ts'
import { makeTraffic } from './traffic.ts'
import { createWorkerHost } from './worker.ts'

const EVENTS = 1_000
const READINGS = 20
/** Readings that count as warm-up: V8 grows its heap to what it finds comfortable first. */
const WARM_UP = 5
/** What the later readings may exceed the warm-up's highest by; a leak of one answer a request would be gigabytes. */
const ALLOWED_MEGABYTES = 64

const { values } = parseArgs({ options: { requests: { type: 'string', default: '10000' } } })
const requests = Number(values.requests)
const { events, packs } = makeTraffic(ROOT)
const body = `[${events.slice(0, EVENTS).join()}]`

const host = createWorkerHost()
try {
  await host.seed(packs)
  const worker = await host.start(deployedBundle(), 'product')
  const send = async (): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${worker.port}/v1/predict`, { method: 'POST', body })
    const { predictions } = (await response.json()) as { predictions: { outputs?: object }[] }
    const answered = predictions.filter(({ outputs }) => outputs !== undefined).length
    if (response.status !== 200 || answered !== EVENTS)
      throw new Error(`${response.status} with ${answered} predictions`)
  }
  const readings: number[] = []
  for (let reading = 0; reading < READINGS; reading++) {
    for (let sent = 0; sent < requests / READINGS; sent++) await send()
    readings.push(residentBytes(worker.pid) / 2 ** 20)
    console.log(`${Math.round(((reading + 1) * requests) / READINGS)} requests: ${readings.at(-1)?.toFixed(0)} MiB`)
  }
  const warm = Math.max(...readings.slice(0, WARM_UP))
  const late = Math.max(...readings.slice(WARM_UP))
  const bounded = late - warm <= ALLOWED_MEGABYTES
  console.log(
    `${bounded ? 'bounded' : 'GROWING'}: at most ${warm.toFixed(0)} MiB in warm-up, ${late.toFixed(0)} MiB later`,
  )
  await worker.stop()
  if (!bounded) process.exitCode = 1
} finally {
  host.remove()
}
