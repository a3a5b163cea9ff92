/** Where what the events of messages gave is counted: the statistics objects, each message once. */
import type { Deadline } from '../../core/clock.ts'
import type { StatisticsDelta } from '../../core/statistics/delta.ts'
import type { ReleaseNews } from '../../core/statistics/replies.ts'

export interface MessageStatisticsReply {
  /** For each delta whether it is counted, now or before. */
  readonly counted: readonly boolean[]
  /** What the objects know of the releases. */
  readonly news: readonly ReleaseNews[]
}

export interface MessageStatistics {
  /**
   * Counts each delta, whose isolate is the id of its message, unless it was counted before (in the last day). One call for each object that is
   * concerned; one that fails or does not answer in time leaves its deltas uncounted, as far as is known. Never rejects.
   */
  count(deltas: readonly StatisticsDelta[], deadline: Deadline): Promise<MessageStatisticsReply>
}
