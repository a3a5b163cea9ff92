/** The time lines of the statistics objects, merged over all of them. */
import type { Clock } from '../core/clock.ts'
import { readSeriesReply } from '../core/statistics/replies.ts'
import { mergePoints, type SeriesRange, seriesStretch } from '../core/statistics/series.ts'
import type { SeriesShards } from '../serving/ports/statistics-series.ts'
import type { Timers } from '../serving/ports.ts'
import { askShards } from './ask-shards.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface SeriesAggregators {
  /** An object of older code lacks the method, and then rejects. */
  getByName(name: string): { series(range: SeriesRange, now: number): Promise<unknown> }
}

export const statisticsSeries = (
  namespace: SeriesAggregators,
  shards: number,
  clock: Clock,
  timers: Timers,
): SeriesShards => ({
  async read(range, deadline) {
    const asOf = clock.epochMilliseconds()
    const ask = async (name: string) => readSeriesReply(await namespace.getByName(name).series(range, asOf))
    const replies = await askShards(shards, ask, deadline, timers)
    const firsts = replies.flatMap(({ first }) => first ?? [])
    return {
      ...seriesStretch(range, asOf),
      asOf,
      first: firsts.length === 0 ? null : Math.min(...firsts),
      points: mergePoints(replies.map(({ points }) => points)),
      shards: { answered: replies.length, of: shards },
    }
  },
})
