/** The end of a whole input that cannot be read on; what is amiss with one record is a fault in its row instead. */
import type { FaultCode } from './codes.ts'

export type ScanFailureCode =
  | FaultCode
  /** The input ends inside a record, or inside what encloses the records. */
  | 'cut_off'
  | 'record_too_large'
  | 'not_json'
  | 'no_hits'

export class ScanFailure extends Error {
  override readonly name = 'ScanFailure'
  readonly code: ScanFailureCode
  /** Bytes from the beginning of the input. */
  readonly offset: number

  constructor(code: ScanFailureCode, message: string, offset: number) {
    super(`${message} (byte ${offset})`)
    this.code = code
    this.offset = offset
  }
}

/** Makes the failure of an input from a place of the window. */
export type FailAt = (code: ScanFailureCode, message: string, place: number) => ScanFailure
