/** One series hour by hour beside what the reference expects of the same hours, and the sum of that over a window. */
import { HOURS_PER_WEEK, hourOfWeek } from '../profile/reference-profile.ts'
import type { ReferenceView, SeriesView } from './reference-view.ts'
import { summerHours } from './season.ts'
import { type HourCounts, MILLISECONDS_PER_HOUR, type SeriesCounts } from './window-counts.ts'

/** Counts of a stretch of time beside expected counts: rows of equal length whose sums are `size` and `of`. */
export interface ComparedRow {
  /** Epoch ms. */
  readonly startsAt: number
  readonly size: number
  readonly observed: ArrayLike<number>
  readonly of: number
  readonly expected: ArrayLike<number>
  /** Which slice of the reference the expectation comes from, and how many of its rows. */
  readonly slice: number
  readonly referenceRows: number
}

/** A stretch of time within one hour. Rows are `null` where there is nothing to compare. */
export interface ComparedHour {
  readonly startsAt: number
  /** Everything counted, missing values included. */
  readonly events: number
  /** Whether the reference knows the hour (of days of the year: the day). */
  readonly isKnown: boolean
  /** Hours by which daylight saving may have blurred the comparison, 0 to 1. */
  readonly blur: number
  /** By bin. */
  readonly bins: ComparedRow | null
  /** What is tested: the same, of calendar fields by lag. */
  readonly shape: ComparedRow | null
  /** Missing values and others, in this order. */
  readonly missing: ComparedRow | null
}

/** Rows of a window. */
export interface Compared {
  readonly rows: readonly ComparedRow[]
  /** Sum of sizes. */
  readonly size: number
  /** The rows of one slice that would make the expectation as exact: 1 / Σ w² / r over slices of r rows that hold a share w of the window. */
  readonly referenceRows: number
}

export interface ComparedSeries {
  readonly events: number
  /** How many different hours have rows. */
  readonly hours: number
  /** Share of the events in hours that the reference knows; `null` without events. */
  readonly coverage: number | null
  /** Mean over the events, in hours. */
  readonly blur: number
  readonly bins: Compared
  readonly shape: Compared
  readonly missing: Compared
}

const rowTotal = (row: ArrayLike<number>): number => {
  let sum = 0
  for (let bin = 0; bin < row.length; bin++) sum += row[bin] as number
  return sum
}

const countsIn = ({ role, name, totals }: SeriesView, block: HourCounts): SeriesCounts | undefined => {
  const counted = role === 'field' ? block.fields : block.outputs
  const found = Object.hasOwn(counted, name) ? counted[name] : undefined
  if (found !== undefined && found.counts.length !== totals.length)
    throw new RangeError(
      `${role} "${name}": expected ${totals.length} bins as in the reference, got ${found.counts.length}.`,
    )
  return found
}

/** Without hours in the reference, only what follows the clock and what does not follow the hour can be compared. */
const canCompare = ({ byHour }: ReferenceView, { calendar }: SeriesView): boolean =>
  byHour || calendar === null || calendar.followsClock

interface Season {
  /** Hours by which local life is ahead of what training saw at the same hour of UTC: −1, 0 or 1. */
  readonly ahead: number
  /** Hours that may be left of the difference, since training saw both seasons: 0 to 0.5, and up to 1 while zones change one after another. */
  readonly blur: number
}
const SAME_SEASON: Season = { ahead: 0, blur: 0 }

const seasonOf = ({ byHour, summerShare }: ReferenceView, { calendar }: SeriesView, startsAt: number): Season => {
  if (!byHour || summerShare === null || calendar?.followsClock === true) return SAME_SEASON
  const { least, greatest } = summerHours(startsAt)
  const ahead = Math.round((least + greatest) / 2 - summerShare)
  return { ahead, blur: Math.max(Math.abs(least - summerShare - ahead), Math.abs(greatest - summerShare - ahead)) }
}

const compareShape = (
  series: SeriesView,
  startsAt: number,
  observed: readonly number[],
  slice: number,
  ahead: number,
): Pick<ComparedHour, 'bins' | 'shape'> => {
  const { calendar } = series
  const size = rowTotal(observed)
  const referenceRows = series.rows[slice] as number
  if (size === 0 || referenceRows === 0) return { bins: null, shape: null }
  const own = calendar?.followsClock === true ? calendar.ownShares(startsAt) : undefined
  const row = {
    startsAt,
    size,
    observed,
    of: own === undefined ? referenceRows : 1,
    expected: own ?? (series.counts[slice] as Float64Array),
    slice,
    referenceRows,
  }
  if (calendar === null) return { bins: row, shape: row }
  const lagged = {
    observed: calendar.lags(observed, startsAt, ahead),
    expected: calendar.lags(row.expected, startsAt, 0),
  }
  return { bins: row, shape: { ...row, ...lagged } }
}

