/** The columns that are the same for all events of a zip, computed once for each zip that occurs. */
import type { FeatureComputer } from '../../../core/features/compute.ts'
import type { OutputColumn } from '../columns.ts'
import { compileColumns } from '../rows/event-columns.ts'
import { KEY_LIMIT, type ZipTable } from '../zip-table.ts'

const EPOCH = 0
const UNKNOWN = -1

export type ZipValue = number | string | null

/** The different values of one column. */
class ColumnOfZips {
  readonly values: ZipValue[] = []
  /** For each key the number of its value. */
  readonly numbers = new Int32Array(KEY_LIMIT).fill(UNKNOWN)
  private readonly known = new Map<ZipValue, number>()

  set(key: number, value: ZipValue): void {
    // A Map makes one of both zeros.
    const name = Object.is(value, -0) ? '-0' : value
    let number = this.known.get(name)
    if (number === undefined) {
      number = this.values.push(value) - 1
      this.known.set(name, number)
    }
    this.numbers[key] = number
  }
}

export class ZipColumns {
  /** The columns of source `zip`, in their order. */
  readonly columns: readonly OutputColumn[]
  private readonly table: ZipTable
  private readonly computer: FeatureComputer
  private readonly known: readonly ColumnOfZips[]
  private readonly isKnown = new Uint8Array(KEY_LIMIT)

  constructor(columns: readonly OutputColumn[], table: ZipTable) {
    this.columns = columns.filter(({ source }) => source === 'zip')
    this.table = table
    this.computer = compileColumns(columns, 'zip')
    this.known = this.columns.map(() => new ColumnOfZips())
  }

  /** The different values of the zip column numbered `index` so far; `null` is a missing one. */
  values(index: number): readonly ZipValue[] {
    return this.known[index].values
  }

  /** Which of `values(index)` each key has; a key must have been given to `look` before. */
  numbers(index: number): Int32Array {
    return this.known[index].numbers
  }

  /** Looks a key up in the zip data, once. */
  look(key: number): void {
    if (this.isKnown[key] !== 0) return
    this.isKnown[key] = 1
    const width = this.columns.length
    const row = { numbers: new Float64Array(width), strings: new Array<string | null>(width).fill(null) }
    const input = { epochMilliseconds: EPOCH, zip: this.table.findFeatures(key), origins: [], record: {} }
    this.computer.compute(input, row, 0, [])
    this.known.forEach((column, index) => {
      const isText = this.columns[index].type === 'text'
      const number = row.numbers[index]
      column.set(key, isText ? row.strings[index] : Number.isNaN(number) ? null : number)
    })
  }
}
