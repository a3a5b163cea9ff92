/** What the watch does again and again, what it keeps of it, and how others read that. */
import type { Deadline } from '../../core/clock.ts'

/** There is one watch. */
export const WATCH_NAME = 'watch'

/** What is kept from one run to the next, also over a restart. */
export interface Notes {
  /** What was last written under `name`; `null`: nothing. */
  read(name: string): unknown
  /** Anything JSON can hold, up to 2 MB of text; `null` forgets. */
  write(name: string, value: unknown): void
}

export interface Duty {
  readonly name: string
  /** From the start of one run to that of the next. */
  readonly everyMilliseconds: number
  /** `now` is epoch milliseconds. A run that rejects is logged, and due again after its time. Everything it asks for has a deadline. */
  run(notes: Notes, now: number): Promise<void>
}

/** The watch as others see it. */
export interface WatchReader {
  /** What a duty wrote under `name`; `null`: nothing yet. Rejects when the watch does not answer in time. */
  note(name: string, deadline: Deadline): Promise<unknown>
}
