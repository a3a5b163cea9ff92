/** Who an event belongs to: one message, so that it has one effect however often it is delivered. */
import type { Deadline } from '../../core/clock.ts'

export interface Claim {
  /** The id of the event. */
  readonly event: string
  /** The id of the message that carries it. */
  readonly message: string
  /** The dead letter it is replayed from. */
  readonly letter: string | null
}

/**
 * Every method rejects when an object fails or does not answer in time: then nothing is known, and asking again is safe. Many events may be
 * asked about at once: one call for each object that is concerned.
 */
export interface EventOwners {
  /**
   * For each claim whether its message owns the event. An event that nobody owns goes to the message; one that a dead letter owns goes to
   * the message that replays this letter; one of another owner stays with it. Claiming again answers the same.
   */
  claim(claims: readonly Claim[], deadline: Deadline): Promise<readonly boolean[]>
  /** Gives events that their message has given up to their dead letters (`letter`). What the message does not own stays as it is. */
  handOver(events: readonly (Claim & { readonly letter: string })[], deadline: Deadline): Promise<void>
  /** From now on the archive objects of these messages may not be written any more: they are being joined. */
  seal(messages: readonly string[], deadline: Deadline): Promise<void>
  /** For each message whether it is sealed. */
  sealed(messages: readonly string[], deadline: Deadline): Promise<readonly boolean[]>
}
