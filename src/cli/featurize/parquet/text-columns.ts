/** Columns of strings: ids one after the other, others by dictionary where few differ. */
import { LENGTH_BYTES, skipText, type TextColumn } from '../rows/text-column.ts'
import { type ColumnValues, indexed } from './column-values.ts'
import { TextDictionary } from './text-dictionary.ts'

/** As for numbers: a dictionary is given up when so many values have been looked at and more than half of them differ. */
const TRIAL = 1_024
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

/** Used by one column after the other. */
const dictionary = new TextDictionary()
let indexes = new Int32Array(TRIAL)

const keepIndex = (at: number, index: number): void => {
  if (at === indexes.length) {
    const grown = new Int32Array(at * 2)
    grown.set(indexes)
    indexes = grown
  }
  indexes[at] = index
}

/** Strings by dictionary, or one after the other where too many differ. Lives until the next such column is made. */
export const textColumn = (column: TextColumn): ColumnValues => {
  const { plain, present } = column
  dictionary.clear()
  let count = 0
  for (let at = 0; at < plain.length; ) {
    const end = skipText(plain, at)
    const isFull = dictionary.size === TextDictionary.MOST_ENTRIES
    const areMany = count >= TRIAL && dictionary.size * 2 > count
    if (isFull || areMany || end - at > LONGEST_ENTRY_BYTES + LENGTH_BYTES) return plainText(column)
    keepIndex(count++, dictionary.entryOf(plain, at, end))
    at = end
  }
  const entries = { plain: dictionary.plain(plain), size: dictionary.size }
  return indexed(indexes.subarray(0, count), entries, present, undefined)
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
