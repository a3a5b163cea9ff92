/** What `GET /v1/stats` answers: the counts of a window by model and version, with shares and quantiles worked out. */
import { type AccuracyReport, accuracyReport } from '../accuracy/accuracy.ts'
import {
  type BinsBy,
  type CodeOutcomes,
  type CountBy,
  type SketchBy,
  type StatisticsCounts,
  sumOf,
  type VersionCounts,
} from './counts.ts'
import { LATENCY_BOUNDS_SECONDS, type LatencyHistogram, latencyCount, latencyQuantile } from './latency-histogram.ts'
import { type LatencySketch, sketchCount, sketchQuantile } from './latency-sketch.ts'
import { type DifferenceCounts, type PairCounts, readPairKey } from './pair-counts.ts'

/** How far back each window reaches, in milliseconds. */
export const WINDOW_MILLISECONDS = {
  '5m': 5 * 60_000,
  '1h': 60 * 60_000,
  '24h': 24 * 60 * 60_000,
  '7d': 7 * 24 * 60 * 60_000,
} as const

export type StatisticsWindow = keyof typeof WINDOW_MILLISECONDS

export const STATISTICS_WINDOWS = Object.keys(WINDOW_MILLISECONDS) as StatisticsWindow[]

/** All of it weighted: a request that was measured stands for those that were not. */
export interface LatencyReport {
  /** Requests whose duration is known. */
  readonly count: number
  /** Requests whose duration is not known; they are in no quantile and no bucket. */
  readonly unknown: number
  readonly sum_seconds: number
  /** Quantiles in seconds; `null` when no duration is known. */
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  /** Cumulative, as in Prometheus: requests that took at most `le` seconds. */
  readonly buckets: readonly { readonly le: number | '+Inf'; readonly count: number }[]
}

/** How long a stage of the measured requests took, weighted as in `LatencyReport`. */
export interface StageReport {
  readonly count: number
  readonly unknown: number
  /** Seconds, off by 1 % at most; `null` when no duration is known. */
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
}

export interface VersionReport {
  readonly predictions: number
  readonly errors: CountBy
  /** Errors among the events this version was chosen for, in [0, 1]; `null` when there were none. */
  readonly error_share: number | null
  readonly degraded: CountBy
  readonly latency: LatencyReport
  /** By stage, and `total` for the whole request; empty where older code counted. */
  readonly stages: { readonly [stage: string]: StageReport }
  readonly outputs: BinsBy
  /** By output; absent where no outcome with a receipt was reported. An outcome counts when it was foretold. */
  readonly accuracy?: { readonly [output: string]: AccuracyReport }
}

export interface DifferenceReport {
  readonly count: number
  /** Mean and maximum of the absolute differences; `null` where there is none. */
  readonly mean_difference: number | null
  readonly maximum_difference: number | null
  /** Events in which both versions came to a decision, and the share of them in which they differ; `null` when there are none. */
  readonly decisions: number
  readonly changed_share: number | null
}

export interface PairReport extends Omit<PairCounts, 'outputs' | 'latency'> {
  readonly model_name: string
  readonly first: string
  readonly other: string
  /** Of the runs after the answer. */
  readonly latency: LatencyReport
  readonly outputs: { readonly [name: string]: DifferenceReport }
}

export interface StatisticsReport {
  readonly window: StatisticsWindow
  /** What the window covers, epoch milliseconds; `from` is the start of a minute or an hour, so a little more than was asked for. */
  readonly from: number
  readonly to: number
  /** When the shards were asked, epoch milliseconds. */
  readonly as_of: number
  readonly models: { readonly [name: string]: { readonly versions: { readonly [version: string]: VersionReport } } }
  readonly rejected: CountBy
  readonly zip_lookups: CountBy
  /** Zip packs read from the store, by how the read ended. */
  readonly zip_reads: CountBy
  /** Lookups that ended with a zip nobody knows, among those of a zip, in [0, 1]; `null` when there were none. */
  readonly unknown_zip_share: number | null
  /** How long browsers waited, by route, as they told it. */
  readonly browser: { readonly [route: string]: StageReport }
  readonly lost: number
  readonly accepted: number
  readonly load_failures: CountBy
  readonly limit_faults: CountBy
  readonly requests: CountBy
  readonly pairs: readonly PairReport[]
  readonly code_versions: CountBy
  readonly code_outcomes: CodeOutcomes
  /** With fewer shards answered than there are, every count is too low. */
  readonly shards: { readonly answered: number; readonly of: number }
}

