/** What `GET /v1/stats/series` says of counts: evenly spaced points, by model and version, with quantiles worked out. */
import type { CountBy, StatisticsCounts, VersionCounts } from './counts.ts'
import { type LatencyHistogram, latencyCount, latencyQuantile } from './latency-histogram.ts'
import { type LatencySketch, sketchCount, sketchQuantile } from './latency-sketch.ts'
import type { SeriesStretch } from './series.ts'

/** All of it weighted: a request that was measured stands for those that were not. Quantiles in seconds; `null` when no duration is known. */
export interface SeriesLatency {
  readonly count: number
  readonly unknown: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
}

export interface SeriesVersionReport {
  readonly predictions: number
  readonly errors: CountBy
  readonly degraded: CountBy
  readonly latency: SeriesLatency
  /** By stage, and `total` for the whole request; off by 1 % at most. */
  readonly stages: { readonly [stage: string]: SeriesLatency }
}

export interface SeriesCountsReport {
  readonly models: {
    readonly [name: string]: { readonly versions: { readonly [version: string]: SeriesVersionReport } }
  }
  readonly rejected: CountBy
  readonly zip_lookups: CountBy
  readonly accepted: number
  readonly lost: number
}

export interface SeriesPointReport {
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
  /** `null`: it is not known what was counted. */
  readonly counts: SeriesCountsReport | null
}

const latencyReport = (histogram: LatencyHistogram): SeriesLatency => ({
  count: latencyCount(histogram),
  unknown: histogram.unknown,
  p50: latencyQuantile(histogram, 0.5),
  p90: latencyQuantile(histogram, 0.9),
  p99: latencyQuantile(histogram, 0.99),
})

const stageReport = (sketch: LatencySketch): SeriesLatency => ({
  count: sketchCount(sketch),
  unknown: sketch.unknown,
  p50: sketchQuantile(sketch, 0.5),
  p90: sketchQuantile(sketch, 0.9),
  p99: sketchQuantile(sketch, 0.99),
})

const versionReport = ({
  predictions,
  errors,
  degraded,
  latency,
  stages = {},
}: VersionCounts): SeriesVersionReport => ({
  predictions,
  errors,
  degraded,
  latency: latencyReport(latency),
  stages: Object.fromEntries(Object.entries(stages).map(([stage, sketch]) => [stage, stageReport(sketch)])),
})

const modelsReport = (versions: StatisticsCounts['versions']): SeriesCountsReport['models'] => {
  const models = new Map<string, Map<string, SeriesVersionReport>>()
  for (const [key, counts] of Object.entries(versions)) {
    const at = key.lastIndexOf('@')
    const name = key.slice(0, at)
    const ofModel = models.get(name) ?? new Map<string, SeriesVersionReport>()
    models.set(name, ofModel.set(key.slice(at + 1), versionReport(counts)))
  }
  return Object.fromEntries([...models].map(([name, reports]) => [name, { versions: Object.fromEntries(reports) }]))
}

const countsReport = (counts: StatisticsCounts | undefined): SeriesCountsReport => ({
  models: modelsReport(counts?.versions ?? {}),
  rejected: counts?.rejected ?? {},
  zip_lookups: counts?.zip_lookups ?? {},
  accepted: counts?.accepted ?? 0,
  lost: counts?.lost ?? 0,
})

export interface CountedSeries extends SeriesStretch {
  /** Since when anything is counted, epoch milliseconds; `null`: nothing is. */
  readonly first: number | null
  /** By start; `null`: not known any more. */
  readonly points: ReadonlyMap<number, StatisticsCounts | null>
  readonly shards: { readonly answered: number; readonly of: number }
}

/**
 * Every point of the stretch, in order. What was counted is `null` before the first count, where it is not known any more, and everywhere
 * while a shard does not answer: a sum that lacks a shard reads like a fall of the traffic. A point after the first count that holds nothing
 * is a true nought.
 */
export const seriesPoints = ({ from, to, step, first, points, shards }: CountedSeries): SeriesPointReport[] => {
  const isWhole = shards.answered === shards.of
  const count = Math.round((to - from) / step)
  return Array.from({ length: count }, (_, index) => {
    const start = from + index * step
    const end = start + step
    const counts = points.get(start)
    const isKnown = isWhole && first !== null && end > first && counts !== null
    return { from: start, to: end, counts: isKnown ? countsReport(counts) : null }
  })
}
