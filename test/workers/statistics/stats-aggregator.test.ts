import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventsIn, LIMITS, type StatisticsCounts } from '../../../src/core/statistics/counts.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import format1 from '../../fixtures/statistics/delta-format-1.json' with { type: 'json' }
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }

/** A quarter to four, in years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11, 15, 45)

/** A shard of its own for each test. */
const newShard = () => STATS_AGGREGATOR.getByName(crypto.randomUUID())

/** Rows by span. */
const rowsOf = (stub: DurableObjectStub<StatsAggregator>): Promise<Record<string, number>> =>
  runInDurableObject(stub, (_, { storage }) => {
    const query = 'SELECT span, count(*) AS rows FROM windows GROUP BY span'
    return Object.fromEntries([...storage.sql.exec<{ span: number; rows: number }>(query)].map((r) => [r.span, r.rows]))
  })

const predictionsIn = (counts: StatisticsCounts): number => counts.versions['late-arrival@1.0.0']?.predictions ?? 0

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a statistics object', () => {
  it('applies a delta and answers with what it knows of the releases', async () => {
    const shard = newShard()
    expect(await shard.apply(deltaOf('a', 1, 10, START))).toMatchObject({
      format: 1,
      applied: true,
      releases: [{ model: 'late-arrival', age_milliseconds: 0 }],
    })
    const { counts } = await shard.read('5m', START)
    expect(eventsIn(counts)).toBe(10)
    expect(counts).toMatchObject({ zip_lookups: { memory: 1 }, code_versions: { 'code-1': 10 }, lost: 0 })
  })

  it('drops a sequence it has applied, and an older one, also after a restart', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 10, START))
    await shard.apply(deltaOf('a', 2, 5, START))
    await evictDurableObject(shard)
    expect((await shard.apply(deltaOf('a', 2, 5, START))).applied).toBe(false)
    expect((await shard.apply(deltaOf('a', 1, 10, START))).applied).toBe(false)
    expect((await shard.apply(deltaOf('a', 3, 1, START))).applied).toBe(true)
    expect(eventsIn((await shard.read('5m', START)).counts)).toBe(16)
  })

  it('counts several isolates and versions side by side', async () => {
    const shard = newShard()
    await Promise.all(['a', 'b', 'c'].map((isolate) => shard.apply(deltaOf(isolate, 1, 7, START))))
    await shard.apply(deltaOf('a', 2, 3, START, '1.1.0'))
    const { counts } = await shard.read('5m', START)
    expect(counts.versions['late-arrival@1.0.0']).toMatchObject({
      predictions: 21,
      degraded: { zip_unknown: 21 },
      latency: { unknown: 48, sum_microseconds: 3 * 64_000 },
    })
    expect(counts.versions['late-arrival@1.1.0']?.predictions).toBe(3)
  })

  it('counts each event once where there are more versions in a minute than are told apart', async () => {
    const shard = newShard()
    for (let version = 0; version < 40; version++) {
      await shard.apply(deltaOf('a', version + 1, 2, START, `1.${version}.0`))
    }
    const { counts } = await shard.read('5m', START)
    expect(eventsIn(counts)).toBe(80)
    expect(Object.keys(counts.versions)).toHaveLength(LIMITS.versions + 1)
  })

  it('accepts format 1 as it was first written, and refuses what it does not know', async () => {
    const shard = newShard()
    expect((await shard.apply(format1)).applied).toBe(true)
    expect(eventsIn((await shard.read('5m', START)).counts)).toBe(52)
    // Called inside the object: the test runner takes a call that rejects over RPC for an unhandled rejection of the object's as well.
    await runInDurableObject(shard, async (instance) => {
      await expect(instance.apply({ ...format1, format: 9, sequence: 4 })).rejects.toThrow(
        'statistics delta: format is 9, expected 1, the one this code knows',
      )
    })
    expect(eventsIn((await shard.read('5m', START)).counts)).toBe(52)
  })

  it('gives each window what lies in it', async () => {
    const shard = newShard()
    let sequence = 0
    for (const age of [0, 4 * MINUTE, 30 * MINUTE, 5 * HOUR, 3 * DAY]) {
      vi.setSystemTime(START - age)
      await shard.apply(deltaOf(`isolate-${age}`, ++sequence, 1, START - age))
    }
    const seen = await Promise.all((['5m', '1h', '24h', '7d'] as const).map((window) => shard.read(window, START)))
    expect(seen.map(({ counts }) => predictionsIn(counts))).toEqual([2, 3, 4, 5])
  })

  it('counts a delta in its own minute, but trusts no clock that is ahead or a day behind', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('late', 1, 1, START - 10 * MINUTE))
    await shard.apply(deltaOf('ahead', 1, 1, START + DAY))
    await shard.apply(deltaOf('behind', 1, 1, START - DAY))
    expect(predictionsIn((await shard.read('5m', START)).counts)).toBe(2)
    expect(predictionsIn((await shard.read('1h', START)).counts)).toBe(3)
  })

  it('gathers minutes into hours and days without changing any answer, and forgets in time', async () => {
    const shard = newShard()
    let sequence = 0
    // Ten days, a delta every 20 minutes; the alarm rings late, every third hour.
    for (let at = START; at < START + 10 * DAY; at += 20 * MINUTE) {
      vi.setSystemTime(at)
      await shard.apply(deltaOf('a', ++sequence, 1, at))
      if (at % (3 * HOUR) === 25 * MINUTE) {
        const before = await shard.read('24h', at)
        expect(await runDurableObjectAlarm(shard)).toBe(true)
        expect(await shard.read('24h', at)).toEqual(before)
      }
    }
    const end = START + 10 * DAY - 1
    // Seven days, and the two deltas since the full hour.
    expect(predictionsIn((await shard.read('7d', end)).counts)).toBe(7 * 24 * 3 + 2)
    expect(predictionsIn((await shard.read('24h', end)).counts)).toBe(24 * 3)
    // Two rows each: the version's, and what belongs to none.
    const rows = await rowsOf(shard)
    expect(rows[MINUTE]).toBeLessThanOrEqual(2 * (25 + 3) * 3)
    expect(rows[HOUR]).toBeGreaterThanOrEqual(2 * 235)
    expect(rows[DAY]).toBeGreaterThanOrEqual(2 * 9)
  })

  it('falls asleep when everything is forgotten, and wakes with the next delta', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 1, START))
    vi.setSystemTime(START + 800 * DAY)
    await runDurableObjectAlarm(shard)
    expect(await runDurableObjectAlarm(shard)).toBe(false)
    expect(await rowsOf(shard)).toEqual({})
    await shard.apply(deltaOf('a', 2, 1, START + 800 * DAY))
    expect(await runDurableObjectAlarm(shard)).toBe(true)
  })

  it('keeps what it has when all objects are torn down at once', async () => {
    const name = crypto.randomUUID()
    await STATS_AGGREGATOR.getByName(name).apply(deltaOf('a', 1, 4, START))
    await abortAllDurableObjects()
    const again = STATS_AGGREGATOR.getByName(name)
    expect((await again.apply(deltaOf('a', 1, 4, START))).applied).toBe(false)
    expect(predictionsIn((await again.read('5m', START)).counts)).toBe(4)
  })
})
