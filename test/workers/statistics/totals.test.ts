import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { statisticsTotals, type TotalsShards } from '../../../src/adapters/statistics-totals.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { latencyCount } from '../../../src/core/statistics/latency-histogram.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }

/** A quarter to four, in years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11, 15, 45)
const KEY = 'late-arrival@1.0.0'

const newShard = () => STATS_AGGREGATOR.getByName(crypto.randomUUID())

const predictionsIn = async (shard: DurableObjectStub<StatsAggregator>): Promise<number> =>
  (await shard.totals(Date.now())).totals.versions[KEY]?.predictions ?? 0

/** Shards that no other test uses; those in `broken` answer nothing, those in `older` are of code without totals. */
const shardsOfTheirOwn = (broken: readonly string[] = [], older: readonly string[] = []) => {
  const test = crypto.randomUUID()
  const stub = (name: string) => STATS_AGGREGATOR.getByName(`${test}-${name}`)
  const shards: TotalsShards = {
    getByName: (name) => {
      if (broken.includes(name)) return { totals: () => new Promise<never>(() => {}) }
      if (older.includes(name)) return { totals: async () => Promise.reject(new TypeError('there is no such method')) }
      return stub(name)
    },
  }
  return { shards, stub }
}

const clientOf = (shards: TotalsShards, log: string[] = []) =>
  statisticsTotals(shards, 2, systemClock, systemTimers, (line) => log.push(line))
const soon = (milliseconds = 5_000) => deadlineIn(systemClock, milliseconds)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the totals of a statistics object', () => {
  it('grow with each delta, once however often it comes, also after a restart', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 10, START))
    expect(await predictionsIn(shard)).toBe(10)
    await shard.apply(deltaOf('a', 1, 10, START))
    await shard.applyMany([deltaOf('a', 2, 5, START), deltaOf('a', 2, 5, START), deltaOf('message', 1, 2, START)])
    await evictDurableObject(shard)
    await shard.apply(deltaOf('a', 2, 5, START))
    const { totals, code_versions } = await shard.totals(START)
    expect(totals).toMatchObject({ zip_lookups: { memory: 3 }, lost: 0, versions: { [KEY]: { predictions: 17 } } })
    expect(totals.versions[KEY]?.latency).toMatchObject({ unknown: 48, sum_microseconds: 3 * 64_000 })
    expect(totals.versions[KEY]).not.toHaveProperty('outputs')
    expect(code_versions).toEqual({ 'code-1': 17 })
  })

  it('stay what they are when windows are gathered and forgotten, to the last number', async () => {
    const shard = newShard()
    let sequence = 0
    let last = 0
    for (let at = START; at < START + 3 * DAY; at += 50 * MINUTE) {
      vi.setSystemTime(at)
      await shard.apply(deltaOf('a', ++sequence, 3, at, sequence % 5 === 0 ? '1.1.0' : '1.0.0'))
      // One that comes late is counted in a minute before this one.
      if (sequence % 7 === 0) await shard.apply(deltaOf(`late-${sequence}`, 1, 1, at - 10 * MINUTE))
      if (sequence % 4 === 0) {
        const before = await shard.totals(at)
        expect(await runDurableObjectAlarm(shard)).toBe(true)
        expect(await shard.totals(at)).toEqual(before)
      }
      const now = await predictionsIn(shard)
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
    const { totals } = await shard.totals(Date.now())
    const late = Math.floor(sequence / 7)
    const other = Math.floor(sequence / 5)
    expect(totals.versions[KEY]?.predictions).toBe(3 * (sequence - other) + late)
    expect(totals.versions['late-arrival@1.1.0']?.predictions).toBe(3 * other)
    // After 800 days nothing is left of the windows, and nothing is missing.
    vi.setSystemTime(START + 800 * DAY)
    await runDurableObjectAlarm(shard)
    expect((await shard.totals(Date.now())).totals).toEqual(totals)
    await shard.apply(deltaOf('b', 1, 1, Date.now()))
    expect(await predictionsIn(shard)).toBe((totals.versions[KEY]?.predictions ?? 0) + 1)
  })

  it('begin with what an older object holds, and lose nothing of the time it ran older code', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 4, START))
    vi.setSystemTime(START + 3 * HOUR)
    await shard.apply(deltaOf('a', 2, 3, START + 3 * HOUR))
    await runDurableObjectAlarm(shard)
    // Older code gathers windows and folds nothing.
    await runInDurableObject(shard, (_, { storage }) => {
      storage.sql.exec('DELETE FROM totals')
      storage.sql.exec('DELETE FROM totals_folded')
    })
    expect(await predictionsIn(shard)).toBe(7)
    vi.setSystemTime(START + 30 * HOUR)
    await runDurableObjectAlarm(shard)
    await evictDurableObject(shard)
    expect(await predictionsIn(shard)).toBe(7)
  })

  it('are there when all objects are torn down at once', async () => {
    const name = crypto.randomUUID()
    await STATS_AGGREGATOR.getByName(name).apply(deltaOf('a', 1, 4, START))
    await abortAllDurableObjects()
    expect(await predictionsIn(STATS_AGGREGATOR.getByName(name))).toBe(4)
  })
})

describe('the totals of all statistics objects', () => {
  it('are the sum of two shards, and never fall while deltas are sent again and objects restart', async () => {
    const { shards, stub } = shardsOfTheirOwn()
    const client = clientOf(shards)
    let last = 0
    for (let round = 1; round <= 5; round++) {
      for (const [index, name] of ['shard-0', 'shard-1'].entries()) {
        const delta = deltaOf(`isolate-${index}`, round, 10 * (index + 1), START)
        await stub(name).apply(delta)
        // Once is enough: it takes five seconds.
        if (round === 3 && index === 1) await evictDurableObject(stub(name))
        await stub(name).apply(delta)
      }
      const { totals, shards: answered, codeVersions } = await client.read(soon())
      const version = totals?.versions[KEY]
      expect(version?.predictions).toBe(30 * round)
      expect(version && latencyCount(version.latency)).toBe(32 * round)
      expect(version?.predictions).toBeGreaterThan(last)
      expect({ answered, codeVersions }).toEqual({ answered: { answered: 2, of: 2 }, codeVersions: ['code-1'] })
      last = version?.predictions ?? 0
    }
  })

  it.each([
    ['does not answer', ['shard-1'], []],
    ['is of older code', [], ['shard-1']],
  ])('are not told while a shard %s', async (_, broken, older) => {
    const { shards, stub } = shardsOfTheirOwn(broken, older)
    await stub('shard-0').apply(deltaOf('a', 1, 4, START))
    expect(await clientOf(shards).read(soon(300))).toEqual({
      totals: null,
      codeVersions: ['code-1'],
      shards: { answered: 1, of: 2 },
    })
  })

  it('say so, and are no error, when no shard answers', async () => {
    const { shards } = shardsOfTheirOwn(['shard-0', 'shard-1'])
    const log: string[] = []
    expect(await clientOf(shards, log).read(soon(50))).toEqual({
      totals: null,
      codeVersions: [],
      shards: { answered: 0, of: 2 },
    })
    expect(log).toEqual([expect.stringContaining('none of the 2 statistics shards answered')])
  })
})
