/** The rows of all zip packs column by column: in memory that threads share, and no work for a garbage collector. */
import { zip3 } from '../../core/event/zip-code.ts'
import { zipRow } from '../../core/zip/read-zip-pack.ts'
import type { ZipFeatures } from '../../core/zip/zip-features.ts'
import type { ZipPack, ZipValue } from '../../core/zip/zip-pack.ts'

const ZIPS = 100_000
const PREFIXES = 1_000

/** One column by row: numbers as they are, NaN for `null`; strings by their place in a list, from 1 on. */
interface PackedColumn {
  readonly texts: readonly string[]
  readonly numbers: Float64Array
  readonly textPlaces: Int32Array
}

/** What all packs of one release and shape have in common. */
type PackShape = Pick<ZipPack, 'data' | 'columns'>

export interface PackedZips {
  /** The columns of all packs, in the order in which they are met. */
  readonly columns: readonly string[]
  readonly packed: readonly PackedColumn[]
  /** One more than the row of each zip. */
  readonly rowOfZip: Int32Array
  readonly shapes: readonly PackShape[]
  /** One more than the shape of the pack of each three digits. */
  readonly shapeOfPrefix: Int32Array
}

const sharedIntegers = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4))
const sharedNumbers = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(length * 8))

class ColumnPacker implements PackedColumn {
  readonly texts: string[] = []
  readonly numbers: Float64Array
  readonly textPlaces: Int32Array
  private readonly known = new Map<string, number>()

  constructor(rows: number) {
    this.numbers = sharedNumbers(rows).fill(Number.NaN)
    this.textPlaces = sharedIntegers(rows)
  }

  set(row: number, value: ZipValue): void {
    if (typeof value === 'number') this.numbers[row] = value
    if (typeof value !== 'string') return
    let place = this.known.get(value)
    if (place === undefined) {
      place = this.texts.push(value)
      this.known.set(value, place)
    }
    this.textPlaces[row] = place
  }

  packed(): PackedColumn {
    return { texts: this.texts, numbers: this.numbers, textPlaces: this.textPlaces }
  }
}

const valueAt = ({ texts, numbers, textPlaces }: PackedColumn, row: number): ZipValue => {
  const place = textPlaces[row]
  if (place > 0) return texts[place - 1]
  const value = numbers[row]
  return Number.isNaN(value) ? null : value
}

/** `packs` by their three digits. Throws an Error that names the zip whose row is not what it should be. */
export const packZips = (packs: ReadonlyMap<string, ZipPack>): PackedZips => {
  const all = [...packs.values()]
  const rows = all.reduce((sum, { zips }) => sum + Object.keys(zips).length, 0)
  const columns = [...new Set(all.flatMap((pack) => pack.columns))]
  const packers = columns.map(() => new ColumnPacker(rows))
  const rowOfZip = sharedIntegers(ZIPS)
  const shapeOfPrefix = sharedIntegers(PREFIXES)
  const shapes = new Map<string, PackShape>()
  let row = 0
  for (const [digits, pack] of packs) {
    const shape = { data: pack.data, columns: pack.columns }
    shapes.set(JSON.stringify(shape), shape)
    shapeOfPrefix[Number(digits)] = [...shapes.keys()].indexOf(JSON.stringify(shape)) + 1
    const places = pack.columns.map((column) => columns.indexOf(column))
    for (const zip of Object.keys(pack.zips)) {
      const values = zipRow(pack, zip)
      // What stands in the wrong pack, or is no zip, is never looked up.
      if (values === undefined || !zip.startsWith(digits) || !/^\d{5}$/.test(zip)) continue
      for (let index = 0; index < values.length; index++) packers[places[index]].set(row, values[index])
      rowOfZip[Number(zip)] = ++row
    }
  }
  const packed = packers.map((packer) => packer.packed())
  return { columns, packed, rowOfZip, shapes: [...shapes.values()], shapeOfPrefix }
}

/** Those columns in which some value is a string. */
export const textColumnsOf = ({ columns, packed }: PackedZips): string[] =>
  columns.filter((_, index) => packed[index].texts.length > 0)

/** What is known of `zip` itself (five digits); `undefined` where that is nothing. */
export const findZip = (zips: PackedZips, zip: string): ZipFeatures | undefined => {
  const row = zips.rowOfZip[Number(zip)] - 1
  const shape = zips.shapes[zips.shapeOfPrefix[Number(zip3(zip))] - 1]
  if (row < 0 || shape === undefined) return undefined
  const values = shape.columns.map((column) => valueAt(zips.packed[zips.columns.indexOf(column)], row))
  return { level: 'exact', data: shape.data, columns: shape.columns, values }
}
