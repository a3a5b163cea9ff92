/** A block: the piece of a source that one thread reads at once, and what comes of it. */
import type { RecordFormat } from '../../../core/scan/detect-format.ts'
import type { Batch } from './batch.ts'
import type { Reject } from './reject.ts'

/** Bytes that are here already, or those from `start` to `end` of a file, of whose lines the ones that begin there, where `lines` is set. */
export type BlockInput =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly path: string; readonly start: number; readonly end: number; readonly lines: boolean }

export interface Block {
  /** Blocks of one stream are read by one thread, one after the other. */
  readonly stream: number
  /** It holds whole lines, each a record: any thread can read it. */
  readonly isLines: boolean
  readonly input: BlockInput
  /** Bytes of the source before it. */
  readonly offset: number
  readonly format: RecordFormat
  /** Nothing of its source comes behind it. */
  readonly isLast: boolean
}

/** Why a source cannot be read on. */
export interface BlockFailure {
  readonly code: string
  readonly message: string
  /** The line it is on, from 1, within its block. */
  readonly line: number
  /** Bytes of the source before it. */
  readonly offset: number
}

/** How well the zips of the rows were known. */
export interface ZipCounts {
  readonly exact: number
  readonly zip3_mean: number
  readonly national_mean: number
}

export interface BlockResult {
  /** The rows as columns, or as text where lines are written. */
  readonly output: Batch | Uint8Array<ArrayBuffer>
  readonly rows: number
  readonly rejected: number
  /** All of them where they are kept, else the first few. */
  readonly rejects: readonly Reject[]
  readonly zips: ZipCounts
  /** Of each label whether any row has a value. */
  readonly labels: readonly boolean[]
  /** Bytes and line feeds of the block. */
  readonly bytes: number
  readonly lines: number
  readonly failure: BlockFailure | undefined
}
