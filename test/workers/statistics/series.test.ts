import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type SeriesAggregators, statisticsSeries } from '../../../src/adapters/statistics-series.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import { SERIES_RANGE_NAMES, SERIES_RANGES, type SeriesRange } from '../../../src/core/statistics/series.ts'
import { seriesPoints } from '../../../src/core/statistics/series-report.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }
type Shard = DurableObjectStub<StatsAggregator>

/** A quarter to four, in years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11, 15, 45)
const KEY = 'late-arrival@1.0.0'
const newShard = (): Shard => STATS_AGGREGATOR.getByName(crypto.randomUUID())

/** Predictions by the start of their point; `null`: not known any more. */
const predictionsOf = async (shard: Shard, range: SeriesRange, now: number): Promise<Record<number, number | null>> => {
  const { points } = await shard.series(range, now)
  return Object.fromEntries(
    points.map(({ start, counts }) => [start, counts && (counts.versions[KEY]?.predictions ?? 0)]),
  )
}
const sumOf = (points: Record<number, number | null>): number =>
  Object.values(points).reduce<number>((sum, count) => sum + (count ?? 0), 0)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the time line of a statistics object', () => {
  it('has what was counted in the point of its time, in every range, without distributions', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 10, START))
    vi.setSystemTime(START + 2 * MINUTE)
    await shard.apply(deltaOf('a', 2, 5, START + 2 * MINUTE))
    await shard.apply(deltaOf('a', 2, 5, START + 2 * MINUTE))
    const now = START + 2 * MINUTE + 1_000
    expect(await predictionsOf(shard, '5m', now)).toEqual({ [START]: 10, [START + 2 * MINUTE]: 5 })
    expect(await predictionsOf(shard, '1h', now)).toEqual({ [START]: 10, [START + 2 * MINUTE]: 5 })
    expect(await predictionsOf(shard, '24h', now)).toEqual({ [START - 5 * MINUTE]: 15 })
    expect(await predictionsOf(shard, '7d', now)).toEqual({ [START - 45 * MINUTE]: 15 })
    expect(await predictionsOf(shard, '30d', now)).toEqual({ [START - 3 * HOUR - 45 * MINUTE]: 15 })
    const { first, points } = await shard.series('1h', now)
    expect(first).toBe(START)
    expect(points[0]?.counts?.versions[KEY]).toMatchObject({ degraded: { zip_unknown: 10 }, outputs: {}, fields: {} })
    expect(points[0]?.counts).toMatchObject({ zip_lookups: { memory: 1 }, pairs: {} })
  })

  it('keeps every number while minutes become hours and hours days, as far back as its ranges reach', async () => {
    const shard = newShard()
    const expected = new Map<number, number>()
    const end = START + 32 * DAY
    let sequence = 0
    for (let at = START; at <= end; at += 5 * HOUR) {
      vi.setSystemTime(at)
      const events = 1 + (sequence % 7)
      await shard.apply(deltaOf('a', ++sequence, events, at))
      expected.set(at, events)
      await runDurableObjectAlarm(shard)
    }
    const now = Date.now()
    for (const range of ['24h', '7d', '30d'] as const) {
      const { step, reach } = SERIES_RANGES[range]
      const wanted: Record<number, number> = {}
      for (const [at, events] of expected) {
        const start = Math.floor(at / step) * step
        if (start >= Math.floor((now - reach) / step) * step) wanted[start] = (wanted[start] ?? 0) + events
      }
      // Asked twice: what is settled then comes from memory.
      expect(await predictionsOf(shard, range, now)).toEqual(wanted)
      expect(await predictionsOf(shard, range, now)).toEqual(wanted)
    }
    await evictDurableObject(shard)
    expect(Object.keys(await predictionsOf(shard, '30d', now)).length).toBeGreaterThan(110)
  })

  it('counts what comes late, also into a point that was asked for before', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 1, START))
    vi.setSystemTime(START + 12 * MINUTE)
    expect(await predictionsOf(shard, '1h', Date.now())).toEqual({ [START]: 1 })
    await shard.apply(deltaOf('b', 1, 2, START))
    expect(await predictionsOf(shard, '1h', Date.now())).toEqual({ [START]: 3 })
    vi.setSystemTime(START + 13 * MINUTE)
    await shard.apply(deltaOf('b', 2, 4, START + 13 * MINUTE))
    await shard.apply(deltaOf('c', 1, 8, START + 13 * MINUTE - 20_000))
    expect(await predictionsOf(shard, '5m', Date.now())).toEqual({
      [START + 12 * MINUTE]: 2,
      [START + 12 * MINUTE + 40_000]: 8,
      [START + 13 * MINUTE]: 4,
    })
  })

  it('says which of its finest points a restart has cost, and loses none of the others', async () => {
    const shard = newShard()
    for (let second = 0; second < 20; second++) {
      vi.setSystemTime(START + second * 1_000)
      await shard.apply(deltaOf('a', second + 1, 1, Date.now()))
    }
    expect(sumOf(await predictionsOf(shard, '5m', Date.now()))).toBe(20)
    await evictDurableObject(shard)
    expect(await predictionsOf(shard, '5m', Date.now())).toEqual({
      [START]: 5,
      [START + 5_000]: 5,
      [START + 10_000]: 5,
      [START + 15_000]: null,
    })
    vi.setSystemTime(START + 21_000)
    await shard.apply(deltaOf('a', 21, 7, Date.now()))
    expect((await predictionsOf(shard, '5m', Date.now()))[START + 20_000]).toBe(7)
    expect(await predictionsOf(shard, '1h', Date.now())).toEqual({ [START]: 27 })
  })

  it('of an object that older code has run, the finest points are not known', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 4, START))
    await runInDurableObject(shard, (_, { storage }) => void storage.sql.exec('DELETE FROM recent_points'))
    await evictDurableObject(shard)
    const points = await predictionsOf(shard, '5m', START)
    expect(new Set(Object.values(points))).toEqual(new Set([null]))
    expect(Object.keys(points)).toHaveLength(61)
  })

  it('stays small: few finest points are kept, and many codes become few', async () => {
    const shard = newShard()
    for (let round = 0; round < 100; round++) {
      vi.setSystemTime(START + round * 7_000)
      const delta = deltaOf('a', round + 1, 1, Date.now())
      const rejected = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`code_${i}`, 1]))
      await shard.apply({ ...delta, rejected })
    }
    const { points } = await shard.series('5m', Date.now())
    for (const { counts } of points) {
      const codes = Object.keys(counts?.rejected ?? {})
      expect(codes).toHaveLength(17)
      expect(counts?.rejected.other).toBe(44)
    }
    const rows = await runInDurableObject(
      shard,
      (_, { storage }) => storage.sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM recent_points').one().rows,
    )
    expect(rows).toBeLessThan(80)
  })

  it('refuses a range it does not know', async () => {
    const shard = newShard()
    await runInDurableObject(shard, (instance: StatsAggregator) => {
      expect(() => instance.series('2h' as SeriesRange, START)).toThrow('range is "2h", expected one of 5m, 1h, 24h')
    })
  })
})

