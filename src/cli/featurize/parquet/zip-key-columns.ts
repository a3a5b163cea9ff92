/** The columns of a row group that depend on the zip alone: each value is looked up once, then only numbers are mapped. */
import type { ZipColumns, ZipValue } from '../output/zip-columns.ts'
import { KEY_LIMIT, levelOfKey } from '../zip-table.ts'
import { bytesOf, type ColumnValues, type Dictionary, mapped } from './column-values.ts'
import { doubleBounds } from './number-columns.ts'
import { plainOf } from './text-columns.ts'

const MISSING = -1

/** Those of one row group after the other. */
export class ZipKeyColumns {
  private readonly zips: ZipColumns
  /** For each key one more than its place among `keys`. */
  private readonly places = new Int32Array(KEY_LIMIT)
  /** The keys that occur, and for each row which of them it has. */
  private keys: number[] = []
  private readonly placeOfRow: Int32Array
  private rows = 0

  constructor(zips: ZipColumns, mostRows: number) {
    this.zips = zips
    this.placeOfRow = new Int32Array(mostRows)
  }

  /** Columns that were made before are dead. */
  begin(zipKeys: Int32Array): void {
    const { places, placeOfRow, zips } = this
    for (const key of this.keys) places[key] = 0
    const keys: number[] = []
    for (let row = 0; row < zipKeys.length; row++) {
      const key = zipKeys[row]
      if (places[key] === 0) {
        places[key] = keys.push(key)
        zips.look(key)
      }
      placeOfRow[row] = places[key] - 1
    }
    this.keys = keys
    this.rows = zipKeys.length
  }

  /** The zip column numbered `index`. */
  column(index: number, isText: boolean): ColumnValues {
    const numbers = this.zips.numbers(index)
    return this.valuesOf(this.zips.values(index), (key) => numbers[key], isText)
  }

  levels(): ColumnValues {
    const levels = [...new Set(this.keys.map(levelOfKey))]
    return this.valuesOf(levels, (key) => levels.indexOf(levelOfKey(key)), true)
  }

  /** The rows' values out of `values`, where `numberOf` says which one a key has. */
  private valuesOf(values: readonly ZipValue[], numberOf: (key: number) => number, isText: boolean): ColumnValues {
    const { keys } = this
    const entries: (number | string)[] = []
    /** One more than the entry of each value. */
    const known = new Int32Array(values.length)
    const entryOf = new Int32Array(keys.length)
    let misses = false
    for (let at = 0; at < keys.length; at++) {
      const number = numberOf(keys[at])
      const value = values[number]
      if (value === null) {
        misses = true
        entryOf[at] = MISSING
        continue
      }
      if (known[number] === 0) known[number] = entries.push(value)
      entryOf[at] = known[number] - 1
    }
    const doubles = isText ? undefined : Float64Array.from(entries, Number)
    const plain = doubles === undefined ? plainOf(entries.map(String)) : bytesOf(doubles)
    const dictionary = { plain, size: entries.length }
    const bounds = doubles && doubleBounds(doubles)
    return misses ? this.withGaps(entryOf, dictionary, bounds) : this.withoutGaps(entryOf, dictionary, bounds)
  }

  private withoutGaps(entryOf: Int32Array, dictionary: Dictionary, bounds: ColumnValues['bounds']): ColumnValues {
    const { placeOfRow } = this
    return mapped(
      (page, from, to) => {
        for (let row = from; row < to; row++) page[row - from] = entryOf[placeOfRow[row]]
      },
      dictionary,
      undefined,
      bounds,
    )
  }

  private withGaps(entryOf: Int32Array, dictionary: Dictionary, bounds: ColumnValues['bounds']): ColumnValues {
    const all = Int32Array.from(this.placeOfRow.subarray(0, this.rows), (place) => entryOf[place])
    const present = Uint8Array.from(all, (entry) => (entry === MISSING ? 0 : 1))
    const entries = all.filter((entry) => entry !== MISSING)
    return mapped((page, from, to) => page.set(entries.subarray(from, to)), dictionary, present, bounds)
  }
}
