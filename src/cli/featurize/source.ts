/** The port through which records come in: files, standard input and servers all hand over bytes. */
import type { RecordFormat } from '../../core/scan/detect-format.ts'

/** A stretch of a source, of any length: records may begin and end anywhere in it. */
export interface SourceChunk {
  /** Whoever receives them owns them: the whole buffer may be transferred to another thread. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** How far the source has come with these bytes, in the unit of `RecordSource.size`: for the progress bar only. */
  readonly position: number
}

/**
 * One finished piece of the input: a file, standard input, a slice of time of a server's index. Rejects name it by `name`, line and byte offset;
 * lines and offsets are counted over the bytes that `chunks` yields, from the first one.
 */
export interface RecordSource {
  /** What messages and rejects call it: a path, `-`, a URL with index and slice. */
  readonly name: string
  /**
   * The name, without extension, of its part in `--output DIR/`: letters, digits, `.`, `_`, `-`; the same in every run, another one for every
   * other source. A part that exists under its final name is finished, and its source is not opened again.
   */
  readonly part: string
  /** How it holds its records; recognised by looking where `undefined`. A server's search responses, one after the other, are `pages`. */
  readonly format: RecordFormat | undefined
  /** What `SourceChunk.position` grows to, for example the bytes of a compressed file or the hits of a slice; `undefined` where nobody knows. */
  readonly size: number | undefined
  /** The path of a file that holds just the bytes that `chunks` would yield, so that threads can read slices of it themselves. */
  readonly file?: string | undefined
  /** Whether all of its records may be rejected, because they lack what the others have: that alone then fails no run. */
  readonly mayGiveNoRows?: boolean
  /** When the source last changed, epoch milliseconds, so that a part older than that can be warned of; `undefined` where nobody knows. */
  readonly changedAt?: number | undefined
  /**
   * Everything from the beginning; called once for each reading. Rejects with a `SourceFailure` when it cannot go on: what was read so far is
   * then thrown away, nothing stands under the part's final name, and the next run reads the source again. Stops soon after `signal` aborts.
   */
  chunks(signal: AbortSignal): AsyncIterable<SourceChunk>
}

/** A source that cannot be read to its end: a dropped connection, a damaged archive. Exit code 1; `message` says what a person can do. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure'
}
