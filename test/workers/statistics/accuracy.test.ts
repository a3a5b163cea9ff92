import { createExecutionContext, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ScoringObjects, scoredOutcomes } from '../../../src/adapters/scored-outcomes.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import type { Accuracy } from '../../../src/core/accuracy/accuracy.ts'
import type { ScoredOutcome } from '../../../src/core/accuracy/scored.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { STATISTICS_WINDOWS } from '../../../src/core/statistics/report.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import { StatsAccuracy } from '../../../src/durable/stats-accuracy.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { StatsStore } from '../../../src/durable/stats-store.ts'
import { createApp } from '../../../src/http/app.ts'
import { predictionSchema } from '../../../src/protocol/answers.ts'
import { outcomesAnswerSchema } from '../../../src/protocol/outcomes.ts'
import { statisticsReportSchema } from '../../../src/protocol/statistics.ts'
import { createServices } from '../../../src/services.ts'
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR, WRITE_TOKEN, READ_TOKEN } = env as unknown as {
  STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator>
  WRITE_TOKEN: string
  READ_TOKEN: string
}
type Shard = DurableObjectStub<StatsAggregator>

/** A quarter to four, in years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11, 15, 45)
const newShard = (): Shard => STATS_AGGREGATOR.getByName(crypto.randomUUID())

const outcome = (event: number, over: Partial<ScoredOutcome> = {}): ScoredOutcome => ({
  event,
  model: 'late-arrival',
  version: '1.0.0',
  output: 'late_probability',
  foretold: { kind: 'probability', said: 0.25 },
  truth: true,
  at: START,
  until: START + 30 * DAY,
  ...over,
})
const score = async (shard: Shard, ...scored: ScoredOutcome[]): Promise<readonly string[]> =>
  (await shard.score({ format: 1, scored })).fates

const accuracyIn = async (shard: Shard, window: (typeof STATISTICS_WINDOWS)[number], now: number) => {
  const { counts } = await shard.read(window, now)
  const accuracy = counts.versions['late-arrival@1.0.0']?.accuracy?.late_probability
  return accuracy as Accuracy | undefined
}
const outcomesIn = async (shard: Shard, now: number): Promise<readonly number[]> => {
  const all = await Promise.all(STATISTICS_WINDOWS.map((window) => accuracyIn(shard, window, now)))
  return all.map((accuracy) => accuracy?.outcomes ?? 0)
}
const rowsKept = (shard: Shard): Promise<number> =>
  runInDurableObject(shard, (_, { storage }) => {
    return storage.sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM scored_outcomes').one().rows
  })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a statistics object', () => {
  it('counts the outcome of an event once, also after a restart, and for each version and output', async () => {
    const shard = newShard()
    await shard.apply(deltaOf('a', 1, 4, START))
    expect(await score(shard, outcome(1), outcome(2, { truth: false }), outcome(1))).toEqual([
      'counted',
      'counted',
      'repeated',
    ])
    await evictDurableObject(shard)
    expect(await score(shard, outcome(1, { truth: false }), outcome(2))).toEqual(['repeated', 'repeated'])
    const others = [outcome(1, { version: '1.1.0' }), outcome(1, { output: 'early_probability' })]
    expect(await score(shard, ...others)).toEqual(['counted', 'counted'])
    expect(await accuracyIn(shard, '5m', START)).toEqual({
      kind: 'probability',
      outcomes: 2,
      brier_millionths: 562_500 + 62_500,
      bins: { 59: { outcomes: 2, millionths: 500_000, happened: 1 } },
      unlike: 0,
    })
    const { counts } = await shard.read('5m', START)
    expect(counts.versions['late-arrival@1.0.0']?.predictions).toBe(4)
  })

  it('counts it when it was foretold, however late it comes, in every window that holds that moment', async () => {
    const shard = newShard()
    const now = START + 3 * DAY
    for (let at = START; at <= now; at += 6 * HOUR) {
      vi.setSystemTime(at)
      await shard.apply(deltaOf('a', 1 + (at - START) / (6 * HOUR), 1, at))
      await runDurableObjectAlarm(shard)
    }
    const ages = [0, 4 * MINUTE, 50 * MINUTE, 5 * HOUR, 23.9 * HOUR, 2.5 * DAY, 6 * DAY, 20 * DAY]
    expect(await score(shard, ...ages.map((age, event) => outcome(event, { at: now - age })))).not.toContain('repeated')
    expect(await outcomesIn(shard, now)).toEqual([2, 3, 5, 7])
    const later = now + 6 * HOUR
    vi.setSystemTime(later)
    await runDurableObjectAlarm(shard)
    expect(await outcomesIn(shard, later)).toEqual([0, 0, 4, 7])
  })

  it('takes an answer from the future for one of now', async () => {
    const shard = newShard()
    await score(shard, outcome(1, { at: START + DAY }))
    expect(await outcomesIn(shard, START)).toEqual([1, 1, 1, 1])
  })

  it('forgets which outcomes it counted when their receipts end, not what they said', async () => {
    const shard = newShard()
    await score(shard, outcome(1, { until: START + HOUR }), outcome(2))
    vi.setSystemTime(START + 2 * HOUR)
    await runDurableObjectAlarm(shard)
    expect(await rowsKept(shard)).toBe(1)
    expect((await accuracyIn(shard, '24h', START + 2 * HOUR))?.outcomes).toBe(2)
  })

  it('is bounded: beyond the limit those are forgotten whose receipts end first', async () => {
    const shard = newShard()
    await runInDurableObject(shard, (_, { storage }) => {
      const accuracy = new StatsAccuracy(storage.sql, new StatsStore(storage.sql), 10, 6)
      const add = (from: number, count: number) =>
        accuracy.add(
          Array.from({ length: count }, (_, at) => outcome(from + at, { until: START + from + at })),
          START,
        )
      expect(new Set(add(0, 10))).toEqual(new Set(['counted']))
      expect(add(10, 1)).toEqual(['counted'])
      expect(add(4, 7)).toEqual(['counted', ...Array(6).fill('repeated')])
    })
    expect(await rowsKept(shard)).toBe(7)
  })

  it('refuses what are no outcomes, and counts none of them', async () => {
    const shard = newShard()
    const bad: readonly (readonly [unknown, string])[] = [
      [{ format: 2 }, 'scored outcomes: format is 2'],
      [{ format: 1, scored: [outcome(1), { ...outcome(2), event: -1 }] }, 'scored[1].event is -1'],
      [{ format: 1, scored: [{ ...outcome(1), truth: 7 }] }, 'value is 7; "late_probability" is a probability'],
      [{ format: 1, scored: [{ ...outcome(1), foretold: { kind: 'mood' } }] }, 'scored[0].foretold.kind is "mood"'],
    ]
    // Called inside the object: the test runner takes a call that rejects over RPC for an unhandled rejection of the object's as well.
    await runInDurableObject(shard, async (instance: StatsAggregator) => {
      for (const [value, message] of bad) await expect(instance.score(value)).rejects.toThrow(message)
    })
    expect(await rowsKept(shard)).toBe(0)
  })
})

describe('outcomes over all shards', () => {
  const soon = () => deadlineIn(systemClock, 500)

  it('go each to the one of its event; those whose object does not answer are told apart', async () => {
    const test = crypto.randomUUID()
    const stub = (name: string): Shard => STATS_AGGREGATOR.getByName(`${test}-${name}`)
    const log: string[] = []
    const over = (objects: ScoringObjects) => scoredOutcomes(objects, 3, systemTimers, (line) => log.push(line))
    const outcomes = [0, 1, 2, 3, 4, 5].map((event) => outcome(event))
    const broken: Record<string, () => Promise<unknown>> = {
      'shard-1': () => new Promise<never>(() => {}),
      'shard-2': async () => ({ format: 1, fates: [] }),
    }
    const objects: ScoringObjects = {
      getByName: (name) => (name in broken ? { score: broken[name] as () => Promise<unknown> } : stub(name)),
    }
    expect(await over(objects).score(outcomes, soon())).toEqual(['counted', null, null, 'counted', null, null])
    expect(log.map((line) => /shard-1 did not answer|expected 1 with 2 fates/.test(line))).toEqual([true, true])
    const whole = await over({ getByName: stub }).score(outcomes, soon())
    expect(whole).toEqual(['repeated', 'counted', 'counted', 'repeated', 'counted', 'counted'])
    expect(await Promise.all([0, 1, 2].map((shard) => rowsKept(stub(`shard-${shard}`))))).toEqual([2, 2, 2])
  })
})

describe('from a receipt to the statistics', () => {
  it('an outcome shows in the accuracy of the version that answered, once', async () => {
    vi.useRealTimers()
    const services = createServices({ ...env, SIGNING_KEY: 'the-signing-key-of-the-tests' } as unknown as Env)
    const app = createApp(() => services)
    const call = async (path: string, token: string, body?: unknown): Promise<unknown> => {
      const method = body === undefined ? 'GET' : 'POST'
      const headers = { authorization: `Bearer ${token}` }
      const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
      const response = await app.request(path, request, env, createExecutionContext())
      expect(response.status).toBe(200)
      return response.json()
    }
    const accuracy = async () => {
      const report = statisticsReportSchema.parse(await call('/v1/stats?window=1h', READ_TOKEN))
      return report.models['late-arrival']?.versions['1.0.0']?.accuracy?.late_probability
    }
    const before = (await accuracy())?.outcomes ?? 0
    const events = Array.from({ length: 20 }, () => ({
      createdDateTime: 1731880381293,
      zipCode: '94107',
      id: crypto.randomUUID(),
    }))
    const { predictions } = (await call('/v1/predict', '', events)) as { predictions: unknown[] }
    const outcomes = predictions.map((prediction, at) => ({
      receipt: predictionSchema.parse(prediction).receipt,
      output: 'late_probability',
      value: at % 2 === 0,
    }))
    const first = outcomesAnswerSchema.parse(await call('/v1/outcomes', WRITE_TOKEN, outcomes))
    expect(first).toMatchObject({ accepted: 20, counted: 20, repeated: 0, uncounted: 0, rejected: [] })
    const again = outcomesAnswerSchema.parse(await call('/v1/outcomes', WRITE_TOKEN, outcomes))
    expect(again).toMatchObject({ accepted: 20, counted: 0, repeated: 20 })
    expect(await accuracy()).toMatchObject({ kind: 'probability', outcomes: before + 20 })
  })
})
