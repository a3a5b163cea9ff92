/** What the statistics objects have counted since the beginning, merged. */
import type { Deadline } from '../../core/clock.ts'
import type { StatisticsTotals } from '../../core/statistics/totals.ts'

export interface MergedTotals {
  /** `null` when not every shard answered: a sum that lacks one falls, and Prometheus takes what falls for a restart. */
  readonly totals: StatisticsTotals | null
  /** The versions of the worker's code that counted events in the last five minutes, of the shards that answered. */
  readonly codeVersions: readonly string[]
  readonly shards: { readonly answered: number; readonly of: number }
}

export interface TotalsReader {
  /** Never rejects: with no shard that answers, `answered` is 0. */
  read(deadline: Deadline): Promise<MergedTotals>
}
