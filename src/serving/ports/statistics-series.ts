/** What the statistics objects hold along the time line, merged. */
import type { Deadline } from '../../core/clock.ts'
import type { StatisticsCounts } from '../../core/statistics/counts.ts'
import type { SeriesRange, SeriesStretch } from '../../core/statistics/series.ts'

export interface MergedSeries extends SeriesStretch {
  /** When the objects were asked, epoch milliseconds. */
  readonly asOf: number
  /** Since when anything is counted, epoch milliseconds, by the objects that answered; `null`: nothing is. */
  readonly first: number | null
  /** By start, those that hold anything; `null`: an object does not know any more. */
  readonly points: ReadonlyMap<number, StatisticsCounts | null>
  readonly shards: { readonly answered: number; readonly of: number }
}

export interface SeriesShards {
  /** Throws `statistics_unavailable` when no object answers. */
  read(range: SeriesRange, deadline: Deadline): Promise<MergedSeries>
}