/**
 * `series` in `block` beside the reference of the same hour of the week, so that a rhythm that training knows moves both sides alike. In summer, of a
 * reference from winter, that of the hour that had the same local time: life keeps to its clocks. `null` where the block has nothing of it.
 * Throws a RangeError for counts in other bins than the reference's.
 */
export const compareHour = (reference: ReferenceView, series: SeriesView, block: HourCounts): ComparedHour | null => {
  const counted = countsIn(series, block)
  if (counted === undefined) return null
  const { startsAt } = block
  const present = rowTotal(counted.counts)
  const events = present + counted.missing
  if (events === 0) return null
  const { ahead, blur } = seasonOf(reference, series, startsAt)
  const slice = reference.byHour ? hourOfWeek(startsAt + ahead * MILLISECONDS_PER_HOUR) : 0
  const rows = series.rows[slice] as number
  const missing = series.missing[slice] as number
  const all = rows + missing
  if (all === 0 || !canCompare(reference, series))
    return { startsAt, events, isKnown: false, blur, bins: null, shape: null, missing: null }
  return {
    startsAt,
    events,
    blur,
    isKnown: rows > 0 && (series.calendar?.isKnown(startsAt, series.totals) ?? true),
    ...compareShape(series, startsAt, counted.counts, slice, ahead),
    missing: {
      startsAt,
      size: events,
      observed: [counted.missing, present],
      of: all,
      expected: [missing, rows],
      slice,
      referenceRows: all,
    },
  }
}

const gather = (hours: readonly ComparedHour[], of: 'bins' | 'shape' | 'missing'): Compared => {
  const sizes = new Float64Array(HOURS_PER_WEEK)
  const references = new Float64Array(HOURS_PER_WEEK)
  const rows: ComparedRow[] = []
  for (const { [of]: row } of hours) {
    if (row === null) continue
    rows.push(row)
    sizes[row.slice] = (sizes[row.slice] as number) + row.size
    references[row.slice] = row.referenceRows
  }
  const size = rowTotal(sizes)
  let variance = 0
  for (let slice = 0; slice < HOURS_PER_WEEK; slice++) {
    const held = sizes[slice] as number
    if (held > 0) variance += (held / size) ** 2 / (references[slice] as number)
  }
  return { rows, size, referenceRows: variance === 0 ? 0 : 1 / variance }
}

/** All of `hours` together. With `isComparable` false they are only counted. */
export const compareWindow = (hours: readonly ComparedHour[], isComparable: boolean): ComparedSeries => {
  const comparable = isComparable ? hours : []
  const sumOf = (some: readonly ComparedHour[]): number => some.reduce((sum, { events }) => sum + events, 0)
  const events = sumOf(hours)
  const filled = comparable.filter(({ missing }) => missing !== null)
  return {
    events,
    hours: new Set(filled.map(({ startsAt }) => Math.floor(startsAt / MILLISECONDS_PER_HOUR))).size,
    coverage: events === 0 ? null : sumOf(comparable.filter(({ isKnown }) => isKnown)) / events,
    blur: events === 0 ? 0 : hours.reduce((sum, hour) => sum + hour.blur * hour.events, 0) / events,
    bins: gather(comparable, 'bins'),
    shape: gather(comparable, 'shape'),
    missing: gather(comparable, 'missing'),
  }
}

const add = (sums: Float64Array, row: ArrayLike<number>, factor: number): void => {
  for (let cell = 0; cell < sums.length; cell++) sums[cell] = (sums[cell] as number) + factor * (row[cell] as number)
}

/** Observed counts Σ x and expected counts Σ n · p of all rows, n the size of a row and p its expected shares. Both empty without rows. */
export const sumRows = ({ rows }: Pick<Compared, 'rows'>): { observed: Float64Array; expected: Float64Array } => {
  const cells = rows[0]?.observed.length ?? 0
  const [observed, expected] = [new Float64Array(cells), new Float64Array(cells)]
  for (const row of rows) {
    add(observed, row.observed, 1)
    add(expected, row.expected, row.size / row.of)
  }
  return { observed, expected }
}
