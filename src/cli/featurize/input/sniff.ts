/** Recognises how a source holds its records, from its first bytes. */
import type { RecordFormat } from '../../../core/scan/detect-format.ts'
import { RecordReader } from '../../../core/scan/records.ts'
import { ScanFailure } from '../../../core/scan/scan-failure.ts'

/** Enough to tell any format by. */
export const SNIFFED_BYTES = 262_144

/** `undefined` where more must be seen, unless `isAll`. Throws a ScanFailure (`not_json`) for what is none of the formats. */
export const sniffFormat = (start: Uint8Array, isAll: boolean): RecordFormat | undefined => {
  const reader = new RecordReader({ paths: [], capacityBytes: start.length + SNIFFED_BYTES })
  const see = (batches: Iterable<unknown>): boolean => {
    for (const _ of batches) if (reader.format !== undefined) return true
    return reader.format !== undefined
  }
  try {
    if (see(reader.feed(start))) return reader.format
    if (isAll) {
      reader.end()
      see(reader.batches())
    }
  } catch (error) {
    // What is amiss behind the first record is for the reading itself to find.
    if (reader.format === undefined || !(error instanceof ScanFailure)) throw error
  }
  return reader.format
}
