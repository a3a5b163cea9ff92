/** What a statistics object answers, each answer with the version of its format. */
import type { ScoredFate } from '../accuracy/scored.ts'
import { quote } from '../failure.ts'
import { isJsonObject } from '../json.ts'
import type { Evidence } from '../judgement/evidence.ts'
import type { OutcomeFate } from '../judgement/outcomes.ts'
import { readEvidence } from '../judgement/read-evidence.ts'
import { readRelease } from '../release/read-release.ts'
import type { Release } from '../release/release.ts'
import { type CountBy, completeCounts, type StatisticsCounts } from './counts.ts'
import type { SeriesPoint } from './series.ts'
import { emptyTotals, type StatisticsTotals } from './totals.ts'

/** What a shard knows of a model's release. */
export interface ReleaseNews {
  readonly model: string
  /** `null`: the controller has never released anything, so what the bundle ships holds. */
  readonly release: Release | null
  /** How long ago the controller said so. */
  readonly age_milliseconds: number
}

/** To a delta. */
export interface DeltaReply {
  readonly format: 1
  /** `false`: it had applied this sequence or a later one of this isolate before. */
  readonly applied: boolean
  /** One for each model the shard knows of; none from an object of older code. */
  readonly releases: readonly ReleaseNews[]
}

/** To several deltas at once. */
export interface DeltasReply {
  readonly format: 1
  /** One for each delta, in order; `false`: it had been applied before. */
  readonly applied: readonly boolean[]
  readonly releases: readonly ReleaseNews[]
}

/** To the question for a window. */
export interface WindowReply {
  readonly format: 1
  readonly counts: StatisticsCounts
}

/** To the question for the points of a range. */
export interface SeriesReply {
  readonly format: 1
  /** Since when it counts, epoch milliseconds; `null`: it has counted nothing. */
  readonly first: number | null
  /** Those that hold anything, or are not known any more. */
  readonly points: readonly SeriesPoint[]
}

/** To the question for the totals. */
export interface TotalsReply {
  readonly format: 1
  readonly totals: StatisticsTotals
  /** Events of the last five minutes by the version of the worker's code that counted them. */
  readonly code_versions: CountBy
}

/** To the question for the evidence of a model's canaries. */
export interface EvidenceReply {
  readonly format: 1
  readonly evidence: readonly Evidence[]
}

/** To reported outcomes. */
export interface OutcomesReply {
  readonly format: 1
  /** One for each outcome, in order. */
  readonly fates: readonly OutcomeFate[]
}

/** To outcomes that came with receipts. */
export interface ScoredReply {
  readonly format: 1
  /** One for each outcome, in order. */
  readonly fates: readonly ScoredFate[]
}

const readNews = (value: unknown): readonly ReleaseNews[] => {
  if (!isJsonObject(value)) return []
  const { model, age_milliseconds } = value
  const release = value.release === null ? null : readRelease(value.release)
  if (typeof model !== 'string' || typeof age_milliseconds !== 'number' || !(age_milliseconds >= 0)) return []
  if (release === null ? value.release !== null : release.model !== model) return []
  return [{ model, release, age_milliseconds }]
}

/**
 * The releases in the reply to a delta, which other code than ours may have given during a deploy. What this code cannot read it leaves out:
 * the delta is applied all the same, and the knowledge of a release left out grows old, which its users see.
 */
export const readReleaseNews = (reply: unknown): readonly ReleaseNews[] => {
  const releases = isJsonObject(reply) ? reply.releases : undefined
  return Array.isArray(releases) ? releases.flatMap(readNews) : []
}

/** The evidence in a shard's answer. Throws a `RangeError` for what this code cannot read. */
export const readEvidenceReply = (reply: unknown): readonly Evidence[] => {
  const [format, evidence] = isJsonObject(reply) ? [reply.format, reply.evidence] : []
  if (format !== 1 || !Array.isArray(evidence))
    throw new RangeError(`evidence of a shard: format is ${quote(format)}, expected 1, the one this code knows`)
  return evidence.map(readEvidence)
}

/** The counts of a shard's answer, which other code than ours may have given during a deploy. Throws a `RangeError` for an unknown format. */
export const readWindowReply = (reply: unknown): StatisticsCounts => {
  const format = isJsonObject(reply) ? reply.format : undefined
  if (format !== 1)
    throw new RangeError(`statistics window: format is ${quote(format)}, expected 1, the one this code knows`)
  return completeCounts((reply as WindowReply).counts)
}

/** The points of a shard's answer, which other code than ours may have given during a deploy. Throws a `RangeError` for an unknown format. */
export const readSeriesReply = (reply: unknown): Omit<SeriesReply, 'format'> => {
  const format = isJsonObject(reply) ? reply.format : undefined
  if (format !== 1)
    throw new RangeError(`statistics series: format is ${quote(format)}, expected 1, the one this code knows`)
  const { first, points } = reply as SeriesReply
  return { first, points: points.map(({ start, counts }) => ({ start, counts: counts && completeCounts(counts) })) }
}

/** The totals in a shard's answer, which other code than ours may have given during a deploy. Throws a `RangeError` for an unknown format. */
export const readTotalsReply = (reply: unknown): Omit<TotalsReply, 'format'> => {
  const format = isJsonObject(reply) ? reply.format : undefined
  if (format !== 1)
    throw new RangeError(`statistics totals: format is ${quote(format)}, expected 1, the one this code knows`)
  const { totals, code_versions } = reply as TotalsReply
  return { totals: { ...emptyTotals(), ...totals }, code_versions }
}

const readFate = (value: unknown): OutcomeFate => {
  const { fate, path, message } = isJsonObject(value) ? value : {}
  if (fate === 'matched' || fate === 'unmatched') return { fate }
  if (fate === 'refused' && (path === 'output' || path === 'value') && typeof message === 'string')
    return { fate, path, message }
  throw new RangeError(`outcomes of a shard: a fate is ${quote(value)}, which this code does not know`)
}

/** The fates of `count` outcomes in a shard's answer. Throws a `RangeError` for what this code cannot read. */
export const readOutcomesReply = (reply: unknown, count: number): readonly OutcomeFate[] => {
  const [format, fates] = isJsonObject(reply) ? [reply.format, reply.fates] : []
  if (format !== 1 || !Array.isArray(fates) || fates.length !== count)
    throw new RangeError(`outcomes of a shard: format is ${quote(format)}, expected 1 with ${count} fates`)
  return fates.map(readFate)
}