describe('the time line over all shards', () => {
  const soon = (milliseconds = 5_000) => deadlineIn(systemClock, milliseconds)
  /** Shards that no other test uses; those in `broken` answer nothing, those in `older` are of code without time lines. */
  const shardsOfTheirOwn = (broken: readonly string[] = [], older: readonly string[] = []) => {
    const test = crypto.randomUUID()
    const stub = (name: string): Shard => STATS_AGGREGATOR.getByName(`${test}-${name}`)
    const shards: SeriesAggregators = {
      getByName: (name) => {
        if (broken.includes(name)) return { series: () => new Promise<never>(() => {}) }
        if (older.includes(name)) return { series: async () => Promise.reject(new TypeError('no such method')) }
        return stub(name)
      },
    }
    return { client: statisticsSeries(shards, 2, systemClock, systemTimers), stub }
  }

  it.each(SERIES_RANGE_NAMES)(
    'is the sum of the shards, evenly spaced, and unknown before the first count: %s',
    async (range) => {
      const { client, stub } = shardsOfTheirOwn()
      await stub('shard-0').apply(deltaOf('a', 1, 3, START))
      await stub('shard-1').apply(deltaOf('b', 1, 4, START))
      const series = await client.read(range, soon())
      const points = seriesPoints(series)
      expect(points.length).toBeLessThanOrEqual(170)
      for (const [index, { from, to }] of points.entries()) {
        expect(to - from).toBe(SERIES_RANGES[range].step)
        if (index > 0) expect(from).toBe(points[index - 1]?.to)
      }
      const known = points.filter(({ counts }) => counts !== null)
      expect(known).toHaveLength(1)
      expect(known[0]?.counts?.models['late-arrival']?.versions['1.0.0']?.predictions).toBe(7)
      expect(series.shards).toEqual({ answered: 2, of: 2 })
    },
  )

  it.each([
    ['does not answer', ['shard-1'], []],
    ['is of older code', [], ['shard-1']],
  ])('is not known while a shard %s', async (_, broken, older) => {
    const { client, stub } = shardsOfTheirOwn(broken, older)
    await stub('shard-0').apply(deltaOf('a', 1, 3, START))
    const series = await client.read('1h', soon(300))
    expect(series.shards).toEqual({ answered: 1, of: 2 })
    expect(seriesPoints(series).filter(({ counts }) => counts !== null)).toEqual([])
  })

  it('is a failure when no shard answers', async () => {
    const { client } = shardsOfTheirOwn(['shard-0', 'shard-1'])
    await expect(client.read('1h', soon(50))).rejects.toMatchObject({ code: 'statistics_unavailable' })
  })
})
