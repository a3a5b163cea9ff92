/** The load process: carries out one order after the other, so that its own code is warm for all but the first. */
import { Connection, postRequest } from './connection.ts'
import type { LoadAnswer, LoadOrder, LoadReport } from './load-plan.ts'
import { closedLoop, fixedRate, type Send } from './load-shapes.ts'
import { canReadProcesses, cpuMilliseconds } from './process-stat.ts'
import { ROOT } from './root.ts'
import { quantileOf } from './summary.ts'
import { faultOf, makeTraffic, versionOf } from './traffic.ts'

/** Far more than are in use at once unless the target stalls. */
const FIXED_RATE_CONNECTIONS = 64

const { events } = makeTraffic(ROOT)
const requests = events.map((event) => postRequest('/v1/predict', event))
let next = 0

const carryOut = async ({ port, service, shape, seconds, pid }: LoadOrder): Promise<LoadReport> => {
  const count = 'connections' in shape ? shape.connections : FIXED_RATE_CONNECTIONS
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(port)))
  let failures = 0
  let fault: string | undefined
  const versions: Record<string, number> = {}
  const send: Send = async (connection) => {
    const number = next++ % events.length
    try {
      const { status, body } = await connection.exchange(requests[number])
      const found = faultOf(service, events[number], status, body)
      if (found === undefined) {
        const version = versionOf(body)
        if (version !== undefined) versions[version] = (versions[version] ?? 0) + 1
        return
      }
      failures++
      fault ??= found
    } catch (error) {
      failures++
      fault ??= String(error)
    }
  }
  const own = process.cpuUsage()
  const cpu = canReadProcesses ? cpuMilliseconds(pid) : 0
  const start = performance.now()
  const { latencies, lags } =
    'connections' in shape
      ? await closedLoop(connections, send, seconds * 1_000)
      : await fixedRate(connections, send, seconds * 1_000, shape.perSecond)
  const milliseconds = performance.now() - start
  const spent = canReadProcesses ? cpuMilliseconds(pid) - cpu : null
  const { user, system } = process.cpuUsage(own)
  for (const connection of connections) connection.close()
  return {
    requests: latencies.length,
    failures,
    fault,
    perSecond: (latencies.length * 1_000) / milliseconds,
    p50Milliseconds: quantileOf(latencies, 0.5),
    p90Milliseconds: quantileOf(latencies, 0.9),
    p99Milliseconds: quantileOf(latencies, 0.99),
    versions,
    cpuMicroseconds: spent === null ? null : (spent * 1_000) / latencies.length,
    generatorShare: (user + system) / 1_000 / milliseconds,
    generatorLagMilliseconds: lags.length === 0 ? 0 : quantileOf(lags, 0.99),
  }
}

const answer = (message: LoadAnswer): void => void process.send?.(message)

process.on('message', (order: LoadOrder) => {
  carryOut(order).then(
    (report) => answer({ report }),
    (error: unknown) => answer({ error: String(error) }),
  )
})
