/** Recognises how a source holds its records, from its first bytes. */
import type { RecordFormat } from '../../../core/scan/detect-format.ts'
import { RecordReader } from '../../../core/scan/records.ts'
import { ScanFailure } from '../../../core/scan/scan-failure.ts'

/** Enough to tell any format by. */
export const SNIFFED_BYTES = 262_144

/** How text in other encodings begins: with a byte order mark, or a bracket of two bytes. */
const OTHER_ENCODINGS: readonly (readonly [string, readonly number[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0x00, 0x00]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
  ['UTF-16LE', [0x7b, 0x00]],
  ['UTF-16LE', [0x5b, 0x00]],
  ['UTF-16BE', [0x00, 0x7b]],
  ['UTF-16BE', [0x00, 0x5b]],
]

/** Throws a ScanFailure (`not_json`) that names the remedy. */
const checkEncoding = (start: Uint8Array): void => {
  const found = OTHER_ENCODINGS.find(([, magic]) => magic.every((byte, index) => start[index] === byte))
  if (found === undefined) return
  const said = `this input is ${found[0]} (iconv -f ${found[0]} -t UTF-8 converts it)`
  throw new ScanFailure('not_json', `records are JSON in UTF-8; ${said}`, 0)
}

/** `undefined` where more must be seen, unless `isAll`. Throws a ScanFailure (`not_json`) for what is none of the formats. */
export const sniffFormat = (start: Uint8Array, isAll: boolean): RecordFormat | undefined => {
  checkEncoding(start)
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
