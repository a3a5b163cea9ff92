/** What is counted in a stretch of time, and how two such counts become one. */
import { type Accuracy, mergeAccuracy } from '../accuracy/accuracy.ts'
import { type BinCounts, mergeBins } from './bin-counts.ts'
import { type LatencyHistogram, mergeLatency } from './latency-histogram.ts'
import { type LatencySketch, mergeSketches } from './latency-sketch.ts'
import { mergeDifferences, mergePairTotals, OTHER_PAIR, type PairCounts } from './pair-counts.ts'

export type CountBy = { readonly [key: string]: number }
export type BinsBy = { readonly [name: string]: BinCounts }
export type SketchBy = { readonly [stage: string]: LatencySketch }
export type AccuracyBy = { readonly [output: string]: Accuracy }

export interface VersionCounts {
  /** Events answered. */
  readonly predictions: number
  /** Events that failed after this version was chosen, by failure code. */
  readonly errors: CountBy
  /** Answered events, by what they were flagged with; one event may bear several flags. */
  readonly degraded: CountBy
  readonly latency: LatencyHistogram
  /** How long measured requests took, by stage and in whole (`total`); absent from what older code counted. */
  readonly stages?: SketchBy
  /** The distribution of each output; of a `distribution` the index of its most probable label. */
  readonly outputs: BinsBy
  /** The distribution of each field, by the bins of the version's reference profile; empty where none is given. */
  readonly fields: BinsBy
  /** How right each output was, by the outcomes that came with receipts; absent where none did. No delta brings it. */
  readonly accuracy?: AccuracyBy
}

/** What one version of the worker's code did. */
export interface CodeOutcome {
  /** Events answered, and those that failed by a fault of ours. */
  readonly events: number
  readonly failed: number
}

export type CodeOutcomes = { readonly [codeVersion: string]: CodeOutcome }

export interface StatisticsCounts {
  /** By `name@version`. */
  readonly versions: { readonly [nameAtVersion: string]: VersionCounts }
  /** Events and requests that failed before a version was chosen, by failure code. */
  readonly rejected: CountBy
  /** Lookups of zip features, by how they ended. */
  readonly zip_lookups: CountBy
  /** Zip packs read from the store, by how the read ended; one read may serve many lookups, and none is read for what is in memory. Absent from what older code counted. */
  readonly zip_reads: CountBy
  /** How long browsers waited for an answer, by route, as they told it; nothing of it is verified. Absent from what older code counted. */
  readonly browser: SketchBy
  /** Events in deltas that were given up on. They may have been counted all the same (a reply that was lost), so this is an upper bound. */
  readonly lost: number
  /** Events that were stored to be predicted later; they are counted again, as what becomes of them, when they are. */
  readonly accepted: number
  /** How often a version could not be loaded, by `name@version`. */
  readonly load_failures: CountBy
  /** Requests that passed uncounted since the limit of requests failed, by how. */
  readonly limit_faults: CountBy
  /** Requests answered, by `operation class`, as `predict 2xx`; `none` is no operation. Absent from what older code counted. */
  readonly requests: CountBy
  /** By `name@first~other`: how two versions differ on the same events. */
  readonly pairs: { readonly [pair: string]: PairCounts }
  /** Events by the version of the worker's code that counted them. */
  readonly code_versions: CountBy
  /** How they ended, by which a deployment is judged. Absent from what older code counted. */
  readonly code_outcomes: CodeOutcomes
}

/** Where counts go whose own key would be one too many. */
export const OTHER = 'other'
/** The same among versions; no model version reads like it. */
export const OTHER_VERSION = 'other@other'

/** How many different keys are kept, and of `compared` how many events. With `MAX_BINS` and `SKETCH_BINS` they keep a delta under about 4 MB, whatever it counts; a common one has 1 KB. */
export const LIMITS = {
  versions: 32,
  pairs: 16,
  evidence: 4,
  compared: 500,
  keys: 64,
  outputs: 16,
  fields: 64,
  stages: 8,
  requests: 256,
  browserRoutes: 4,
} as const

export const emptyCounts = (): StatisticsCounts => ({
  versions: {},
  rejected: {},
  zip_lookups: {},
  zip_reads: {},
  browser: {},
  lost: 0,
  accepted: 0,
  load_failures: {},
  limit_faults: {},
  requests: {},
  pairs: {},
  code_versions: {},
  code_outcomes: {},
})

/** Counts that older code wrote, with what it did not count yet. */
export const completeCounts = (counts: Partial<StatisticsCounts>): StatisticsCounts => ({ ...emptyCounts(), ...counts })

