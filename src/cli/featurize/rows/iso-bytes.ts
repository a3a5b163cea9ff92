/** Reads the commonest spelling of a time, 2024-11-17T21:53:01.293Z, from its bytes; whatever else there is goes through the event reader. */
import { parseIso8601 } from '../../../core/event/iso-8601.ts'

const ZERO = 48
const DASH = 45
const COLON = 58
const LETTER_T = 84
const LETTER_Z = 90
const DOT = 46

/** Bytes with and without milliseconds. */
const LONG_BYTES = 24
const SHORT_BYTES = 20

/** Years that have a place in the table. */
const FIRST_YEAR = 1970
const YEARS = 128

/** The two digits at `at`, or a number of 100 or more. */
const two = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at] - ZERO
  const ones = bytes[at + 1] - ZERO
  // What is no digit is greater than 9 once it counts as unsigned.
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? 100 : tens * 10 + ones
}

export class IsoBytes {
  /** Epoch milliseconds of midnight by year, month and day; NaN for a date that is none, 0 where it was not asked for yet. */
  private readonly midnights = new Float64Array(YEARS * 16 * 32)

  /** Epoch milliseconds of the text from `start` to `end`; NaN where it is not of this very form. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length !== LONG_BYTES && length !== SHORT_BYTES) return Number.NaN
    if (
      bytes[start + 4] !== DASH ||
      bytes[start + 7] !== DASH ||
      bytes[start + 10] !== LETTER_T ||
      bytes[start + 13] !== COLON ||
      bytes[start + 16] !== COLON ||
      bytes[end - 1] !== LETTER_Z
    ) {
      return Number.NaN
    }
    const century = two(bytes, start)
    const ofCentury = two(bytes, start + 2)
    const month = two(bytes, start + 5)
    const day = two(bytes, start + 8)
    const hour = two(bytes, start + 11)
    const minute = two(bytes, start + 14)
    const second = two(bytes, start + 17)
    if (century > 99 || ofCentury > 99 || month > 12 || day > 31) return Number.NaN
    if (hour > 23 || minute > 59 || second > 59) return Number.NaN
    const year = century * 100 + ofCentury - FIRST_YEAR
    if (year < 0 || year >= YEARS) return Number.NaN
    let millisecond = 0
    if (length === LONG_BYTES) {
      const hundreds = bytes[start + 20] - ZERO
      const rest = two(bytes, start + 21)
      if (bytes[start + 19] !== DOT || hundreds >>> 0 > 9 || rest > 99) return Number.NaN
      millisecond = hundreds * 100 + rest
    }
    const place = (year * 16 + month) * 32 + day
    const midnight = this.midnights[place] === 0 ? this.midnightOf(place, bytes, start) : this.midnights[place]
    return midnight + hour * 3_600_000 + minute * 60_000 + second * 1_000 + millisecond
  }

  private midnightOf(place: number, bytes: Uint8Array, start: number): number {
    const date = String.fromCharCode(...bytes.subarray(start, start + 10))
    const parsed = parseIso8601(date)
    const midnight = typeof parsed === 'string' ? Number.NaN : parsed.localMilliseconds
    this.midnights[place] = midnight
    return midnight
  }
}
