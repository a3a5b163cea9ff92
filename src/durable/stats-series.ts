/** What a statistics object holds along the time line: windows point by point, and finer points of the last minutes. */
import { completeCounts, emptyCounts, mergeCounts, type StatisticsCounts } from '../core/statistics/counts.ts'
import { cover, floorTo, LATENESS_MILLISECONDS } from '../core/statistics/rollup.ts'
import {
  gatheredFor,
  pointOf,
  RECENT_STEP,
  SERIES_RANGES,
  type SeriesPoint,
  type SeriesStretch,
} from '../core/statistics/series.ts'
import type { StatsStore } from './stats-store.ts'

/** Longer than the range they are for, so that an object whose clock is behind has them too. */
const KEPT_MILLISECONDS = SERIES_RANGES['5m'].reach + 60_000
/** Points that cannot change any more are kept in memory: those of all ranges are fewer, of about a KB each. */
const MOST_KEPT = 1_000

const EMPTY = emptyCounts()

export class StatsSeries {
  readonly #settled = new Map<string, StatisticsCounts>()
  /** The recent point that is growing; it is written when the next one begins. */
  #growing: { readonly start: number; counts: StatisticsCounts } | null = null

  constructor(
    private readonly sql: SqlStorage,
    private readonly store: StatsStore,
  ) {
    this.#markUnknown()
  }

  /**
   * What grew in memory when the object was torn down is lost to the recent points, though not to the windows; it was observed a second or two
   * before it came. Where there are no points at all, older code has counted.
   */
  #markUnknown(): void {
    const { lastSeen } = this.store
    if (lastSeen === 0) return
    const { points } = this.sql.exec<{ points: number }>('SELECT count(*) AS points FROM recent_points').one()
    const last = floorTo(lastSeen, RECENT_STEP)
    const first = points === 0 ? last - KEPT_MILLISECONDS : last - RECENT_STEP
    for (let start = first; start <= last; start += RECENT_STEP)
      this.sql.exec('INSERT OR IGNORE INTO recent_points VALUES (?, NULL)', start)
  }

  /** Counts what was observed until `observedAt` by an isolate's clock; too late or ahead of ours, it belongs to now. Both epoch milliseconds. */
  add(counts: StatisticsCounts, observedAt: number, now: number): void {
    const isTrusted = observedAt <= now && observedAt >= now - SERIES_RANGES['5m'].reach
    const start = floorTo(isTrusted ? observedAt : now, RECENT_STEP)
    const point = pointOf(counts)
    if (this.#growing === null || start > this.#growing.start) {
      this.#write(now)
      this.#growing = { start, counts: emptyCounts() }
    }
    if (start === this.#growing.start) {
      this.#growing.counts = pointOf(mergeCounts(this.#growing.counts, point))
      return
    }
    const [row] = this.#recent(start, start + RECENT_STEP)
    if (row?.counts !== null) this.#save(start, pointOf(mergeCounts(row?.counts ?? emptyCounts(), point)))
  }

  /** The points of `stretch` that hold anything, or of which it is not known; each at most 40 KB. */
  read(stretch: SeriesStretch, now: number): readonly SeriesPoint[] {
    return stretch.step === RECENT_STEP ? this.#readRecent(stretch) : this.#readWindows(stretch, now)
  }

  #readRecent({ from, to }: SeriesStretch): readonly SeriesPoint[] {
    const points = this.#recent(from, to)
    const growing = this.#growing
    if (growing === null || growing.start < from || growing.start >= to) return points
    return [...points.filter(({ start }) => start !== growing.start), growing]
  }

  #readWindows({ from, to, step }: SeriesStretch, now: number): readonly SeriesPoint[] {
    const settledUntil = floorTo(now - LATENESS_MILLISECONDS, step)
    const points: SeriesPoint[] = []
    // What is not settled stands together at the end; before it only what was never asked for is read.
    let start = from
    while (start < to) {
      const key = `${step} ${start}`
      const settled = start < settledUntil ? this.#settled.get(key) : undefined
      if (settled !== undefined) {
        points.push({ start, counts: settled })
        start += step
        continue
      }
      let end = start + step
      while (end < to && !(end < settledUntil && this.#settled.has(`${step} ${end}`))) end += step
      points.push(...this.#load({ from: start, to: end, step }, settledUntil))
      start = end
    }
    return points.filter(({ counts }) => counts !== EMPTY)
  }

  #load({ from, to, step }: SeriesStretch, settledUntil: number): SeriesPoint[] {
    const counts = new Map<number, StatisticsCounts>()
    for (let start = from; start < to; start += step) counts.set(start, EMPTY)
    for (const stretch of cover(from, to, gatheredFor(step, this.store.gathered))) {
      for (const row of this.store.each(stretch)) {
        const start = floorTo(row.start, step)
        counts.set(start, mergeCounts(counts.get(start) ?? EMPTY, pointOf(row.counts)))
      }
    }
    const points = [...counts].map(([start, of]) => ({ start, counts: of === EMPTY ? EMPTY : pointOf(of) }))
    for (const point of points) {
      if (point.start + step > settledUntil) continue
      if (this.#settled.size >= MOST_KEPT) this.#settled.clear()
      this.#settled.set(`${step} ${point.start}`, point.counts)
    }
    return points
  }

  #write(now: number): void {
    if (this.#growing === null) return
    this.#save(this.#growing.start, this.#growing.counts)
    this.sql.exec('DELETE FROM recent_points WHERE start < ?', now - KEPT_MILLISECONDS)
  }

  #save(start: number, counts: StatisticsCounts): void {
    this.sql.exec('INSERT OR REPLACE INTO recent_points VALUES (?, ?)', start, JSON.stringify(counts))
  }

  #recent(from: number, to: number): SeriesPoint[] {
    const query = 'SELECT start, body FROM recent_points WHERE start >= ? AND start < ?'
    return [...this.sql.exec<{ start: number; body: string | null }>(query, from, to)].map(({ start, body }) => ({
      start,
      counts: body === null ? null : completeCounts(JSON.parse(body) as Partial<StatisticsCounts>),
    }))
  }
}
