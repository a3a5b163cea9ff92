/** The reference side of a drift test, unpacked: what training saw of each field and output, by hour of the week. */
import {
  binCount,
  HOURS_PER_WEEK,
  type ProfileField,
  type ProfileFieldKind,
  type ProfileOutput,
  type ReferenceProfile,
  unpackCounts,
} from '../profile/reference-profile.ts'
import type { BinLayout } from '../statistics/bin-counts.ts'
import { type CalendarField, calendarField } from './calendar-field.ts'
import { summerShare } from './season.ts'
import { deviationOf } from './wasserstein.ts'

/** `score`: an output that is a number; `label`: an output that is one of a few. The others are kinds of fields. */
export type SeriesKind = ProfileFieldKind | 'score' | 'label'
export type SeriesRole = 'field' | 'output'

/** The bins of a field, or of an output, as the profile has them: what a plot is labelled with. */
export type SeriesBins =
  | { readonly edges: readonly number[] }
  | { readonly values: readonly number[] }
  | { readonly layout: BinLayout }

/** One field or output. Rows of counts have one number per bin. */
export interface SeriesView {
  readonly role: SeriesRole
  readonly name: string
  readonly kind: SeriesKind
  readonly bins: SeriesBins
  /** By slice. */
  readonly counts: readonly Float64Array[]
  /** Values, and missing values, by slice. */
  readonly rows: Float64Array
  readonly missing: Float64Array
  /** All slices together, bin by bin. */
  readonly totals: Float64Array
  /** The middle of each bin in the series' own unit, ascending; `null` where bins have no place on a line. */
  readonly positions: Float64Array | null
  /** Standard deviation of the reference at `positions`, not under what a bin's width hides; `null` without positions or values. */
  readonly deviation: number | null
  /** Set for `calendar` fields whose cycle is known. */
  readonly calendar: CalendarField | null
}

export interface ReferenceView {
  /** How many weeks the training rows span, at least 1: so often was each hour of the week seen. */
  readonly weeks: number
  /** Whether there are 168 slices, or one for all hours. */
  readonly byHour: boolean
  /** Share of the training days with daylight saving, in [0, 1]; `null` where the rows had no time. */
  readonly summerShare: number | null
  readonly series: readonly SeriesView[]
}

const MILLISECONDS_PER_WEEK = 604_800_000

const sumOf = (rows: readonly Float64Array[], bins: number): Float64Array => {
  const totals = new Float64Array(bins)
  for (const row of rows)
    for (let bin = 0; bin < bins; bin++) totals[bin] = (totals[bin] as number) + (row[bin] as number)
  return totals
}

/** Middles of the bins between `least`, the edges and `greatest`; outer bins that reach no further than their edge lie at it. */
const middles = (edges: readonly number[], [least, greatest]: readonly [number, number]): Float64Array => {
  const first = edges[0] ?? least
  const last = edges.at(-1) ?? greatest
  const bounds = [Math.min(least, first), ...edges, Math.max(greatest, last)]
  return Float64Array.from({ length: edges.length + 1 }, (_, bin) => {
    const [low, high] = [bounds[bin] as number, bounds[bin + 1] as number]
    return low + (high - low) / 2
  })
}

const placesOf = (positions: Float64Array | null, totals: Float64Array) => {
  const isEmpty = totals.every((count) => count === 0)
  if (positions === null || isEmpty) return { positions, deviation: null }
  // A uniform distribution within one bin: nothing narrower can be told apart.
  const span = (positions.at(-1) as number) - (positions[0] as number)
  const hidden = span / Math.max(1, positions.length - 1) / Math.sqrt(12)
  return { positions, deviation: Math.max(deviationOf(totals, positions), hidden) }
}

/** Of a calendar field without a known cycle only the bins can be compared; the offset from UTC follows the calendar as well as the place. */
const fieldKind = ({ kind }: ProfileField, calendar: CalendarField | null): SeriesKind => {
  if (calendar !== null) return 'calendar'
  return kind === 'calendar' ? 'discrete' : kind
}

const fieldView = (field: ProfileField, slices: number): SeriesView => {
  const bins = binCount(field)
  const counts = field.counts.map((row) => unpackCounts(row, bins))
  const totals = sumOf(counts, bins)
  const positions = 'edges' in field && field.range !== null ? middles(field.edges, field.range) : null
  const followsSeason = field.kind === 'calendar' || field.name === 'utc_offset_hours'
  const calendar = followsSeason ? calendarField(field) : null
  return {
    role: 'field',
    name: field.name,
    kind: fieldKind(field, calendar),
    bins: 'edges' in field ? { edges: field.edges } : { values: field.values },
    counts,
    rows: Float64Array.from(counts, (row) => row.reduce((sum, count) => sum + count, 0)),
    missing: unpackCounts(field.missing, slices),
    totals,
    ...placesOf(positions, totals),
    calendar,
  }
}

const outputView = (output: ProfileOutput, slices: number, isLabel: boolean): SeriesView => {
  const { layout, name } = output
  const counts = output.counts.map((row) => unpackCounts(row, layout.bins))
  const totals = sumOf(counts, layout.bins)
  const width = (layout.highest - layout.lowest) / layout.bins
  const positions = Float64Array.from(totals, (_, bin) => layout.lowest + (bin + 0.5) * width)
  return {
    role: 'output',
    name,
    kind: isLabel ? 'label' : 'score',
    bins: { layout },
    counts,
    rows: Float64Array.from(counts, (row) => row.reduce((sum, count) => sum + count, 0)),
    missing: new Float64Array(slices),
    totals,
    ...placesOf(isLabel ? null : positions, totals),
    calendar: null,
  }
}

/** `null` unless the profile says, in dates that can be read, when its rows are from. */
const spanOf = ({ from, to }: ReferenceProfile): { readonly from: number; readonly to: number } | null => {
  const span = { from: Date.parse(from ?? ''), to: Date.parse(to ?? '') }
  return span.from <= span.to ? span : null
}

/**
 * The view of `profile`, one that `readReferenceProfile` passed. `labels` names the outputs that are counted by their likeliest label
 * (`kind: "distribution"` in the manifest). Throws a RangeError for counts that do not fit their bins.
 */
export const referenceView = (profile: ReferenceProfile, labels: ReadonlySet<string>): ReferenceView => {
  const byHour = profile.hour_of_week !== null
  const slices = byHour ? HOURS_PER_WEEK : 1
  const span = spanOf(profile)
  return {
    weeks: span === null ? 1 : Math.max(1, (span.to - span.from) / MILLISECONDS_PER_WEEK),
    byHour,
    summerShare: span && summerShare(span.from, span.to),
    series: [
      ...profile.fields.map((field) => fieldView(field, slices)),
      ...profile.outputs.map((output) => outputView(output, slices, labels.has(output.name))),
    ],
  }
}
