/** What a scan found: one row for each record, in the memory of the kernel, overwritten by the next scan. */
import { FAULT_CODES, type FaultCode, type Kind, NO_FAULT } from './codes.ts'

/** Words of a row before its values (kernel/rows.as). */
const HEAD_WORDS = 6
const VALUE_WORDS = 3

/** Bytes that a row of `values` values takes. */
export const rowBytes = (values: number): number => (HEAD_WORDS + values * VALUE_WORDS) * 4

/**
 * Every place is an index into `bytes`. Of a row with a fault only its bounds, kind and fault are told; its values may be those of an
 * earlier record.
 */
export class Rows {
  count = 0
  readonly bytes: Uint8Array
  private readonly words: Uint32Array
  private readonly first: number
  private readonly stride: number

  /** `start` is the place of the first row in `bytes`, which begins where its buffer does. */
  constructor(bytes: Uint8Array, start: number, values: number) {
    this.bytes = bytes
    this.words = new Uint32Array(bytes.buffer)
    this.first = start / 4
    this.stride = HEAD_WORDS + values * VALUE_WORDS
  }

  private word(row: number, index: number): number {
    return this.words[this.first + row * this.stride + index] as number
  }

  recordStart(row: number): number {
    return this.word(row, 0)
  }

  /** Behind the last byte of the record; of one with a fault, behind all that was passed over with it. */
  recordEnd(row: number): number {
    return this.word(row, 1)
  }

  isSound(row: number): boolean {
    return this.word(row, 2) === NO_FAULT
  }

  faultCode(row: number): FaultCode {
    return FAULT_CODES[this.word(row, 2)] as FaultCode
  }

  faultPlace(row: number): number {
    return this.word(row, 3)
  }

  setFault(row: number, code: number, place: number): void {
    this.words[this.first + row * this.stride + 2] = code
    this.words[this.first + row * this.stride + 3] = place
  }

  recordKind(row: number): Kind {
    return this.word(row, 4) as Kind
  }

  /** The kind of the record's `_source`; the row tells of what is in it where that is an object. */
  sourceKind(row: number): Kind {
    return this.word(row, 5) as Kind
  }

  kind(row: number, value: number): Kind {
    return this.word(row, HEAD_WORDS + value * VALUE_WORDS) as Kind
  }

  /** Where a value begins: a string at its opening quote. Only where its kind is not `absent`. */
  valueStart(row: number, value: number): number {
    return this.word(row, HEAD_WORDS + value * VALUE_WORDS + 1)
  }

  valueEnd(row: number, value: number): number {
    return this.word(row, HEAD_WORDS + value * VALUE_WORDS + 2)
  }
}
