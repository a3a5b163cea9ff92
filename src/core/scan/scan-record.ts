/** One record that is already in memory, whole. */
import { UNEXPECTED_BYTE, UNEXPECTED_END } from './codes.ts'
import type { Rows } from './rows.ts'
import type { Scanner } from './scanner.ts'

/** Scans `record`, one JSON text with nothing but white space around it. Returns its row, the only one. Places count from `scanner.inputStart`. */
export const scanRecord = (scanner: Scanner, record: Uint8Array): Rows => {
  const { rows, inputStart } = scanner
  scanner.discard(scanner.inputEnd)
  const room = scanner.room(record.length)
  if (room.length < record.length)
    throw new RangeError(`a record of ${record.length} bytes; ${room.length} are allowed`)
  room.set(record)
  scanner.filled(record.length)
  scanner.kernel.fillBitmaps(scanner.inputEnd, 0)
  scanner.kernel.beginList()
  scanner.scanElements(inputStart, false, true)
  const rest = rows.count > 1 ? rows.recordStart(1) : scanner.kernel.consumed()
  if (rows.count === 0) rows.setFault(0, UNEXPECTED_END, scanner.inputEnd)
  else if (rest < scanner.inputEnd && rows.isSound(0)) rows.setFault(0, UNEXPECTED_BYTE, rest)
  rows.count = 1
  return rows
}
