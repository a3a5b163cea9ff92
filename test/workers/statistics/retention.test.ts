/** What a statistics object keeps after more than two years: minutes for a day, hours for a month, days for two years, with everything that is counted. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FieldBinner } from '../../../src/core/drift/field-binner.ts'
import { PROBABILITY_LAYOUT } from '../../../src/core/statistics/bin-counts.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }
/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2042, 0, 1)
const DAYS = 720
const HOURS = 40 * 24
const MINUTES = 30 * 60
/** Twenty fields of twenty bins, as the weightiest of ordinary profiles. */
const FIELDS = Array.from({ length: 20 }, (_, field) => ({
  ...({ name: `field_${field}`, kind: 'continuous', range: null, counts: [], missing: [] } as const),
  edges: Array.from({ length: 19 }, (_, edge) => edge),
}))
const BINNER = new FieldBinner(
  FIELDS,
  FIELDS.map(({ name }) => name),
)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Ten events of everything that is counted, at `at`. */
const deltaAt = (sequence: number, at: number) => {
  const builder = new DeltaBuilder(() => PROBABILITY_LAYOUT)
  for (let event = 0; event < 10; event++) {
    const numbers = FIELDS.map((_, field) => (event * 3 + field) % 21)
    const row = { binner: BINNER, numbers, row: 0 }
    builder.prediction('kept', '1.0.0', { p: event / 10 }, ['zip_unknown'], at, row)
  }
  const stages = ['parse', 'zip', 'features', 'infer'].map((name, index) => ({
    name,
    duration: { known: true, milliseconds: (index + 1) * (1 + (sequence % 50) / 50) } as const,
  }))
  builder.latency('kept', '1.0.0', { known: true, milliseconds: 8 + (sequence % 50) }, 16, at, stages)
  builder.request('predict', 200)
  return builder.toDelta({ isolate: 'a', sequence, codeVersion: 'c' })
}

it('is bounded, and nothing is lost on the way', async () => {
  const moments = [
    ...Array.from({ length: DAYS }, (_, day) => START + day * DAY + DAY / 2),
    ...Array.from({ length: HOURS }, (_, hour) => START + DAYS * DAY + hour * HOUR),
    ...Array.from({ length: MINUTES }, (_, minute) => START + DAYS * DAY + HOURS * HOUR + minute * MINUTE),
  ]
  const end = moments.at(-1) ?? START
  const { rows, first, bytes, isolates, week, totals } = await runInDurableObject(
    STATS_AGGREGATOR.getByName(crypto.randomUUID()),
    async (shard, { storage }) => {
      let due = 0
      for (const [index, at] of moments.entries()) {
        vi.setSystemTime(at)
        if (at >= due) {
          await shard.alarm()
          due = at + HOUR
        }
        await shard.apply(deltaAt(index + 1, at))
      }
      await shard.alarm()
      const spans = [
        ...storage.sql.exec<{ span: number; rows: number; first: number }>(
          'SELECT span, count(DISTINCT start) AS rows, min(start) AS first FROM windows GROUP BY span',
        ),
      ]
      return {
        rows: Object.fromEntries(spans.map((one) => [one.span, one.rows])),
        first: Object.fromEntries(spans.map((one) => [one.span, one.first])),
        bytes: storage.sql.databaseSize,
        isolates: storage.sql.exec('SELECT * FROM isolates').toArray().length,
        week: shard.read('7d', end).counts.versions['kept@1.0.0']?.predictions,
        totals: shard.totals(end).totals.versions['kept@1.0.0']?.predictions,
      }
    },
  )
  expect(rows[MINUTE]).toBeLessThanOrEqual(25 * 60 + 1)
  expect(rows[HOUR]).toBeLessThanOrEqual(31 * 24 + 1)
  expect(rows[DAY]).toBeLessThanOrEqual(732)
  expect(end - (first[MINUTE] ?? 0)).toBeLessThanOrEqual(25 * HOUR + MINUTE)
  expect(end - (first[HOUR] ?? 0)).toBeLessThanOrEqual(31 * DAY + HOUR)
  expect(end - (first[DAY] ?? 0)).toBeLessThanOrEqual(731 * DAY + DAY)
  expect(end - (first[MINUTE] ?? 0)).toBeGreaterThanOrEqual(24 * HOUR)
  expect(end - (first[HOUR] ?? 0)).toBeGreaterThanOrEqual(30 * DAY)
  expect(end - (first[DAY] ?? 0)).toBeGreaterThanOrEqual(730 * DAY)
  expect(isolates).toBe(1)
  expect(week).toBe(10 * moments.filter((at) => at >= end - 7 * DAY - ((end - 7 * DAY) % HOUR)).length)
  expect(totals).toBe(10 * moments.length)
  console.info(`statistics object: ${JSON.stringify(rows)} rows, ${bytes} bytes`)
  expect(bytes).toBeLessThan(40_000_000)
}, 240_000)
