import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type OutcomeObjects, outcomeShards } from '../../../src/adapters/outcome-shards.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { ComparedEvent, ComparedEvents } from '../../../src/core/judgement/compared-events.ts'
import type { ReportedOutcome } from '../../../src/core/judgement/outcomes.ts'
import type { StatisticsDelta } from '../../../src/core/statistics/delta.ts'
import { DAY } from '../../../src/core/statistics/rollup.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }
type Shard = DurableObjectStub<StatsAggregator>

/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11, 15, 45)
const MODEL = 'late-arrival'
const SUBJECT = { model: MODEL, canary: '1.1.0', stable: '1.0.0', since: START - 60_000 }
const OUTPUTS = [{ name: 'late_probability', kind: 'probability' as const, range: null }]

const newShard = (): Shard => STATS_AGGREGATOR.getByName(crypto.randomUUID())

const said = (event: number, over: Partial<ComparedEvent> = {}): ComparedEvent => ({
  event,
  unit: event,
  at: START,
  canary: [0.9],
  stable: [0.2],
  ...over,
})

let sequence = 0
const deltaWith = (events: readonly ComparedEvent[], subject: Partial<ComparedEvents> = {}): StatisticsDelta => ({
  ...deltaOf('a', ++sequence, 1, START),
  compared: [{ ...SUBJECT, outputs: OUTPUTS, events, ...subject }],
})

const outcome = (event: number, value: number | boolean = false): ReportedOutcome => ({
  event,
  output: 'late_probability',
  value,
})
const report = async (shard: Shard, ...outcomes: ReportedOutcome[]): Promise<readonly string[]> =>
  (await shard.outcomes({ format: 1, outcomes })).fates.map(({ fate }) => fate)

const outcomesIn = async (shard: Shard) => (await shard.evidence(MODEL)).evidence.map(({ outcomes }) => outcomes)
const eventsKept = (shard: Shard): Promise<number> =>
  runInDurableObject(shard, (_, { storage }) => {
    const query = 'SELECT count(*) AS rows FROM compared_events'
    return storage.sql.exec<{ rows: number }>(query).one().rows
  })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a statistics object', () => {
  it('makes evidence of an outcome whose event it knows, also after a restart, and of no other', async () => {
    const shard = newShard()
    await shard.apply(deltaWith([said(1), said(2)]))
    await evictDurableObject(shard)
    vi.setSystemTime(START + 5_000)
    expect(await report(shard, outcome(1), outcome(2, true), outcome(3))).toEqual(['matched', 'matched', 'unmatched'])
    expect(await outcomesIn(shard)).toEqual([{ level: 0, units: [1, 2], at: [65_000, 65_000], values: [770, -630] }])
  })

  it('counts a unit once, however often and for whatever event it is reported', async () => {
    const shard = newShard()
    await shard.apply(deltaWith([said(1), said(2, { unit: 1 })]))
    await report(shard, outcome(1))
    const once = await outcomesIn(shard)
    vi.setSystemTime(START + 5_000)
    expect(await report(shard, outcome(1), outcome(1, true), outcome(2, true))).toEqual(Array(3).fill('matched'))
    expect(await outcomesIn(shard)).toEqual(once)
  })

  it('keeps the first event of an id, so that a later one cannot take its place', async () => {
    const shard = newShard()
    await shard.apply(deltaWith([said(1)]))
    await shard.apply(deltaWith([said(1, { unit: 9, canary: [0.1] })]))
    await report(shard, outcome(1))
    expect(await outcomesIn(shard)).toMatchObject([{ units: [1], values: [770] }])
  })

  it('tells canaries of one model apart', async () => {
    const shard = newShard()
    await shard.apply(deltaWith([said(1)]))
    await shard.apply(deltaWith([said(2)], { since: START - 1_000 }))
    await report(shard, outcome(1), outcome(2))
    const { evidence } = await shard.evidence(MODEL)
    expect(evidence.map(({ since, outcomes }) => [since, outcomes.units])).toEqual([
      [START - 60_000, [1]],
      [START - 1_000, [2]],
    ])
  })

  it('refuses what does not fit the event, and counts nothing of it', async () => {
    const shard = newShard()
    await shard.apply(deltaWith([said(1)]))
    expect(await report(shard, outcome(1, 7), { ...outcome(1), output: 'mood' })).toEqual(['refused', 'refused'])
    expect(await outcomesIn(shard)).toEqual([])
    // Called inside the object: the test runner takes a call that rejects over RPC for an unhandled rejection of the object's as well.
    await runInDurableObject(shard, (instance: StatsAggregator) => {
      expect(() => instance.outcomes({ format: 9 })).toThrow('outcomes: format is 9')
    })
  })

  it('counts the deltas of older code, which has compared nothing', async () => {
    const shard = newShard()
    const { compared: _, ...older } = deltaWith([])
    expect((await shard.apply(older)).applied).toBe(true)
    expect(await report(shard, outcome(1))).toEqual(['unmatched'])
  })

  it('forgets after a week', async () => {
    const shard = newShard()
    await shard.apply(deltaWith([said(1), said(2, { at: START + 30 * DAY })]))
    vi.setSystemTime(START + 7 * DAY)
    await runDurableObjectAlarm(shard)
    expect(await report(shard, outcome(1))).toEqual(['matched'])
    vi.setSystemTime(START + 7 * DAY + 1)
    await runDurableObjectAlarm(shard)
    // A clock that is ahead keeps nothing longer.
    expect(await report(shard, outcome(1), outcome(2))).toEqual(['unmatched', 'unmatched'])
    expect(await eventsKept(shard)).toBe(0)
  })

  it('keeps a bounded sample of the units, in which none crowds out the others', async () => {
    const shard = newShard()
    vi.setSystemTime(START + 60_000)
    let event = 0
    // Every other event is of the one visitor 0, whose number is the lowest.
    for (let delta = 0; delta < 80; delta++) {
      const events = Array.from({ length: 500 }, () => {
        event++
        return said(event, { unit: event % 2 === 0 ? 0 : event, at: START + event })
      })
      await shard.apply(deltaWith(events))
      expect(await eventsKept(shard)).toBeLessThanOrEqual(20_000)
    }
    const units = await runInDurableObject(shard, (_, { storage }) => {
      const query = 'SELECT count(DISTINCT unit) AS units FROM compared_events'
      return storage.sql.exec<{ units: number }>(query).one().units
    })
    expect(units).toBeGreaterThan(10_000)
    // Of that visitor's first 10,000 events none is left, of the last ones all are; the others' first ones are.
    const asked = [outcome(1), outcome(2), outcome(20_000), outcome(event)]
    expect(await report(shard, ...asked)).toEqual(['matched', 'unmatched', 'unmatched', 'matched'])
  })
})

