/** The current side of a drift test: what was counted in the hours of a window. */
import type { BinCounts } from '../statistics/bin-counts.ts'

/** One field or output in one hour: a count per bin of its reference, and missing values. Whole numbers ≥ 0. */
export interface SeriesCounts {
  readonly counts: readonly number[]
  readonly missing: number
}

export type CountsByName = { readonly [name: string]: SeriesCounts }

/**
 * What came in within one hour, or a part of it. The hour is that of receipt, by the clock of the edge: an event's own time may be wrong, and that is one of the
 * things to be found. Without bots and whatever else is answered but not to be compared.
 */
export interface HourCounts {
  /** Start of the stretch, epoch ms; it may not reach into the next hour. */
  readonly startsAt: number
  readonly fields: CountsByName
  readonly outputs: CountsByName
}

export const MILLISECONDS_PER_HOUR = 3_600_000

/** Counts of a `BinRecorder` as a series: what lies below or above the layout is in the outer bins, as in a profile; what is not a number is missing. */
export const seriesCounts = ({ counts, under, over, non_finite }: BinCounts): SeriesCounts => ({
  counts: counts.map((count, bin) => count + (bin === 0 ? under : 0) + (bin === counts.length - 1 ? over : 0)),
  missing: non_finite,
})

/** Throws a RangeError that names both lengths where the same series was counted in other bins. */
const mergeSeries = (name: string, a: SeriesCounts, b: SeriesCounts): SeriesCounts => {
  if (a.counts.length !== b.counts.length)
    throw new RangeError(`"${name}": expected ${a.counts.length} bins as before, got ${b.counts.length}.`)
  return { counts: a.counts.map((count, bin) => count + (b.counts[bin] as number)), missing: a.missing + b.missing }
}

const mergeNames = (a: CountsByName, b: CountsByName): CountsByName => {
  const merged = new Map(Object.entries(a))
  for (const [name, counts] of Object.entries(b)) {
    const present = merged.get(name)
    merged.set(name, present === undefined ? counts : mergeSeries(name, present, counts))
  }
  return Object.fromEntries(merged)
}

/** Blocks of the same start as one, ascending: what shards counted in the same hour. Exact, in any order. Throws a RangeError for unlike bins. */
export const mergeHours = (blocks: readonly HourCounts[]): HourCounts[] => {
  const merged = new Map<number, HourCounts>()
  for (const block of blocks) {
    const { startsAt } = block
    const present = merged.get(startsAt)
    const both = present && {
      startsAt,
      fields: mergeNames(present.fields, block.fields),
      outputs: mergeNames(present.outputs, block.outputs),
    }
    merged.set(startsAt, both ?? block)
  }
  return [...merged.values()].sort((a, b) => a.startsAt - b.startsAt)
}

/** Those of `stretches` that begin in the last `hours` before `until` (epoch ms). */
export const windowOf = <T extends { readonly startsAt: number }>(
  stretches: readonly T[],
  hours: number,
  until: number,
): readonly T[] => {
  const from = until - hours * MILLISECONDS_PER_HOUR
  return stretches.filter(({ startsAt }) => from <= startsAt && startsAt < until)
}
