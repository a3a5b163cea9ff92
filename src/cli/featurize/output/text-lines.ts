/** Batches as lines of text, CSV (RFC 4180) or NDJSON. */
import type { OutputColumn } from '../columns.ts'
import { type Batch, type LabelColumn, LabelKind } from '../rows/batch.ts'
import type { Reject } from '../rows/reject.ts'
import { localValue, utcValue } from '../rows/row-calendar.ts'
import { skipText, type TextColumn, textAt } from '../rows/text-column.ts'
import { levelOfKey, type ZipTable } from '../zip-table.ts'
import { MISSING, ZipColumns } from './zip-columns.ts'

type Scalar = number | boolean | string | null

/** How a value is spelled. `json` is text that is JSON already. */
interface Spelling {
  scalar(value: Scalar): string
  json(text: string): string
}

const NEEDS_QUOTES = /[",\r\n]/

const csvText = (text: string): string =>
  text === '' || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const CSV: Spelling = {
  scalar: (value) => (value === null ? '' : typeof value === 'string' ? csvText(value) : String(value)),
  json: csvText,
}
const NDJSON: Spelling = { scalar: (value) => JSON.stringify(value), json: (text) => text }

/** The spelled values of a column, row after row. */
type Cells = (row: number) => string

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

const textCells = ({ plain, present }: TextColumn, spelling: Spelling): Cells => {
  let at = 0
  return (row) => {
    if (present !== undefined && present[row] === 0) return spelling.scalar(null)
    const text = textAt(plain, at)
    at = skipText(plain, at)
    return spelling.scalar(text)
  }
}

const labelCells = ({ kinds, numbers, text }: LabelColumn, spelling: Spelling): Cells => {
  let at = 0
  return (row) => {
    const kind = kinds[row]
    if (kind === LabelKind.absent) return spelling.scalar(null)
    if (kind === LabelKind.number) return spelling.scalar(numbers[row])
    if (kind < LabelKind.number) return spelling.scalar(kind === LabelKind.true)
    const value = textAt(text.plain, at)
    at = skipText(text.plain, at)
    return kind === LabelKind.text ? spelling.scalar(value) : spelling.json(value)
  }
}

/** The line of names; empty where lines name their values themselves. */
export const headerOf = (columns: readonly OutputColumn[], form: 'csv' | 'ndjson'): string =>
  form === 'csv' ? `${columns.map(({ name }) => csvText(name)).join(',')}\n` : ''

/** Writes batches of `columns`, in their order. */
export class TextLines {
  private readonly columns: readonly OutputColumn[]
  private readonly table: ZipTable
  private readonly zips: ZipColumns
  private readonly form: 'csv' | 'ndjson'
  private readonly spelling: Spelling
  /** Spelled values of the zip columns, by the numbers of `ZipColumns`. */
  private readonly zipCells: (string | undefined)[][]

  constructor(columns: readonly OutputColumn[], table: ZipTable, form: 'csv' | 'ndjson') {
    this.columns = columns
    this.table = table
    this.zips = new ZipColumns(columns, table)
    this.form = form
    this.spelling = form === 'csv' ? CSV : NDJSON
    this.zipCells = this.zips.values.map(() => [])
  }

  /** A line for each row and, before the row it stands before, one for each of `rejects`. */
  write(batch: Batch, rejects: readonly Reject[]): string {
    const cells = this.cellsOf(batch)
    const width = cells.length
    const isCsv = this.form === 'csv'
    const before = this.columns.map(({ name }, index) => {
      const comma = index === 0 ? '' : ','
      return isCsv ? comma : `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`
    })
    const end = isCsv ? '\n' : '}\n'
    let text = ''
    let next = 0
    for (let row = 0; row < batch.rows; row++) {
      for (; next < rejects.length && rejects[next].row <= row; next++) text += this.rejectLine(rejects[next])
      for (let column = 0; column < width; column++) text += before[column] + cells[column](row)
      text += end
    }
    for (; next < rejects.length; next++) text += this.rejectLine(rejects[next])
    return text
  }

  private rejectLine({ code, message, path }: Reject): string {
    return `${JSON.stringify({ error: { code, message, path } })}\n`
  }

  private cellsOf(batch: Batch): Cells[] {
    const { spelling, zips, zipCells, table } = this
    const next = { zip: 0, number: 0, text: 0, label: 0 }
    const cells = (column: OutputColumn): Cells => {
      switch (column.source) {
        case 'id':
          return textCells(batch.ids, spelling)
        case 'epoch':
          return (row) => String(batch.epochMilliseconds[row])
        case 'calendar': {
          const value = utcValue(column.name)
          return (row) => String(value(batch, row))
        }
        case 'zip_level':
          return (row) => spelling.scalar(levelOfKey(batch.zipKeys[row]))
        case 'zip': {
          const index = next.zip++
          const values = zips.values[index]
          const cells = zipCells[index]
          return (row) => {
            const key = batch.zipKeys[row]
            zips.look(key)
            const number = values.numbers[key]
            if (number === MISSING) return spelling.scalar(null)
            const cell = cells[number] ?? spelling.scalar(values.value(number))
            cells[number] = cell
            return cell
          }
        }
        case 'local': {
          const value = localValue(column.field, table)
          return (row) => spelling.scalar(orNull(value(batch, row)))
        }
        case 'event': {
          if (column.type === 'text') return textCells(batch.texts[next.text++], spelling)
          const numbers = batch.numbers[next.number++]
          return (row) => spelling.scalar(orNull(numbers[row]))
        }
        case 'label':
          return labelCells(batch.labels[next.label++], spelling)
      }
    }
    return this.columns.map((column) => cells(column))
  }
}
