/** Splits an input that comes in chunks into records, whatever encloses them, and finds the asked values of each. */
import { BULK_PATHS, BulkPairs } from './bulk.ts'
import { UNEXPECTED_END } from './codes.ts'
import { detectFormat, type RecordFormat } from './detect-format.ts'
import { ArrayEnclosure, type Enclosure, type Fail, PagesEnclosure } from './enclosure.ts'
import { Stop } from './kernel.ts'
import { compilePaths } from './paths.ts'
import type { Rows } from './rows.ts'
import { ScanFailure } from './scan-failure.ts'
import { Scanner, type ScannerOptions } from './scanner.ts'

export interface RecordOptions extends ScannerOptions {
  readonly paths: readonly string[]
  readonly outerPaths?: readonly string[]
  /** Recognised by looking where it is not given. */
  readonly format?: RecordFormat | undefined
  /** How much is read at once; a record may be longer. */
  readonly chunkBytes?: number
}

/** With its bitmaps it stays in the second-level cache; 64 KiB to 1 MiB were equally fast (EPYC, 1 MiB a core, Node 24). */
const DEFAULT_CHUNK_BYTES = 262_144
