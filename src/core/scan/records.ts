/** Splits an input that comes in chunks into records, whatever encloses them, and finds the asked values of each. */
import { BULK_PATHS, BulkPairs } from './bulk.ts'
import { detectFormat, type RecordFormat } from './detect-format.ts'
import { ArrayEnclosure, PagesEnclosure } from './enclosure.ts'
import { LineSource } from './line-source.ts'
import { ListSource } from './list-source.ts'
import { compilePaths } from './paths.ts'
import type { RecordSource } from './record-source.ts'
import type { Rows } from './rows.ts'
import { type FailAt, ScanFailure } from './scan-failure.ts'
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

/** A byte order mark, which may stand before any format. */
const MARK = [0xef, 0xbb, 0xbf]

/**
 * Give it bytes by `room()` and `filled()`, or by `feed()`, and take what `next()` returns until it wants more:
 *
 *     for (let count = 1; count > 0; ) {
 *       count = readSync(file, reader.room())
 *       if (count > 0) reader.filled(count)
 *       else reader.end()
 *       for (const rows of reader.batches()) …
 *     }
 *
 * A record with a fault is a row like any other. What ends the input too soon, or leaves unknown where the next record begins, is thrown as a
 * ScanFailure, after all rows before it.
 */
export class RecordReader {
  readonly scanner: Scanner
  format: RecordFormat | undefined
  private readonly options: RecordOptions
  private readonly chunkBytes: number
  /** The first byte not yet scanned. */
  private place: number
  /** Bytes and line feeds of the input that lie before the window. */
  private offset = 0
  private lines = 0
  private isFinal = false
  private isIndexed = false
  private source: RecordSource | undefined
  private pairs: BulkPairs | undefined
  private failure: ScanFailure | undefined

  constructor(options: RecordOptions) {
    this.options = options
    this.chunkBytes = options.chunkBytes ?? DEFAULT_CHUNK_BYTES
    this.scanner = new Scanner(compilePaths(options.paths, options.outerPaths), options)
    this.place = this.scanner.inputStart
    if (options.format !== undefined) this.open(options.format)
  }

  /** Where the next bytes of the input are to be written. Throws `record_too_large` where one record fills the window. */
  room(): Uint8Array {
    const { scanner } = this
    // As much again as a long record has so far: in equal chunks its beginning would be scanned ever again.
    const room = scanner.room(Math.max(this.chunkBytes, scanner.inputEnd - scanner.inputStart))
    if (room.length > 0) return room
    const size = scanner.inputEnd - this.place
    throw this.fail('record_too_large', `a record is longer than ${size} bytes`, this.place)
  }

  /** `count` bytes were written to `room()`. */
  filled(count: number): void {
    this.scanner.filled(count)
    this.isIndexed = false
  }

  /** No more input will come. */
  end(): void {
    this.isFinal = true
    this.isIndexed = false
  }

  /** The batches that `chunk` completes; it is copied. */
  *feed(chunk: Uint8Array): Generator<Rows, void> {
    for (let at = 0; at < chunk.length; ) {
      const room = this.room()
      const part = chunk.subarray(at, at + room.length)
      room.set(part)
      this.filled(part.length)
      at += part.length
      yield* this.batches()
    }
  }

  /** The batches in what was given so far. */
  *batches(): Generator<Rows, void> {
    for (let rows = this.next(); rows !== undefined; rows = this.next()) yield rows
  }

  /** The next rows, valid until the next call; `undefined` where more input is wanted, or all was read. */
  next(): Rows | undefined {
    if (this.failure !== undefined) throw this.failure
    const { inputStart, inputEnd } = this.scanner
    if (this.offset === 0 && inputEnd - inputStart < MARK.length && !this.isFinal) return undefined
    this.index()
    const source = this.source ?? this.detect()
    if (source === undefined) return undefined
    const { rows } = this.scanner
    for (;;) {
      rows.count = 0
      const progress = source.fill(this.place, this.isFinal)
      this.place = progress.place
      this.failure = progress.failure
      if (rows.count > 0) return rows
      if (progress.failure !== undefined) throw progress.failure
      if (progress.wantsInput) break
    }
    this.release()
    return undefined
  }

  /** Bytes from the beginning of the input to a place of the window. */
  offsetOf(place: number): number {
    return this.offset + place - this.scanner.inputStart
  }

  /** The line of the input, from 1, that a place of the window is on. */
  lineOf(place: number): number {
    return this.lines + this.scanner.kernel.countLineFeeds(place) + 1
  }

  /** Whether a row of `_bulk` input says what to do with the document in the next one, and is no record itself. */
  isAction(row: number): boolean {
    return this.pairs?.isAction(row) ?? false
  }

  /** Which values of the action at `row` are its `_id` and its `_index`. */
  actionValues(row: number): { readonly id: number; readonly index: number } {
    if (this.pairs === undefined || !this.pairs.isAction(row)) throw new RangeError(`row ${row} is not an action`)
    return this.pairs.valuesOf(row)
  }

  private readonly fail: FailAt = (code, message, place) => new ScanFailure(code, message, this.offsetOf(place))

  private open(format: RecordFormat): RecordSource {
    this.format = format
    this.source = this.sourceOf(format)
    // The bitmaps of lines are not those of one text.
    this.isIndexed = false
    return this.source
  }

  private sourceOf(format: RecordFormat): RecordSource {
    const { scanner, fail } = this
    switch (format) {
      case 'ndjson':
        return new LineSource(scanner, fail)
      case 'bulk': {
        const { paths, outerPaths = [] } = this.options
        scanner.use(compilePaths(paths, [...outerPaths, ...BULK_PATHS]))
        this.pairs = new BulkPairs(paths.length + outerPaths.length)
        return new LineSource(scanner, fail, this.pairs)
      }
      case 'array':
        return new ListSource(scanner, fail, new ArrayEnclosure(scanner, fail))
      case 'pages':
        return new ListSource(scanner, fail, new PagesEnclosure(scanner, fail))
      case 'sequence':
        return new ListSource(scanner, fail)
    }
  }

  private detect(): RecordSource | undefined {
    const format = detectFormat(this.scanner, this.place, this.isFinal)
    if (format === undefined) return undefined
    const source = this.open(format)
    this.index()
    return source
  }

  /** Fills the bitmaps of what is in the window, and goes past a byte order mark at its very beginning. */
  private index(): void {
    if (this.isIndexed) return
    const { scanner } = this
    scanner.kernel.fillBitmaps(scanner.inputEnd, this.source?.isLines ? 1 : 0)
    this.isIndexed = true
    const isStart = this.offset === 0 && this.place === scanner.inputStart
    if (isStart && MARK.every((byte, index) => scanner.bytes[this.place + index] === byte)) this.place += MARK.length
  }

  /** Moves what is not yet scanned to the front of the window. */
  private release(): void {
    const { scanner, place } = this
    this.lines += scanner.kernel.countLineFeeds(place)
    this.offset += place - scanner.inputStart
    scanner.discard(place)
    this.place = scanner.inputStart
    this.isIndexed = false
  }
}