const latencyReport = (histogram: LatencyHistogram): LatencyReport => {
  let cumulative = 0
  return {
    count: latencyCount(histogram),
    unknown: histogram.unknown,
    sum_seconds: histogram.sum_microseconds / 1e6,
    p50: latencyQuantile(histogram, 0.5),
    p90: latencyQuantile(histogram, 0.9),
    p99: latencyQuantile(histogram, 0.99),
    buckets: histogram.counts.map((count, bucket) => {
      cumulative += count
      return { le: LATENCY_BOUNDS_SECONDS[bucket] ?? '+Inf', count: cumulative }
    }),
  }
}

const stageReport = (sketch: LatencySketch): StageReport => ({
  count: sketchCount(sketch),
  unknown: sketch.unknown,
  p50: sketchQuantile(sketch, 0.5),
  p90: sketchQuantile(sketch, 0.9),
  p99: sketchQuantile(sketch, 0.99),
})

const stageReports = (sketches: SketchBy): VersionReport['stages'] =>
  Object.fromEntries(Object.entries(sketches).map(([stage, sketch]) => [stage, stageReport(sketch)]))

const accuracyReports = ({ accuracy, predictions }: VersionCounts): Pick<VersionReport, 'accuracy'> => {
  if (accuracy === undefined) return {}
  const reports = Object.entries(accuracy).map(([name, counts]) => [name, accuracyReport(counts, predictions)])
  return { accuracy: Object.fromEntries(reports) }
}

const versionReport = (counts: VersionCounts): VersionReport => {
  const { predictions, errors, degraded, latency, outputs } = counts
  const failed = sumOf(errors)
  const events = predictions + failed
  return {
    predictions,
    errors,
    error_share: events === 0 ? null : failed / events,
    degraded,
    latency: latencyReport(latency),
    stages: stageReports(counts.stages ?? {}),
    outputs,
    ...accuracyReports(counts),
  }
}

const byModel = (versions: StatisticsCounts['versions']): StatisticsReport['models'] => {
  const models = new Map<string, Map<string, VersionReport>>()
  for (const [key, counts] of Object.entries(versions)) {
    const at = key.lastIndexOf('@')
    const name = key.slice(0, at)
    const ofModel = models.get(name) ?? new Map<string, VersionReport>()
    models.set(name, ofModel.set(key.slice(at + 1), versionReport(counts)))
  }
  return Object.fromEntries([...models].map(([name, reports]) => [name, { versions: Object.fromEntries(reports) }]))
}

const differenceReport = ({ count, sum, maximum, decisions, changed }: DifferenceCounts): DifferenceReport => ({
  count,
  mean_difference: count === 0 ? null : sum / count,
  maximum_difference: count === 0 ? null : maximum,
  decisions,
  changed_share: decisions === 0 ? null : changed / decisions,
})

const pairReport = (key: string, { latency, outputs, ...totals }: PairCounts): PairReport => {
  const { model, first, other } = readPairKey(key)
  const reports = Object.entries(outputs).map(([name, counts]) => [name, differenceReport(counts)])
  return {
    model_name: model,
    first,
    other,
    ...totals,
    latency: latencyReport(latency),
    outputs: Object.fromEntries(reports),
  }
}

const unknownZipShare = (lookups: CountBy): number | null => {
  const asked = sumOf(lookups) - (lookups.missing ?? 0)
  return asked === 0 ? null : (lookups.unknown ?? 0) / asked
}

export interface ReportFrame {
  readonly window: StatisticsWindow
  readonly from: number
  readonly asOf: number
  readonly shards: StatisticsReport['shards']
}

/** The report of `counts`, merged over the shards that answered. */
export const statisticsReport = (
  counts: StatisticsCounts,
  { window, from, asOf, shards }: ReportFrame,
): StatisticsReport => ({
  window,
  from,
  to: asOf,
  as_of: asOf,
  models: byModel(counts.versions),
  rejected: counts.rejected,
  zip_lookups: counts.zip_lookups,
  zip_reads: counts.zip_reads,
  unknown_zip_share: unknownZipShare(counts.zip_lookups),
  browser: stageReports(counts.browser),
  lost: counts.lost,
  accepted: counts.accepted,
  load_failures: counts.load_failures,
  limit_faults: counts.limit_faults,
  requests: counts.requests,
  pairs: Object.entries(counts.pairs).map(([key, pair]) => pairReport(key, pair)),
  code_versions: counts.code_versions,
  code_outcomes: counts.code_outcomes,
  shards,
})
