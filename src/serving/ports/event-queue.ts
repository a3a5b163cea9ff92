/** The queue that accepted events wait in. */
import type { Deadline } from '../../core/clock.ts'

export interface EventQueue {
  /**
   * Stores `messages` (texts), all or none: at most 100, each at most 128 KB and together at most 256 KB. Resolves when they are stored. Rejects
   * with a Failure `queue_unavailable` when the queue refuses them or does not confirm in time; then they may have been stored all the same.
   */
  send(messages: readonly string[], deadline: Deadline): Promise<void>
}
