/** Counts along the time line: which points a range has, what of the counts each keeps, and since when there are any. */
import { quote } from '../failure.ts'
import {
  emptyCounts,
  mergeCounts,
  mergeVersions,
  OTHER,
  OTHER_VERSION,
  type StatisticsCounts,
  type VersionCounts,
} from './counts.ts'
import { DAY, floorTo, type Gathered, HOUR, MINUTE, type Span } from './rollup.ts'

/** The finest points: those of the last minutes, which are kept apart from the windows. Milliseconds. */
export const RECENT_STEP = 5_000

/**
 * How far back each range reaches, and from the start of one point to that of the next, milliseconds. A step is made of stored stretches that
 * are kept for as long as its range reaches; no range has more than 170 points.
 */
export const SERIES_RANGES = {
  '5m': { reach: 5 * MINUTE, step: RECENT_STEP },
  '1h': { reach: HOUR, step: MINUTE },
  '24h': { reach: DAY, step: 10 * MINUTE },
  '7d': { reach: 7 * DAY, step: HOUR },
  '30d': { reach: 30 * DAY, step: 6 * HOUR },
} as const

export type SeriesRange = keyof typeof SERIES_RANGES

export const SERIES_RANGE_NAMES = Object.keys(SERIES_RANGES) as SeriesRange[]

/** Epoch milliseconds and milliseconds; `to` is the end of the point that is still growing. */
export interface SeriesStretch {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** The stretch `range` means at `now`, epoch milliseconds. Throws a `RangeError` for a range it does not know. */
export const seriesStretch = (range: SeriesRange, now: number): SeriesStretch => {
  if (!Object.hasOwn(SERIES_RANGES, range))
    throw new RangeError(`range is ${quote(range)}, expected one of ${SERIES_RANGE_NAMES.join(', ')}`)
  const { reach, step } = SERIES_RANGES[range]
  return { from: floorTo(now - reach, step), to: floorTo(now, step) + step, step }
}

/** What was gathered, as far as a point of `step` may be made of it: no stretch reaches over the border of a point. */
export const gatheredFor = (step: number, { hours }: Gathered): Gathered => ({
  hours: step < HOUR ? 0 : hours,
  days: 0,
})

/** Versions and codes of a point. With them a point has at most about 40 KB, and a common one has 1 KB. */
const SERIES_LIMITS = { versions: 16, keys: 16 } as const

type By<T> = { readonly [key: string]: T }

/** The alphabetically first `limit` keys, as merging counts has it; the others go into `other`. */
const narrow = <T>(by: By<T>, limit: number, other: string, merge: (a: T, b: T) => T): By<T> => {
  const named = Object.keys(by).filter((key) => key !== other)
  if (named.length <= limit) return by
  const kept = new Set(named.sort().slice(0, limit))
  const dropped = Object.keys(by).flatMap((key) => (kept.has(key) ? [] : [by[key] as T]))
  return { ...Object.fromEntries([...kept].map((key) => [key, by[key] as T])), [other]: dropped.reduce(merge) }
}

const narrowCounts = (by: By<number>): By<number> => narrow(by, SERIES_LIMITS.keys, OTHER, (a, b) => a + b)

/** Of a version what is drawn along the time line: no distributions, no accuracy. */
const pointVersion = ({ accuracy, ...version }: VersionCounts): VersionCounts => ({
  ...version,
  errors: narrowCounts(version.errors),
  degraded: narrowCounts(version.degraded),
  outputs: {},
  fields: {},
})

/** Of counts what is drawn along the time line, in bounded size. Its pointing again changes nothing, and merged points are those of merged counts unless there are more keys than are kept. */
export const pointOf = ({ versions, rejected, zip_lookups, accepted, lost }: StatisticsCounts): StatisticsCounts => ({
  ...emptyCounts(),
  versions: narrow(
    Object.fromEntries(Object.entries(versions).map(([key, version]) => [key, pointVersion(version)])),
    SERIES_LIMITS.versions,
    OTHER_VERSION,
    mergeVersions,
  ),
  rejected: narrowCounts(rejected),
  zip_lookups: narrowCounts(zip_lookups),
  accepted,
  lost,
})

export interface SeriesPoint {
  /** Epoch milliseconds. */
  readonly start: number
  /** As `pointOf` has them; `null`: they are not known any more. */
  readonly counts: StatisticsCounts | null
}

/** The start of what was counted first, as closely as it is still known; `null`: nothing was ever counted. `first`: by span, `null` where it has no rows. */
export const firstCounted = (first: (span: Span) => number | null): number | null => {
  let known: { readonly start: number; readonly span: number } | null = null
  for (const span of [DAY, HOUR, MINUTE] as const) {
    const start = first(span)
    if (start !== null && (known === null || start < known.start + known.span)) known = { start, span }
  }
  return known?.start ?? null
}

/** Merges points of one start: what one shard does not know, nobody knows. */
export const mergePoints = (all: readonly (readonly SeriesPoint[])[]): ReadonlyMap<number, StatisticsCounts | null> => {
  const merged = new Map<number, StatisticsCounts | null>()
  for (const { start, counts } of all.flat()) {
    const present = merged.get(start)
    if (counts === null || present === null) merged.set(start, null)
    else merged.set(start, present === undefined ? counts : pointOf(mergeCounts(present, counts)))
  }
  return merged
}
