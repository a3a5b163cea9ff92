/** Reads the blocks of one stream, one after the other, into columns and rejects. */
import { Failure } from '../../../core/failure.ts'
import type { RecordFormat } from '../../../core/scan/detect-format.ts'
import { RecordReader } from '../../../core/scan/records.ts'
import type { Rows } from '../../../core/scan/rows.ts'
import { ScanFailure } from '../../../core/scan/scan-failure.ts'
import type { FeaturizePlan } from '../plan.ts'
import type { Batch } from './batch.ts'
import { BatchBuilder } from './batch-builder.ts'
import type { Block, BlockFailure } from './block.ts'
import { InputPump } from './block-input.ts'
import type { BufferPool } from './buffer-pool.ts'
import { LineTracker } from './line-tracker.ts'
import { asOptions, codeOfFault, type Reject, type RejectCode, rawOf } from './reject.ts'
import type { Action, RowReader } from './row-reader.ts'

const LINE_FEED = 10

/** So many rejects of a block are remembered where nobody keeps them all: for the messages. */
const FEW_REJECTS = 3

/** What a block held. */
export interface ReadBlock {
  readonly batch: Batch
  readonly rejected: number
  readonly rejects: readonly Reject[]
  readonly bytes: number
  readonly lines: number
  readonly failure: BlockFailure | undefined
}

export class StreamReader {
  private readonly plan: FeaturizePlan
  private readonly keepRejects: boolean
  private readonly rowReader: RowReader
  private readonly pool: BufferPool
  private readonly reader: RecordReader
  private readonly tracker: LineTracker | undefined
  /** No block can follow. */
  isEnded = false
  private batch: BatchBuilder
  private rejects: Reject[] = []
  private rejected = 0

  constructor(plan: FeaturizePlan, keepRejects: boolean, rowReader: RowReader, pool: BufferPool, format: RecordFormat) {
    this.plan = plan
    this.keepRejects = keepRejects
    this.rowReader = rowReader
    this.pool = pool
    const { paths, outerPaths } = rowReader.asked
    this.reader = new RecordReader({ paths, outerPaths, format, strict: plan.strict })
    this.tracker = plan.keepOrder ? new LineTracker() : undefined
    this.batch = new BatchBuilder(plan.columns, pool, 0)
  }

  /** `expectedRows` is a guess. Throws the error of a file that cannot be read. */
  read(block: Block, expectedRows: number): ReadBlock {
    this.batch = new BatchBuilder(this.plan.columns, this.pool, expectedRows)
    this.rejects = []
    this.rejected = 0
    const { scanner } = this.reader
    const bytesBefore = this.reader.offsetOf(scanner.inputEnd)
    const linesBefore = this.linesUpTo(scanner.inputEnd)
    const pump = new InputPump(this.reader, () => this.take())
    const failure = this.run(pump, block)
    const { input } = block
    // Of a block that is read from a file, lines that begin before it belong to another one.
    const base = ('lines' in input && input.lines ? pump.start : block.offset) - bytesBefore
    const lines = this.linesUpTo(scanner.inputEnd)
    if (block.isLines || block.isLast) this.tracker?.finish(lines, (line) => this.rejectBlank(line))
    return {
      batch: this.batch.finish(),
      rejected: this.rejected,
      rejects: this.rejects.map((reject) => ({
        ...reject,
        line: reject.line - linesBefore,
        offset: reject.offset + base,
      })),
      bytes: pump.bytes,
      lines: lines - linesBefore,
      failure: failure && this.failureOf(failure, base, linesBefore),
    }
  }

  private run(pump: InputPump, block: Block): ScanFailure | undefined {
    try {
      pump.run(block.input)
      // A file may end, without a line feed, before the block that was to be its last.
      if (block.isLast || (block.isLines && pump.bytes > 0 && !pump.endsLine)) {
        this.reader.end()
        this.take()
        this.isEnded = true
      }
      return undefined
    } catch (error) {
      if (error instanceof ScanFailure) return error
      throw error
    }
  }

  private failureOf(failure: ScanFailure, base: number, linesBefore: number): BlockFailure {
    const { inputStart } = this.reader.scanner
    const place = failure.offset - this.reader.offsetOf(inputStart) + inputStart
    return {
      code: failure.code,
      // The scanner's own message ends in an offset from where the stream begins.
      message: failure.message.replace(/ \(byte \d+\)$/, ''),
      line: this.linesUpTo(place) + 1 - linesBefore,
      offset: base + failure.offset,
    }
  }

  /** Line feeds of the stream before a place of the window; counted here, since what is left of a window has not been indexed yet. */
  private linesUpTo(place: number): number {
    const { bytes, inputStart } = this.reader.scanner
    let lines = this.reader.lineOf(inputStart) - 1
    for (let at = inputStart; at < place; at++) if (bytes[at] === LINE_FEED) lines++
    return lines
  }

  private take(): void {
    for (let rows = this.reader.next(); rows !== undefined; rows = this.reader.next()) this.takeRows(rows)
  }

  private takeRows(rows: Rows): void {
    const { reader, rowReader, batch, tracker } = this
    let action: Action | undefined
    for (let row = 0; row < rows.count; row++) {
      tracker?.record(reader, rows, row, (line) => this.rejectBlank(line))
      if (reader.isAction(row)) {
        action = { row, ...reader.actionValues(row) }
        continue
      }
      if (rows.isSound(row)) {
        try {
          rowReader.read(rows, row, action, batch)
        } catch (error) {
          if (!(error instanceof Failure)) throw error
          this.rejectRow(rows, row, error.code, asOptions(error.message), error.path)
        }
      } else {
        const fault = rows.faultCode(row)
        const place = rows.faultPlace(row) - rows.recordStart(row)
        const what = fault.replaceAll('_', ' ')
        this.rejectRow(rows, row, codeOfFault(fault), `${what} at byte ${place} of the record`, undefined)
      }
      action = undefined
    }
  }

  private rejectRow(rows: Rows, row: number, code: RejectCode, message: string, path: string | undefined): void {
    this.rejected++
    if (!this.keepRejects && this.rejects.length >= FEW_REJECTS) return
    const start = rows.recordStart(row)
    const raw = this.keepRejects ? rawOf(rows.bytes.subarray(start, rows.recordEnd(row))) : { raw: undefined }
    const line = this.reader.lineOf(start)
    const offset = this.reader.offsetOf(start)
    this.rejects.push({ line, offset, code, message, path, ...raw, row: this.batch.rows })
  }

  private rejectBlank(line: number): void {
    const message = 'the line is blank'
    this.rejects.push({ line, offset: 0, code: 'blank_line', message, raw: '', row: this.batch.rows })
  }
}
