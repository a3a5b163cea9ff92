/** Reads an input in pieces, as a file or a connection would bring it, to the end or to what ends it. */
import { type RecordOptions, RecordReader } from '../../../src/core/scan/records.ts'
import type { Rows } from '../../../src/core/scan/rows.ts'
import { ScanFailure } from '../../../src/core/scan/scan-failure.ts'

export interface Reading {
  readonly format: string | undefined
  /** The text of each record, or its fault, and where it begins. */
  readonly records: { readonly text: string; readonly fault: string; readonly offset: number; readonly line: number }[]
  /** What the input ended with. */
  readonly failure: readonly [string, number] | undefined
}

export const read = (input: string | Buffer, pieceBytes = 1e6, options: Partial<RecordOptions> = {}): Reading => {
  const bytes = Buffer.from(input)
  const reader = new RecordReader({ paths: ['a'], capacityBytes: 2 ** 20, chunkBytes: 256, ...options })
  const records: Reading['records'] = []
  const take = (batches: Iterable<Rows>): void => {
    for (const rows of batches) {
      for (let row = 0; row < rows.count; row++) {
        if (reader.isAction(row)) continue
        const start = rows.recordStart(row)
        const text = Buffer.from(rows.bytes.subarray(start, rows.recordEnd(row))).toString()
        records.push({ text, fault: rows.faultCode(row), offset: reader.offsetOf(start), line: reader.lineOf(start) })
      }
    }
  }
  let failure: Reading['failure']
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) take(reader.feed(bytes.subarray(at, at + pieceBytes)))
    reader.end()
    take(reader.batches())
  } catch (error) {
    if (!(error instanceof ScanFailure)) throw error
    failure = [error.code, error.offset]
  }
  return { format: reader.format, records, failure }
}

export const texts = (reading: Reading): string[] => reading.records.map(({ text }) => text)
export const faults = (reading: Reading): string[] => reading.records.map(({ fault }) => fault)
