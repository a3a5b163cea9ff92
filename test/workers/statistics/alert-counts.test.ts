/** What the statistics objects tell the alerts: on their real storage, over minutes, hours and days, with the date in the test's hand. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AlertAggregators, alertCountsReader } from '../../../src/adapters/alert-counts.ts'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { ALERT_WINDOWS } from '../../../src/core/alerts/rules.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }
/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2041, 4, 6, 15, 45)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

const eventsOf = async (shard: DurableObjectStub<StatsAggregator>, now: number): Promise<number[]> => {
  const { windows } = await shard.alertCounts(now)
  return ALERT_WINDOWS.map((window) => windows[window].events)
}

describe('the counts for alerts', () => {
  it('hold in each window what came in it, also once minutes have become hours and days', async () => {
    const shard = STATS_AGGREGATOR.getByName(crypto.randomUUID())
    const moments = [0, 2 * HOUR, 30 * HOUR, 48 * HOUR, 71 * HOUR, 71 * HOUR + 40 * MINUTE, 72 * HOUR - 2 * MINUTE]
    for (const [index, after] of moments.entries()) {
      vi.setSystemTime(START + after)
      await runDurableObjectAlarm(shard)
      await shard.apply(deltaOf('a', index + 1, 10 ** index, START + after))
    }
    const now = START + 3 * DAY
    vi.setSystemTime(now)
    // 5m, 10m, 15m, 30m, 1h, 6h, 1d, 3d: the last three begin at a whole hour.
    const expected = [1e6, 1e6, 1e6, 1.1e6, 1.11e6, 1.11e6, 1.111e6, 1_111_111]
    expect(await eventsOf(shard, now)).toEqual(expected)
    expect(await eventsOf(shard, now)).toEqual(expected)
    await runDurableObjectAlarm(shard)
    expect(await eventsOf(shard, now)).toEqual(expected)
    expect((await shard.alertCounts(now)).models).toEqual(['late-arrival'])
  })

  it('show what comes late for a minute that was asked for before', async () => {
    const shard = STATS_AGGREGATOR.getByName(crypto.randomUUID())
    await shard.apply(deltaOf('a', 1, 10, START))
    vi.setSystemTime(START + 14 * MINUTE)
    expect((await eventsOf(shard, START + 14 * MINUTE))[3]).toBe(10)
    await shard.apply(deltaOf('b', 1, 5, START))
    expect((await eventsOf(shard, START + 14 * MINUTE))[3]).toBe(15)
  })

  it('are told apart from those of a part: a shard that hangs or has older code leaves no window', async () => {
    const name = crypto.randomUUID()
    const real = STATS_AGGREGATOR.getByName(name)
    await real.apply(deltaOf('a', 1, 10, START))
    const namespace = (broken: () => Promise<unknown>): AlertAggregators => ({
      getByName: (shard) =>
        shard === 'shard-1' ? { alertCounts: broken } : (real as unknown as ReturnType<AlertAggregators['getByName']>),
    })
    const read = (broken: () => Promise<unknown>) =>
      alertCountsReader(namespace(broken), 2, systemTimers).read(START, { remainingMilliseconds: () => 300 })
    const part = { windows: null, shards: { asked: 2, answered: 1 }, models: ['late-arrival'] }
    expect(await read(() => new Promise(() => undefined))).toEqual(part)
    expect(await read(() => Promise.reject(new TypeError('no such method')))).toEqual(part)
    const none = { ...NO_SHARDS }
    expect(
      await alertCountsReader(
        { getByName: () => ({ alertCounts: () => Promise.reject(new Error('down')) }) },
        2,
        systemTimers,
      ).read(START, { remainingMilliseconds: () => 300 }),
    ).toEqual(none)
    const whole = await read(() => real.alertCounts(START))
    expect(whole.windows?.['5m'].events).toBe(20)
  })
})

const NO_SHARDS = { windows: null, shards: { asked: 2, answered: 0 }, models: [] }