describe('outcomes over all shards', () => {
  const soon = () => deadlineIn(systemClock, 500)
  const never = () => new Promise<never>(() => {})

  it('find the shard that knows the event, and say when one did not answer', async () => {
    const test = crypto.randomUUID()
    const stub = (name: string): Shard => STATS_AGGREGATOR.getByName(`${test}-${name}`)
    await stub('shard-1').apply(deltaWith([said(1)]))
    await stub('shard-2').apply(deltaWith([said(2)]))
    const outcomes = [outcome(1), outcome(2), outcome(3), outcome(1, 7)]
    const whole = await outcomeShards({ getByName: stub }, 3, systemTimers).report(outcomes, soon())
    expect(whole.shards).toEqual({ answered: 3, of: 3 })
    expect(whole.fates.map(({ fate }) => fate)).toEqual(['matched', 'matched', 'unmatched', 'refused'])

    const objects: OutcomeObjects = {
      getByName: (name) => (name === 'shard-2' ? { outcomes: never } : stub(name)),
    }
    const part = await outcomeShards(objects, 3, systemTimers).report(outcomes, soon())
    expect(part.shards).toEqual({ answered: 2, of: 3 })
    expect(part.fates.map(({ fate }) => fate)).toEqual(['matched', 'unmatched', 'unmatched', 'refused'])
  })

  it('are taken by none when none answers, or answers what this code does not know', async () => {
    const older = () => Promise.reject(new TypeError('the object has no such method'))
    for (const outcomes of [never, older, async () => ({ format: 2 }), async () => ({ format: 1, fates: [] })]) {
      const client = outcomeShards({ getByName: () => ({ outcomes }) }, 2, systemTimers)
      await expect(client.report([outcome(1)], soon())).rejects.toMatchObject({ code: 'statistics_unavailable' })
    }
  })
})
