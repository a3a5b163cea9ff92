/** Strings of one column as UTF-8, one after the other, each behind its length: as Parquet's PLAIN encoding has them. */
import type { BufferPool } from './buffer-pool.ts'

/** `plain` holds each string that is present: its length in bytes, four of them, little endian, then its UTF-8. */
export interface TextColumn {
  readonly plain: Uint8Array
  /** One byte a row, 0 where there is no string; `undefined` where every row has one. */
  readonly present: Uint8Array | undefined
}

export const LENGTH_BYTES = 4

const BACKSLASH = 0x5c
const SPACE = 0x20
const LAST_ASCII = 0x7e
/** A backslash in each byte of a word, the lowest and the highest bit of each. */
const BACKSLASHES = 0x5c5c5c5c
const LOW_BITS = 0x01010101
const HIGH_BITS = 0x80808080 | 0

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const lengthAt = (plain: Uint8Array, at: number): number =>
  plain[at] | (plain[at + 1] << 8) | (plain[at + 2] << 16) | (plain[at + 3] << 24)

/** Past the string at `at`. */
export const skipText = (plain: Uint8Array, at: number): number => at + LENGTH_BYTES + lengthAt(plain, at)

export const textAt = (plain: Uint8Array, at: number): string =>
  decoder.decode(plain.subarray(at + LENGTH_BYTES, skipText(plain, at)))

/** The byte behind the strings of `rows` rows from `fromRow`, which begin at `fromByte`. */
export const endOfRows = (column: TextColumn, fromByte: number, fromRow: number, rows: number): number => {
  let at = fromByte
  for (let row = fromRow; row < fromRow + rows; row++) {
    if (column.present === undefined || column.present[row] !== 0) at = skipText(column.plain, at)
  }
  return at
}

/** Whether the four bytes of `word` hold a backslash. */
const hasBackslash = (word: number): boolean => {
  const differing = word ^ BACKSLASHES
  return ((differing - LOW_BITS) & ~differing & HIGH_BITS) !== 0
}

/** A column that grows. `undefined` stands for no string. */
export class TextBuilder {
  private readonly pool: BufferPool
  private plain: Uint8Array<SharedArrayBuffer>
  private words: DataView<SharedArrayBuffer>
  private length = 0
  /** Made when the first row without a string comes. */
  private present: Uint8Array<SharedArrayBuffer> | undefined
  private rows = 0

  constructor(pool: BufferPool, capacityBytes: number) {
    this.pool = pool
    this.plain = new Uint8Array(pool.take(capacityBytes))
    this.words = new DataView(this.plain.buffer)
  }

  add(text: string | undefined): void {
    if (text === undefined) {
      this.addAbsent()
      return
    }
    // A UTF-16 unit becomes three bytes at most.
    this.reserve(LENGTH_BYTES + text.length * 3)
    const { written } = encoder.encodeInto(text, this.plain.subarray(this.length + LENGTH_BYTES))
    this.close(written)
  }

  /**
   * Adds what stands between the quotes of a JSON string, from `start` to `end` of `bytes`, when it is no other text than these bytes and surely
   * not blank: no escape in it, and a visible ASCII character first. Else adds nothing. `words` is a view of the buffer of `bytes`.
   */
  addPlain(bytes: Uint8Array, words: DataView, start: number, end: number): boolean {
    const first = bytes[start]
    if (start === end || first <= SPACE || first > LAST_ASCII) return false
    const count = end - start
    this.reserve(LENGTH_BYTES + count)
    const to = this.length + LENGTH_BYTES
    const whole = count & ~3
    for (let at = 0; at < whole; at += 4) {
      const word = words.getInt32(start + at, true)
      if (hasBackslash(word)) return false
      this.words.setInt32(to + at, word, true)
    }
    for (let at = whole; at < count; at++) {
      const byte = bytes[start + at]
      if (byte === BACKSLASH) return false
      this.plain[to + at] = byte
    }
    this.close(count)
    return true
  }

  finish(): TextColumn {
    return { plain: this.plain.subarray(0, this.length), present: this.present?.subarray(0, this.rows) }
  }

  private reserve(bytes: number): void {
    const wanted = this.length + bytes
    if (wanted <= this.plain.length) return
    const grown = new Uint8Array(this.pool.take(wanted))
    grown.set(this.plain.subarray(0, this.length))
    this.pool.give(this.plain.buffer)
    this.plain = grown
    this.words = new DataView(grown.buffer)
  }

  private close(count: number): void {
    this.words.setInt32(this.length, count, true)
    this.length += LENGTH_BYTES + count
    this.rows++
    if (this.present !== undefined) this.mark(1)
  }

  private addAbsent(): void {
    this.rows++
    this.present ??= new Uint8Array(this.pool.take(this.rows)).fill(1)
    this.mark(0)
  }

  private mark(present: 0 | 1): void {
    if (this.present === undefined) return
    if (this.rows > this.present.length) {
      const grown = new Uint8Array(this.pool.take(this.rows))
      grown.set(this.present)
      this.pool.give(this.present.buffer)
      this.present = grown
    }
    this.present[this.rows - 1] = present
  }
}
