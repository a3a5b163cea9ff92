/** The reference side of a drift test: how each field and output was distributed in training, by hour of the week. */
import type { BinLayout } from '../statistics/bin-counts.ts'
import { calendarAt } from '../time/calendar.ts'

export const HOURS_PER_WEEK = 168

/** What `hour_of_week` says of the rows of a profile that has 168 of them. */
export const HOUR_OF_WEEK = 'UTC, Monday 00:00 = 0'

/**
 * `calendar`: decided by the clock and the place, so its shape is that of the hours it was seen in, and it drifts only within one hour of
 * the week; `discrete`: few values; `continuous`: all others.
 */
export type ProfileFieldKind = 'continuous' | 'discrete' | 'calendar'

/**
 * The bins of a field. With `edges` e₀ < e₁ < …, bin b holds eᵦ₋₁ < x ≤ eᵦ, the first and the last bin are open to their side: one bin
 * more than edges. With `values`, bin b holds exactly the b-th value and one bin more holds all others.
 */
export type FieldBins = { readonly edges: readonly number[] } | { readonly values: readonly number[] }

/** Counts of one slice, bin by bin, where −n stands for n bins of zero. */
export type PackedCounts = readonly number[]

export type ProfileField = FieldBins & {
  readonly name: string
  readonly kind: ProfileFieldKind
  /** Least and greatest value, for distances between distributions; `null` if every value was missing. */
  readonly range: readonly [number, number] | null
  /** One row per slice. */
  readonly counts: readonly PackedCounts[]
  /** Missing values per slice, packed like the counts of a row. */
  readonly missing: PackedCounts
}

export interface ProfileOutput {
  readonly name: string
  /** The layout the edge counts the same output in. */
  readonly layout: BinLayout
  readonly counts: readonly PackedCounts[]
  /** Of a `value` its mean, of a `distribution` the mean of each label: where the counts tell neither. Absent from older profiles. */
  readonly mean?: number | readonly number[]
}

/**
 * Format 1, `reference.json`. Slices are the 168 hours of the week in UTC, or a single one where the training rows had no time
 * (`hour_of_week: null`). Counting by hour of the week lets a window of any length be compared with the same hours in training: a window
 * of one evening against all evenings of that weekday, not against the whole year.
 */
export interface ReferenceProfile {
  readonly format: 1
  readonly model: string
  readonly version: string
  /** Training rows counted. */
  readonly rows: number
  /** First and last event, ISO 8601; `null` where the rows had no time. */
  readonly from: string | null
  readonly to: string | null
  readonly hour_of_week: typeof HOUR_OF_WEEK | null
  readonly fields: readonly ProfileField[]
  readonly outputs: readonly ProfileOutput[]
  /** Training rows, evenly likely, to explain a prediction against; `null` is NaN. */
  readonly background: { readonly fields: readonly string[]; readonly rows: readonly (readonly (number | null)[])[] }
}

/** The slice an instant belongs to: 24 · weekday + hour in UTC, Monday 00:00 = 0, up to 167. Throws a RangeError for NaN. */
export const hourOfWeek = (epochMilliseconds: number): number => {
  const { dayOfWeek, hourOfDay } = calendarAt(epochMilliseconds)
  return 24 * dayOfWeek + hourOfDay
}

/** How many bins a field has. */
export const binCount = (bins: FieldBins): number => ('edges' in bins ? bins.edges : bins.values).length + 1

/** The bin of `value`, −1 where it is missing (NaN). Numbers are compared as float32, which is how a model sees them. */
export const binOf = (bins: FieldBins, value: number): number => {
  if (Number.isNaN(value)) return -1
  const single = Math.fround(value)
  if ('values' in bins) {
    const at = bins.values.findIndex((known) => Math.fround(known) === single)
    return at < 0 ? bins.values.length : at
  }
  let low = 0
  let high = bins.edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (single <= Math.fround(bins.edges[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

/** Counts, each a whole number ≥ 0, with every run of n zeros written −n. */
export const packCounts = (counts: ArrayLike<number>): number[] => {
  const packed: number[] = []
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] as number
    const last = packed.at(-1) ?? 0
    if (count !== 0) packed.push(count)
    else if (last < 0) packed[packed.length - 1] = last - 1
    else packed.push(-1)
  }
  return packed
}

/** What `packCounts` packed. Throws a RangeError unless it makes up `length` counts. */
export const unpackCounts = (packed: PackedCounts, length: number): Float64Array => {
  const counts = new Float64Array(length)
  let index = 0
  for (const number of packed) {
    if (number < 0) index -= number
    else if (index < length) counts[index++] = number
    else index++
  }
  if (index !== length) throw new RangeError(`Expected ${length} counts, got ${index}.`)
  return counts
}
