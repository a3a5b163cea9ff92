/** Keeps what was told of points before: a shard that does not answer now takes nothing away from the past. */
import type { StatisticsSeries } from '../protocol/series.ts'

/**
 * `next`, with the counts of `earlier` where it has none: of points that were over when they were told. What comes to be known later than that
 * shows when the shards answer again. Of another range nothing is kept.
 */
export const keepPoints = (earlier: StatisticsSeries | null, next: StatisticsSeries): StatisticsSeries => {
  if (earlier === null || earlier.range !== next.range) return next
  const known = new Map(
    earlier.points.flatMap(({ from, to, counts }) => (counts !== null && to <= earlier.as_of ? [[from, counts]] : [])),
  )
  const points = next.points.map((point) =>
    point.counts === null ? { ...point, counts: known.get(point.from) ?? null } : point,
  )
  return { ...next, points, releases: next.releases ?? earlier.releases }
}
