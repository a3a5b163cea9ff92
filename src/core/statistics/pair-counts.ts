/** How two versions of a model differ on the same events: what a shadow, or a canary beside stable, is told by. */
import { type LatencyHistogram, mergeLatency } from './latency-histogram.ts'

/** How far one output of both versions was apart. */
export interface DifferenceCounts {
  /** Events in which both versions gave this output. */
  readonly count: number
  /** Sum and maximum of the absolute differences: |a - b| of numbers, half of Σ|a - b| of distributions (total variation, in [0, 1]). */
  readonly sum: number
  readonly maximum: number
  /** Events in which both versions came to a decision: on which side of the threshold, or which label is the most probable. */
  readonly decisions: number
  /** Those of them in which the decisions differ. */
  readonly changed: number
}

export interface PairCounts {
  /** Events both versions were asked about. */
  readonly events: number
  /** Events the other version should have been asked about and was not, since the isolate was behind or the version not in memory. */
  readonly skipped: number
  /** Events on which only the first failed, only the other, and both. */
  readonly first_failed: number
  readonly other_failed: number
  readonly both_failed: number
  /** The runs after the answer, each counted for the events in it. */
  readonly latency: LatencyHistogram
  readonly outputs: { readonly [name: string]: DifferenceCounts }
}

/** Which versions are compared: `first` is the one that answered or, where a canary answered, stable. */
export interface VersionPair {
  readonly model: string
  readonly first: string
  readonly other: string
}

/** `name@first~other`; no version holds a "~" and no name an "@". */
export const pairKey = ({ model, first, other }: VersionPair): string => `${model}@${first}~${other}`

/** Where pairs go that would be one too many. */
export const OTHER_PAIR = 'other@other~other'

/** The pair behind a key that `pairKey` made. */
export const readPairKey = (key: string): VersionPair => {
  const [model = '', versions = ''] = key.split('@')
  const [first = '', other = ''] = versions.split('~')
  return { model, first, other }
}

export const mergeDifferences = (a: DifferenceCounts, b: DifferenceCounts): DifferenceCounts => ({
  count: a.count + b.count,
  sum: a.sum + b.sum,
  maximum: Math.max(a.maximum, b.maximum),
  decisions: a.decisions + b.decisions,
  changed: a.changed + b.changed,
})

/** All but `outputs`, whose number the caller bounds. */
export const mergePairTotals = (a: PairCounts, b: PairCounts): Omit<PairCounts, 'outputs'> => ({
  events: a.events + b.events,
  skipped: a.skipped + b.skipped,
  first_failed: a.first_failed + b.first_failed,
  other_failed: a.other_failed + b.other_failed,
  both_failed: a.both_failed + b.both_failed,
  latency: mergeLatency(a.latency, b.latency),
})
