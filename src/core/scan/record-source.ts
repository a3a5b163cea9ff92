/** Fills the rows of a scanner from its window, by one of the ways in which inputs hold records. */
import type { ScanFailure } from './scan-failure.ts'

export interface Progress {
  /** The first byte not yet scanned. */
  readonly place: number
  /** Nothing more can be scanned before more input has come. */
  readonly wantsInput: boolean
  /** Ends the input behind the rows that were filled. */
  readonly failure?: ScanFailure | undefined
}

export interface RecordSource {
  /** Whether each line is a text of its own, which the bitmaps must know. */
  readonly isLines: boolean
  /** Fills the rows from `at`. With `final` the window holds all the rest of the input. Throws a ScanFailure only if it filled none. */
  fill(at: number, final: boolean): Progress
}
