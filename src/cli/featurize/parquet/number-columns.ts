/** Columns of numbers: by dictionary where few values differ, else one after the other. */
import { type Bounds, bytesOf, type ColumnValues, fixedWidth, indexed, mapped } from './column-values.ts'

/** A dictionary is given up when so many values have been looked at and more than half of them differ. */
const TRIAL = 4_096
const MOST_ENTRIES = 32_768

const WORD = 2 ** 32

/** The values that are not NaN, and which rows have one. */
export const withoutMissing = (
  numbers: Float64Array,
): { readonly values: Float64Array; readonly present: Uint8Array | undefined } => {
  if (!numbers.some(Number.isNaN)) return { values: numbers, present: undefined }
  return {
    values: numbers.filter((value) => !Number.isNaN(value)),
    present: Uint8Array.from(numbers, (value) => (Number.isNaN(value) ? 0 : 1)),
  }
}

const boundsOf = (values: ArrayLike<number>): { readonly min: number; readonly max: number } | undefined => {
  if (values.length === 0) return undefined
  let min = values[0]
  let max = min
  for (let at = 1; at < values.length; at++) {
    const value = values[at]
    if (value < min) min = value
    else if (value > max) max = value
  }
  return { min, max }
}

/** INT32 from whole numbers of which it is known that they lie from 0 up to `span`, exclusive. */
export const smallColumn = (values: Uint8Array | Uint16Array, span: number): ColumnValues => {
  const entryOf = new Int32Array(span)
  for (let row = 0; row < values.length; row++) entryOf[values[row]] = 1
  const entries: number[] = []
  for (let value = 0; value < span; value++) if (entryOf[value] === 1) entryOf[value] = entries.push(value) - 1
  return mapped(
    (page, from, to) => {
      for (let row = from; row < to; row++) page[row - from] = entryOf[values[row]]
    },
    { plain: bytesOf(Int32Array.from(entries)), size: entries.length },
    undefined,
    boundsOf(entries),
  )
}

/** The entry of each value in a list of all that differ, or `undefined` where too many do. */
const entriesOf = (values: Float64Array): { readonly indexes: Int32Array; readonly entries: number[] } | undefined => {
  const known = new Map<number, number>()
  const entries: number[] = []
  const indexes = new Int32Array(values.length)
  let last = Number.NaN
  let lastIndex = 0
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    if (value !== last) {
      let index = known.get(value)
      if (index === undefined) {
        index = entries.length
        if (index >= MOST_ENTRIES || (at >= TRIAL && index * 2 > at)) return undefined
        known.set(value, index)
        entries.push(value)
      }
      last = value
      lastIndex = index
    }
    indexes[at] = lastIndex
  }
  return { indexes, entries }
}

/** INT32 from whole numbers below 2^31; NaN is a missing value. */
export const int32Column = (numbers: Float64Array): ColumnValues => {
  const { values, present } = withoutMissing(numbers)
  const bounds = boundsOf(values)
  const found = entriesOf(values)
  if (found === undefined) return fixedWidth(bytesOf(Int32Array.from(values)), 4, present, bounds)
  const { indexes, entries } = found
  return indexed(indexes, { plain: bytesOf(Int32Array.from(entries)), size: entries.length }, present, bounds)
}

/** INT64 from whole numbers below 2^53. */
export const int64Column = (values: Float64Array): ColumnValues => {
  const bounds = boundsOf(values)
  return {
    present: undefined,
    dictionary: undefined,
    bounds: bounds && { min: BigInt(bounds.min), max: BigInt(bounds.max) },
    page(sink, from, to) {
      sink.reserve((to - from) * 8)
      const view = new DataView(sink.bytes.buffer)
      for (let at = from; at < to; at++) {
        const high = Math.floor(values[at] / WORD)
        view.setInt32(sink.length, values[at] - high * WORD, true)
        view.setInt32(sink.length + 4, high, true)
        sink.length += 8
      }
      return sink.view()
    },
  }
}

/** A Map would make one of both zeros. */
const hasNegativeZero = (values: Float64Array): boolean => values.some((value) => Object.is(value, -0))

/** The least and the greatest of `values`; Parquet wants those that are zero to hold both zeros. */
export const doubleBounds = (values: ArrayLike<number>): Bounds | undefined => {
  const bounds = boundsOf(values)
  return bounds && { min: bounds.min === 0 ? -0 : bounds.min, max: bounds.max === 0 ? 0 : bounds.max }
}

/** DOUBLE; NaN is a missing value. */
export const doubleColumn = (numbers: Float64Array): ColumnValues => {
  const { values, present } = withoutMissing(numbers)
  const bounds = doubleBounds(values)
  const found = hasNegativeZero(values) ? undefined : entriesOf(values)
  if (found === undefined) return fixedWidth(bytesOf(values), 8, present, bounds)
  const { indexes, entries } = found
  return indexed(indexes, { plain: bytesOf(Float64Array.from(entries)), size: entries.length }, present, bounds)
}

/** BOOLEAN, a bit each, from zeros and ones. */
export const booleanColumn = (values: Uint8Array, present: Uint8Array | undefined): ColumnValues => ({
  present,
  dictionary: undefined,
  bounds: undefined,
  page(sink, from, to) {
    const count = Math.ceil((to - from) / 8)
    sink.reserve(count)
    sink.bytes.fill(0, sink.length, sink.length + count)
    for (let at = from; at < to; at++) sink.bytes[sink.length + ((at - from) >> 3)] |= values[at] << ((at - from) & 7)
    sink.length += count
    return sink.view()
  },
})
