/** The values of one column of a row group, ready to be written page by page. */
import type { ByteSink } from './byte-sink.ts'
import { bitWidth, writeHybrid } from './hybrid.ts'

/** Rows of a page: an id of 36 letters makes it a megabyte and a quarter. */
export const PAGE_ROWS = 32_768

export interface Bounds {
  readonly min: number | bigint
  readonly max: number | bigint
}

/** Each different value once, PLAIN, and how many there are. */
export interface Dictionary {
  readonly plain: Uint8Array
  readonly size: number
}

/** Values that are missing are not counted: `from` and `to` number those that are there. */
export interface ColumnValues {
  /** One byte a row, 0 where the value is missing; `undefined` where none is. */
  readonly present: Uint8Array | undefined
  /** Where there is one, pages hold numbers of its entries. */
  readonly dictionary: Dictionary | undefined
  readonly bounds: Bounds | undefined
  /**
   * The bytes of the values of one page, as they are or in `sink`, which is empty. Pages are asked for in order, so that `from` is where the call
   * before ended.
   */
  page(sink: ByteSink, from: number, to: number): Uint8Array
}

/** Writes the entries of the values from `from` to `to` to the beginning of `entries`. */
export type FillEntries = (entries: Int32Array, from: number, to: number) => void

/** One page's entries; small enough to stay in a cache. */
const pageEntries = new Int32Array(PAGE_ROWS)

const NOTHING = new Uint8Array(0)

/** Values as entries of a dictionary, which are looked up page by page. */
export const mapped = (
  fill: FillEntries,
  dictionary: Dictionary,
  present: Uint8Array | undefined,
  bounds: Bounds | undefined,
): ColumnValues => {
  if (dictionary.size === 0) return { present, dictionary: undefined, bounds, page: () => NOTHING }
  const width = bitWidth(dictionary.size - 1)
  return {
    present,
    dictionary,
    bounds,
    page(sink, from, to) {
      fill(pageEntries, from, to)
      sink.reserve(1)
      sink.bytes[sink.length++] = width
      writeHybrid(sink, pageEntries, to - from, width)
      return sink.view()
    },
  }
}

/** The same where the entries are known already. */
export const indexed = (
  entries: Int32Array,
  dictionary: Dictionary,
  present: Uint8Array | undefined,
  bounds: Bounds | undefined,
): ColumnValues => mapped((page, from, to) => page.set(entries.subarray(from, to)), dictionary, present, bounds)

/** Values of `bytesEach` bytes, little endian as in memory. */
export const fixedWidth = (
  plain: Uint8Array,
  bytesEach: number,
  present: Uint8Array | undefined,
  bounds: Bounds | undefined,
): ColumnValues => ({
  present,
  dictionary: undefined,
  bounds,
  page: (_, from, to) => plain.subarray(from * bytesEach, to * bytesEach),
})

export const bytesOf = (array: Int32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
