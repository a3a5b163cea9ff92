/** The columns that are the same for all events of a zip, computed once for each zip that occurs. */
import type { FeatureComputer } from '../../../core/features/compute.ts'
import type { OutputColumn } from '../columns.ts'
import { compileColumns } from '../rows/event-columns.ts'
import { KEY_LIMIT, type ZipTable } from '../zip-table.ts'

const EPOCH = 0
/** The number of a missing value. */
export const MISSING = -1

/** The different values of one column, numbered as they are met. */
export class ZipValues {
  readonly isText: boolean
  readonly texts: string[] = []
  /** The first `count` are values. */
  doubles = new Float64Array(64)
  count = 0
  /** For each key that was looked up the number of its value, or `MISSING`. */
  readonly numbers = new Int32Array(KEY_LIMIT)
  private readonly known = new Map<number | string, number>()

  constructor(isText: boolean) {
    this.isText = isText
  }

  /** `undefined` and NaN are missing values. */
  set(key: number, value: number | string | undefined): void {
    this.numbers[key] = value === undefined || Number.isNaN(value) ? MISSING : this.numberOf(value)
  }

  private numberOf(value: number | string): number {
    // A Map makes one of both zeros.
    const name = Object.is(value, -0) ? '-0' : value
    const known = this.known.get(name)
    if (known !== undefined) return known
    const number = this.count++
    this.known.set(name, number)
    if (typeof value === 'string') this.texts.push(value)
    else {
      if (number === this.doubles.length) {
        const grown = new Float64Array(number * 2)
        grown.set(this.doubles)
        this.doubles = grown
      }
      this.doubles[number] = value
    }
    return number
  }

  /** The value numbered `number`; `null` is a missing one. */
  value(number: number): number | string | null {
    if (number === MISSING) return null
    return this.isText ? this.texts[number] : this.doubles[number]
  }
}

export class ZipColumns {
  /** Those of source `zip`, in their order. */
  readonly values: readonly ZipValues[]
  private readonly table: ZipTable
  private readonly computer: FeatureComputer
  private readonly isKnown = new Uint8Array(KEY_LIMIT)

  constructor(columns: readonly OutputColumn[], table: ZipTable) {
    this.table = table
    this.computer = compileColumns(columns, 'zip')
    this.values = columns.filter(({ source }) => source === 'zip').map(({ type }) => new ZipValues(type === 'text'))
  }

  /** Looks a key up in the zip data, once; after that its numbers can be asked for. */
  look(key: number): void {
    if (this.isKnown[key] !== 0) return
    this.isKnown[key] = 1
    const width = this.values.length
    const row = { numbers: new Float64Array(width), strings: new Array<string | null>(width).fill(null) }
    const input = { epochMilliseconds: EPOCH, zip: this.table.findFeatures(key), origins: [], record: {} }
    this.computer.compute(input, row, 0, [])
    this.values.forEach((column, index) => {
      column.set(key, column.isText ? (row.strings[index] ?? undefined) : row.numbers[index])
    })
  }
}