export const sumOf = (counts: CountBy): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Every event counted: answered, failed or rejected. */
export const eventsIn = ({ versions, rejected }: Pick<StatisticsCounts, 'versions' | 'rejected'>): number =>
  Object.values(versions).reduce((sum, { predictions, errors }) => sum + predictions + sumOf(errors), sumOf(rejected))

/**
 * Key by key. Beyond `limit` keys the alphabetically last ones become `other`: a key that is dropped from a part is dropped from the
 * whole too, so any order of merging gives the same counts. A value that has only one side is passed on as the same object.
 */
const mergeKeys = <T>(
  a: { readonly [key: string]: T },
  b: { readonly [key: string]: T },
  merge: (a: T, b: T) => T,
  limit: number,
  other: string,
): { readonly [key: string]: T } => {
  const merged = new Map(Object.entries(a))
  const add = (key: string, value: T): void => {
    const present = merged.get(key)
    merged.set(key, present === undefined ? value : merge(present, value))
  }
  for (const [key, value] of Object.entries(b)) add(key, value)
  if (merged.size > limit) {
    const named = [...merged.keys()].filter((key) => key !== other).sort()
    for (const key of named.slice(limit)) {
      add(other, merged.get(key) as T)
      merged.delete(key)
    }
  }
  return Object.fromEntries(merged)
}

const mergeCountBy = (a: CountBy, b: CountBy, limit: number = LIMITS.keys): CountBy =>
  mergeKeys(a, b, (x, y) => x + y, limit, OTHER)

const mergeOutcomes = (a: CodeOutcome, b: CodeOutcome): CodeOutcome => ({
  events: a.events + b.events,
  failed: a.failed + b.failed,
})

const mergeAccuracies = (a: VersionCounts, b: VersionCounts): Pick<VersionCounts, 'accuracy'> =>
  a.accuracy === undefined && b.accuracy === undefined
    ? {}
    : { accuracy: mergeKeys(a.accuracy ?? {}, b.accuracy ?? {}, mergeAccuracy, LIMITS.outputs, OTHER) }

const mergeStages = ({ stages: a }: VersionCounts, { stages: b }: VersionCounts): Pick<VersionCounts, 'stages'> =>
  a === undefined && b === undefined ? {} : { stages: mergeKeys(a ?? {}, b ?? {}, mergeSketches, LIMITS.stages, OTHER) }

export const mergeVersions = (a: VersionCounts, b: VersionCounts): VersionCounts => ({
  predictions: a.predictions + b.predictions,
  errors: mergeCountBy(a.errors, b.errors),
  degraded: mergeCountBy(a.degraded, b.degraded),
  latency: mergeLatency(a.latency, b.latency),
  outputs: mergeKeys(a.outputs, b.outputs, mergeBins, LIMITS.outputs, OTHER),
  fields: mergeKeys(a.fields, b.fields, mergeBins, LIMITS.fields, OTHER),
  ...mergeStages(a, b),
  ...mergeAccuracies(a, b),
})

const mergePairs = (a: PairCounts, b: PairCounts): PairCounts => ({
  ...mergePairTotals(a, b),
  outputs: mergeKeys(a.outputs, b.outputs, mergeDifferences, LIMITS.outputs, OTHER),
})

/** Both counts in one: exact (all are whole numbers but the sums and maxima of differences, and some sums of accuracy), and the same in any order and grouping. A version only one side has is passed on as the same object. */
export const mergeCounts = (a: StatisticsCounts, b: StatisticsCounts): StatisticsCounts => ({
  versions: mergeKeys(a.versions, b.versions, mergeVersions, LIMITS.versions, OTHER_VERSION),
  rejected: mergeCountBy(a.rejected, b.rejected),
  zip_lookups: mergeCountBy(a.zip_lookups, b.zip_lookups),
  zip_reads: mergeCountBy(a.zip_reads, b.zip_reads),
  browser: mergeKeys(a.browser, b.browser, mergeSketches, LIMITS.browserRoutes, OTHER),
  lost: a.lost + b.lost,
  accepted: a.accepted + b.accepted,
  load_failures: mergeCountBy(a.load_failures, b.load_failures),
  limit_faults: mergeCountBy(a.limit_faults, b.limit_faults),
  requests: mergeCountBy(a.requests, b.requests, LIMITS.requests),
  pairs: mergeKeys(a.pairs, b.pairs, mergePairs, LIMITS.pairs, OTHER_PAIR),
  code_versions: mergeCountBy(a.code_versions, b.code_versions),
  code_outcomes: mergeKeys(a.code_outcomes, b.code_outcomes, mergeOutcomes, LIMITS.keys, OTHER),
})
