/** Events that were given up: what they were, why, and what became of them. */
import type { Deadline } from '../../core/clock.ts'
import type { FailureCode } from '../../core/failure.ts'
import type { PayloadReference } from '../../protocol/event-message.ts'

export const DEAD_LETTER_STAGES = ['receive', 'read', 'predict', 'archive', 'deliver'] as const
/** Where it was given up: the body could not be parsed; the event could not be read; predicting, archiving it failed; it was never worked off. */
export type DeadLetterStage = (typeof DEAD_LETTER_STAGES)[number]

export const DEAD_LETTER_STATES = ['waiting', 'replaying', 'replayed', 'discarded'] as const
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number]

/** `bytes` as they came; a longer payload is cut (`isCut`: then it cannot be replayed) or lies in the bucket. */
export type DeadLetterPayload =
  | { readonly bytes: Uint8Array; readonly isCut: boolean }
  | { readonly reference: PayloadReference }

export interface NewDeadLetter {
  /** For an event that was accepted `letterId(message, event)`, so that giving up twice makes one letter; else random. */
  readonly id: string
  /** Caused by what anybody may send: under the hourly quota. */
  readonly isPublic: boolean
  readonly stage: DeadLetterStage
  readonly code: FailureCode
  readonly message: string
  readonly path: string | null
  /** The id of the event, where it has one. */
  readonly event: string | null
  readonly model: string
  /** The model version that failed on it. */
  readonly modelVersion: string | null
  readonly codeVersion: string
  readonly payload: DeadLetterPayload
  /** Epoch milliseconds: when the event was received, and what the sender's clock said then (JSON text). */
  readonly receivedAt: number
  readonly sentAt: string | null
  readonly edgeZip: string | null
  readonly isBot: boolean
  readonly failedAt: number
  /** Deliveries so far. */
  readonly attempts: number
}

export interface DeadLetter extends Omit<NewDeadLetter, 'failedAt'> {
  /** Grows in the order they came: the cursor that goes on after it. */
  readonly sequence: number
  readonly state: DeadLetterState
  readonly firstFailedAt: number
  readonly lastFailedAt: number
  /** The payload is a whole body, perhaps of several events; else it is one event. */
  readonly isBody: boolean
  readonly isCut: boolean
  /** Of the payload, as far as it is kept. */
  readonly bytes: number
  /** Why it was discarded. */
  readonly reason: string | null
  readonly changedAt: number
}

/** `counted`: over the quota, only its number and a sample are kept. */
export type KeptAs = 'kept' | 'counted'

export interface LetterCount {
  readonly code: FailureCode
  readonly count: number
}

/** The ids of the events that a letter holds, in order. */
export interface LetterEvents {
  readonly letter: string
  readonly events: readonly string[]
}

export interface DeadLetterFilter {
  readonly state?: DeadLetterState | undefined
  readonly stage?: DeadLetterStage | undefined
  readonly code?: FailureCode | undefined
  readonly model?: string | undefined
  /** By `firstFailedAt`, epoch milliseconds. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** A letter without its payload. */
export type ListedLetter = Omit<DeadLetter, 'payload'>

export interface DeadLetterPage {
  /** In the order they came. */
  readonly letters: readonly ListedLetter[]
  /** To go on with; letters that arrive meanwhile come last. */
  readonly cursor: string | null
}

export interface DeadLetterTotals {
  readonly waiting: number
  readonly by_state: Readonly<Record<string, number>>
  readonly by_stage: Readonly<Record<string, number>>
  readonly by_code: Readonly<Record<string, number>>
  /** Over the quota: only counted. */
  readonly counted: number
  readonly payload_bytes: number
}

/** Every method rejects with a Failure `dead_letters_unavailable` when the object fails or does not answer in time. */
export interface DeadLetters {
  /**
   * Keeps or counts each; `arePromised`: kept whatever the quota says, since their senders were told so. A letter that is there already has
   * failed once more: it waits again, with this failure as its last; what was discarded stays so.
   */
  keep(letters: readonly NewDeadLetter[], deadline: Deadline, arePromised?: boolean): Promise<readonly KeptAs[]>
  /** Adds letters over the quota that were counted elsewhere. */
  count(counts: readonly LetterCount[], deadline: Deadline): Promise<void>
  list(
    filter: DeadLetterFilter,
    page: { limit: number; cursor: string | null },
    deadline: Deadline,
  ): Promise<DeadLetterPage>
  totals(deadline: Deadline): Promise<DeadLetterTotals>
  /** Without their payloads, in the order of `ids`; unknown ones are left out. */
  look(ids: readonly string[], deadline: Deadline): Promise<readonly ListedLetter[]>
  /** With their payloads; unknown ids are left out. */
  get(ids: readonly string[], deadline: Deadline): Promise<readonly DeadLetter[]>
  /**
   * Notes that a replay begins, and resolves to the ids under which the events of each letter are replayed: those of its first replay,
   * whatever is given now, so that fixing a letter in two ways makes no two events of it. `null`: it was replayed, discarded or forgotten.
   */
  begin(letters: readonly LetterEvents[], deadline: Deadline): Promise<readonly (readonly string[] | null)[]>
  /**
   * Moves letters to a state: `replaying` when they are in the queue, `replayed` when they have had their effect, by whichever message. What
   * has been settled since the replay began stays so: a letter that failed again waits, and what was discarded is discarded.
   */
  move(ids: readonly string[], state: 'replaying' | 'replayed', deadline: Deadline): Promise<void>
  /** Resolves to the ids that were discarded now. */
  discard(ids: readonly string[], reason: string, deadline: Deadline): Promise<readonly string[]>
}
