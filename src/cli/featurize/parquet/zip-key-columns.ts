/** The columns of a row group that depend on the zip alone: each value is looked up once, then only numbers are mapped. */
import type { ZipLevel } from '../../../core/zip/zip-features.ts'
import { MISSING, type ZipColumns, type ZipValues } from '../output/zip-columns.ts'
import { KEY_LIMIT, levelOfKey } from '../zip-table.ts'
import { bytesOf, type ColumnValues, type Dictionary, mapped } from './column-values.ts'
import { doubleBounds } from './number-columns.ts'
import { plainOf } from './text-columns.ts'

const LEVELS: readonly ZipLevel[] = ['exact', 'zip3_mean', 'national_mean']
const LEVEL_DICTIONARY: Dictionary = { plain: plainOf(LEVELS), size: LEVELS.length }

const doublesOf = ({ doubles }: ZipValues, entries: Int32Array): Float64Array => {
  const values = new Float64Array(entries.length)
  for (let entry = 0; entry < entries.length; entry++) values[entry] = doubles[entries[entry]]
  return values
}

const textsOf = ({ texts }: ZipValues, entries: Int32Array): Uint8Array =>
  plainOf(Array.from(entries, (number) => texts[number]))

/** Those of one row group after the other. */
export class ZipKeyColumns {
  private readonly zips: ZipColumns
  /** For each key one more than its place among `keys`. */
  private readonly places = new Int32Array(KEY_LIMIT)
  /** The keys that occur, and for each row which of them it has. */
  private keys: number[] = []
  private readonly placeOfRow: Int32Array
  private zipKeys: Int32Array = new Int32Array(0)
  private isPlaced = false

  constructor(zips: ZipColumns, mostRows: number) {
    this.zips = zips
    this.placeOfRow = new Int32Array(mostRows)
  }

  /** Columns that were made before are dead. */
  begin(zipKeys: Int32Array): void {
    this.zipKeys = zipKeys
    this.isPlaced = false
  }

  /** Done when the first column is asked for. */
  private place(): void {
    if (this.isPlaced) return
    this.isPlaced = true
    const { places, placeOfRow, zips, zipKeys } = this
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
  }

  /** The zip column numbered `index`. */
  column(index: number): ColumnValues {
    this.place()
    const values = this.zips.values[index]
    const { entryOf, entries, misses } = this.entriesOf(values)
    const doubles = values.isText ? undefined : doublesOf(values, entries)
    const plain = doubles === undefined ? textsOf(values, entries) : bytesOf(doubles)
    const dictionary = { plain, size: entries.length }
    const bounds = doubles && doubleBounds(doubles)
    return misses ? this.withGaps(entryOf, dictionary, bounds) : this.withoutGaps(entryOf, dictionary, bounds)
  }

  levels(): ColumnValues {
    this.place()
    const { keys } = this
    const entryOf = new Int32Array(keys.length)
    for (let at = 0; at < keys.length; at++) entryOf[at] = LEVELS.indexOf(levelOfKey(keys[at]))
    return this.withoutGaps(entryOf, LEVEL_DICTIONARY, undefined)
  }

  /** Which values of a column occur, in the order in which they do, and for each key which of these it has. */
  private entriesOf({ numbers, count }: ZipValues): {
    readonly entryOf: Int32Array
    readonly entries: Int32Array
    readonly misses: boolean
  } {
    const { keys } = this
    const entries = new Int32Array(Math.min(count, keys.length))
    /** One more than the entry of each value. */
    const known = new Int32Array(count)
    const entryOf = new Int32Array(keys.length)
    let size = 0
    let misses = false
    for (let at = 0; at < keys.length; at++) {
      const number = numbers[keys[at]]
      if (number === MISSING) {
        misses = true
        entryOf[at] = MISSING
        continue
      }
      let entry = known[number]
      if (entry === 0) {
        entries[size++] = number
        entry = size
        known[number] = entry
      }
      entryOf[at] = entry - 1
    }
    return { entryOf, entries: entries.subarray(0, size), misses }
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
    const all = Int32Array.from(this.placeOfRow.subarray(0, this.zipKeys.length), (place) => entryOf[place])
    const present = Uint8Array.from(all, (entry) => (entry === MISSING ? 0 : 1))
    const entries = all.filter((entry) => entry !== MISSING)
    return mapped((page, from, to) => page.set(entries.subarray(from, to)), dictionary, present, bounds)
  }
}
