/** Columns of strings: ids one after the other, others by dictionary where few differ. */
import { LENGTH_BYTES, skipText, type TextColumn, textAt } from '../rows/text-column.ts'
import { type ColumnValues, indexed } from './column-values.ts'

/** As for numbers: a dictionary is given up when so many values have been looked at and more than half of them differ. */
const TRIAL = 1_024
const MOST_ENTRIES = 32_768
/** Longer strings are hardly names of a few things. */
const LONGEST_ENTRY_BYTES = 1_024

/** Strings one after the other. */
export const plainText = ({ plain, present }: TextColumn): ColumnValues => {
  let place = 0
  return {
    present,
    dictionary: undefined,
    bounds: undefined,
    page(_, from, to) {
      const start = place
      for (let at = from; at < to; at++) place = skipText(plain, place)
      return plain.subarray(start, place)
    },
  }
}

/** Strings by dictionary, or one after the other where too many differ. */
export const textColumn = (column: TextColumn): ColumnValues => {
  const { plain, present } = column
  const numbers = new Map<string, number>()
  const entries: Uint8Array[] = []
  const indexes: number[] = []
  for (let at = 0; at < plain.length; ) {
    const end = skipText(plain, at)
    const text = textAt(plain, at)
    let index = numbers.get(text)
    if (index === undefined) {
      index = entries.length
      const tooMany = index >= MOST_ENTRIES || (indexes.length >= TRIAL && index * 2 > indexes.length)
      if (tooMany || end - at > LONGEST_ENTRY_BYTES + LENGTH_BYTES) return plainText(column)
      numbers.set(text, index)
      entries.push(plain.subarray(at, end))
    }
    indexes.push(index)
    at = end
  }
  return indexed(Int32Array.from(indexes), { plain: Buffer.concat(entries), size: entries.length }, present, undefined)
}

/** `texts` as a dictionary has them. */
export const plainOf = (texts: readonly string[]): Uint8Array =>
  Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    }),
  )
