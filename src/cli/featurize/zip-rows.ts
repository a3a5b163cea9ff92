/** The rows of all zip packs column by column: as objects they would make every garbage collection a hundred times as long. */
import { zip3 } from '../../core/event/zip-code.ts'
import { zipRow } from '../../core/zip/read-zip-pack.ts'
import type { ZipFeatures } from '../../core/zip/zip-features.ts'
import type { ZipPack, ZipValue } from '../../core/zip/zip-pack.ts'

const ZIPS = 100_000

/** Values of one column by row: numbers as they are, NaN for `null`; strings by their place in a list, from 1 on. */
class PackedColumn {
  readonly texts: string[] = []
  private readonly values: Float64Array
  private readonly textPlaces: Int32Array
  private readonly known = new Map<string, number>()

  constructor(rows: number) {
    this.values = new Float64Array(rows).fill(Number.NaN)
    this.textPlaces = new Int32Array(rows)
  }

  set(row: number, value: ZipValue): void {
    if (typeof value === 'number') this.values[row] = value
    if (typeof value !== 'string') return
    let place = this.known.get(value)
    if (place === undefined) {
      place = this.texts.push(value)
      this.known.set(value, place)
    }
    this.textPlaces[row] = place
  }

  get(row: number): ZipValue {
    const place = this.textPlaces[row]
    if (place > 0) return this.texts[place - 1]
    const value = this.values[row]
    return Number.isNaN(value) ? null : value
  }
}

export class ZipRows {
  /** The columns of all packs, in the order in which they are met. */
  readonly columns: readonly string[]
  /** Those in which some value is a string. */
  readonly textColumns: ReadonlySet<string>
  /** One more than the row of each zip. */
  private readonly rowOfZip = new Int32Array(ZIPS)
  /** Release and columns of the pack of each three digits. */
  private readonly packs = new Map<string, Pick<ZipPack, 'data' | 'columns'>>()
  private readonly packed = new Map<string, PackedColumn>()

  /** `packs` by their three digits. Throws an Error that names the zip whose row is not what it should be. */
  constructor(packs: ReadonlyMap<string, ZipPack>) {
    const all = [...packs.values()]
    const rows = all.reduce((sum, { zips }) => sum + Object.keys(zips).length, 0)
    this.columns = [...new Set(all.flatMap(({ columns }) => columns))]
    for (const column of this.columns) this.packed.set(column, new PackedColumn(rows))
    let row = 0
    for (const [digits, pack] of packs) {
      this.packs.set(digits, { data: pack.data, columns: pack.columns })
      for (const zip of Object.keys(pack.zips)) if (zip.startsWith(digits) && this.take(pack, zip, row)) row++
    }
    this.textColumns = new Set(this.columns.filter((column) => this.column(column).texts.length > 0))
  }

  /** What is known of `zip` itself (five digits); `undefined` where that is nothing. */
  find(zip: string): ZipFeatures | undefined {
    const row = this.rowOfZip[Number(zip)] - 1
    const pack = this.packs.get(zip3(zip))
    if (row < 0 || pack === undefined) return undefined
    const values = pack.columns.map((column) => this.column(column).get(row))
    return { level: 'exact', data: pack.data, columns: pack.columns, values }
  }

  private column(name: string): PackedColumn {
    return this.packed.get(name) as PackedColumn
  }

  /** Whether `pack` has a row for `zip`, and that is a zip that can be asked for. */
  private take(pack: ZipPack, zip: string, row: number): boolean {
    const values = zipRow(pack, zip)
    if (values === undefined || !/^\d{5}$/.test(zip)) return false
    values.forEach((value, index) => {
      this.column(pack.columns[index]).set(row, value)
    })
    this.rowOfZip[Number(zip)] = row + 1
    return true
  }
}
