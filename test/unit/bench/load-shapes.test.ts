import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../../bench/connection.ts'
import { closedLoop, fixedRate } from '../../../bench/load-shapes.ts'

/** The shapes pass connections on and ask nothing of them. */
const connections = (count: number): Connection[] => Array.from({ length: count }, () => ({}) as Connection)

describe('a closed loop', () => {
  it('keeps one request under way on each connection', async () => {
    const busy = new Set<Connection>()
    let most = 0
    const { latencies } = await closedLoop(
      connections(4),
      async (connection) => {
        expect(busy.has(connection)).toBe(false)
        busy.add(connection)
        most = Math.max(most, busy.size)
        await setTimeout(5)
        busy.delete(connection)
      },
      100,
    )
    expect(most).toBe(4)
    expect(latencies.length).toBeGreaterThanOrEqual(8)
    expect(Math.min(...latencies)).toBeGreaterThan(3)
  })
})

describe('a fixed rate', () => {
  it('sends as many requests as the time holds, whatever the answers do', async () => {
    const { latencies, lags } = await fixedRate(connections(8), () => Promise.resolve(), 200, 100)
    expect(latencies.length).toBe(20)
    expect(lags.length).toBe(20)
  })

  it('counts the wait of requests that were due while a stall held every connection', async () => {
    let sent = 0
    const { latencies, lags } = await fixedRate(
      connections(1),
      () => (sent++ === 0 ? setTimeout(200, undefined) : Promise.resolve()),
      300,
      100,
    )
    expect(latencies.length).toBe(30)
    // Due at 10, 20, … 190 ms and sent at 200 ms: some twenty waits, the longest about 190 ms.
    expect(latencies.filter((latency) => latency > 45).length).toBeGreaterThanOrEqual(14)
    expect(Math.max(...latencies)).toBeGreaterThan(150)
    // The load process was not late itself: those are not counted against it.
    expect(lags.length).toBeLessThan(15)
  })
})
