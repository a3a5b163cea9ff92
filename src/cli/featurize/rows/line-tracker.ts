/** Finds the blank lines between records, where every line in wants its line out. */
import type { RecordReader } from '../../../core/scan/records.ts'
import type { Rows } from '../../../core/scan/rows.ts'

const LINE_FEED = 10

export class LineTracker {
  /** The line of the last record, from 1. */
  private line = 0

  /** Calls `onBlank` with the number of each blank line before the record of `row`. */
  record(reader: RecordReader, rows: Rows, row: number, onBlank: (line: number) => void): void {
    const start = rows.recordStart(row)
    let line = this.line
    // Counting from the beginning of the window is dear, so it is done for the first row of a scan only.
    if (row === 0) line = reader.lineOf(start)
    else for (let at = rows.recordEnd(row - 1); at < start; at++) if (rows.bytes[at] === LINE_FEED) line++
    this.pass(line, onBlank)
    this.line = line
  }

  /** The same for the lines behind the last record, of `lines` so far. */
  finish(lines: number, onBlank: (line: number) => void): void {
    this.pass(lines + 1, onBlank)
    this.line = Math.max(this.line, lines)
  }

  private pass(next: number, onBlank: (line: number) => void): void {
    for (let line = this.line + 1; line < next; line++) onBlank(line)
  }
}
