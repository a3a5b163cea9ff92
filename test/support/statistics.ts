/** Statistics to test with: counts of any shape, a delta of given events, objects kept in memory. */
import fc from 'fast-check'
import { UNKNOWN_DURATION } from '../../src/core/clock.ts'
import { PROBABILITY_LAYOUT } from '../../src/core/statistics/bin-counts.ts'
import {
  emptyCounts,
  mergeCounts,
  type StatisticsCounts,
  type VersionCounts,
} from '../../src/core/statistics/counts.ts'
import { countsOf, type StatisticsDelta } from '../../src/core/statistics/delta.ts'
import { DeltaBuilder } from '../../src/core/statistics/delta-builder.ts'
import { LATENCY_BOUNDS_SECONDS } from '../../src/core/statistics/latency-histogram.ts'
import { HIGHEST_BIN, LOWEST_BIN } from '../../src/core/statistics/latency-sketch.ts'
import type { PairCounts } from '../../src/core/statistics/pair-counts.ts'
import type { ReleaseNews } from '../../src/core/statistics/replies.ts'
import { statisticsReport } from '../../src/core/statistics/report.ts'
import type { LayoutOf } from '../../src/core/statistics/version-recorder.ts'
import type { Statistics } from '../../src/serving/ports.ts'

export const probabilities: LayoutOf = () => PROBABILITY_LAYOUT

/** A delta of `events` predictions of late-arrival 1.0.0, observed at `at` (epoch milliseconds). */
export const deltaOf = (
  isolate: string,
  sequence: number,
  events: number,
  at: number,
  version = '1.0.0',
): StatisticsDelta => {
  const builder = new DeltaBuilder(probabilities)
  for (let event = 0; event < events; event++)
    builder.prediction('late-arrival', version, { late_probability: event / events }, ['zip_unknown'], at)
  builder.latency('late-arrival', version, { known: true, milliseconds: 4 }, 16, at)
  builder.latency('late-arrival', version, UNKNOWN_DURATION, 16, at)
  builder.zipLookup('memory', at)
  return builder.toDelta({ isolate, sequence, codeVersion: 'code-1' })
}

/** Statistics objects in memory that keep every call; they apply a sequence once, as the real ones do. */
export class MemoryStatistics implements Statistics {
  readonly sent: StatisticsDelta[] = []
  counts: StatisticsCounts = emptyCounts()
  /** What every reply says of the releases. */
  news: readonly ReleaseNews[] = []
  readonly #last = new Map<string, number>()

  async send(delta: StatisticsDelta): Promise<readonly ReleaseNews[]> {
    this.sent.push(delta)
    if (delta.sequence > (this.#last.get(delta.isolate) ?? 0)) {
      this.#last.set(delta.isolate, delta.sequence)
      this.counts = mergeCounts(this.counts, countsOf(delta))
    }
    return this.news
  }

  async read(window: Parameters<Statistics['read']>[0]): ReturnType<Statistics['read']> {
    return statisticsReport(this.counts, { window, from: 0, asOf: 0, shards: { answered: 1, of: 1 } })
  }
}

const count = fc.nat({ max: 1_000_000 })
const row = (length: number) => fc.array(count, { minLength: length, maxLength: length })
const keyed = <T>(keys: fc.Arbitrary<string>, value: fc.Arbitrary<T>, maxKeys: number) =>
  fc.dictionary(keys, value, { maxKeys, noNullPrototype: true })

const anyBins = fc.integer({ min: 1, max: 3 }).chain((bins) =>
  fc.record({
    lowest: fc.constantFrom(0, -1),
    highest: fc.constantFrom(1, 10),
    counts: row(bins),
    under: count,
    over: count,
    non_finite: count,
    unlike: count,
  }),
)

const keys = fc.constantFrom(...Array.from({ length: 90 }, (_, i) => `key_${i}`), 'other', '__proto__', 'constructor')
const versionKeys = fc.constantFrom(...Array.from({ length: 45 }, (_, i) => `model@1.0.${i}`), 'other@other')

const anySketch = fc.uniqueArray(fc.integer({ min: LOWEST_BIN, max: HIGHEST_BIN }), { maxLength: 4 }).chain((bins) =>
  fc.record({
    format: fc.constant(1 as const),
    bins: fc.constant(bins.sort((a, b) => a - b)),
    counts: row(bins.length),
    unknown: count,
  }),
)

const anyVersion: fc.Arbitrary<VersionCounts> = fc.record({
  predictions: count,
  errors: keyed(keys, count, 64),
  degraded: keyed(keys, count, 3),
  latency: fc.record({ counts: row(LATENCY_BOUNDS_SECONDS.length + 1), sum_microseconds: count, unknown: count }),
  stages: keyed(keys, anySketch, 8),
  outputs: keyed(keys, anyBins, 16),
  fields: keyed(keys, anyBins, 3),
})

const pairKeys = fc.constantFrom(...Array.from({ length: 25 }, (_, i) => `model@1.0.0~1.0.${i}`), 'other@other~other')
const anyPair: fc.Arbitrary<PairCounts> = fc.record({
  events: count,
  skipped: count,
  first_failed: count,
  other_failed: count,
  both_failed: count,
  latency: fc.record({ counts: row(LATENCY_BOUNDS_SECONDS.length + 1), sum_microseconds: count, unknown: count }),
  outputs: keyed(keys, fc.record({ count, sum: count, maximum: count, decisions: count, changed: count }), 3),
})

/** Counts within the limits, with enough keys that merging a few of them overflows. */
export const anyCounts: fc.Arbitrary<StatisticsCounts> = fc.record({
  versions: keyed(versionKeys, anyVersion, 32),
  rejected: keyed(keys, count, 64),
  zip_lookups: keyed(keys, count, 3),
  zip_reads: keyed(keys, count, 3),
  browser: keyed(keys, anySketch, 4),
  lost: count,
  accepted: count,
  load_failures: keyed(versionKeys, count, 3),
  limit_faults: keyed(keys, count, 3),
  requests: keyed(keys, count, 90),
  pairs: keyed(pairKeys, anyPair, 16),
  code_versions: keyed(keys, count, 3),
  code_outcomes: keyed(keys, fc.record({ events: count, failed: count }), 3),
})
