/** A user's own columns by zip, checked cell by cell. */
import { readZip } from '../../core/event/zip-code.ts'
import { ZIP_COLUMNS, type ZipValue } from '../../core/zip/zip-pack.ts'
import { UsageError } from '../command.ts'
import type { CsvFile, CsvRecord } from './read-csv.ts'

export interface UserRow {
  readonly zip: string
  /** Where the row begins in the file, counted from 1. */
  readonly line: number
  readonly values: readonly ZipValue[]
}

export interface UserColumns {
  readonly names: readonly string[]
  readonly rows: readonly UserRow[]
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const numberOf = (cell: string): number | null => {
  const value = NUMBER.test(cell.trim()) ? Number(cell) : Number.NaN
  return Number.isFinite(value) ? value : null
}

const isEmpty = (cell: string): boolean => cell.trim() === ''

/** The names after `zip`. Throws a UsageError for the first that cannot be a zip column. */
const columnNames = ({ file, header }: CsvFile): string[] => {
  const [first = '', ...names] = header.map((name) => name.trim())
  if (first !== 'zip') {
    const hint = /[;\t|]/.test(header.join()) ? '; cells are separated by commas here' : ''
    throw new UsageError(`${file}:1, column 1: expected the header "zip", got ${JSON.stringify(header[0])}${hint}`)
  }
  if (names.length === 0) throw new UsageError(`${file}:1: expected at least one column after "zip"`)
  for (const [index, name] of names.entries()) {
    const place = `${file}:1, column ${index + 2}`
    if (!NAME.test(name)) {
      throw new UsageError(`${place}: ${JSON.stringify(name)} is no column name: a letter, then letters, digits and _`)
    }
    if (name === 'zip' || ZIP_COLUMNS.some((builtIn) => builtIn === name)) {
      throw new UsageError(`${place}: "${name}" is a column of the zip data already; give yours another name`)
    }
    if (names.indexOf(name) < index) throw new UsageError(`${place}: the column "${name}" stands here twice`)
  }
  return names
}

/** The zip of each record, repaired. Throws a UsageError for what is not a US zip, and for a zip that has a record already. */
const zipsOf = ({ file, records }: CsvFile): string[] => {
  const lineOfZip = new Map<string, number>()
  return records.map(({ line, cells }) => {
    const { zip } = readZip({ zip: cells[0] })
    if (zip === null) {
      throw new UsageError(`${file}:${line}, column "zip": ${JSON.stringify(cells[0])} is not a US zip such as 94107`)
    }
    const earlier = lineOfZip.get(zip)
    if (earlier !== undefined)
      throw new UsageError(`${file}:${line}, column "zip": ${zip} stands on line ${earlier} already`)
    lineOfZip.set(zip, line)
    return zip
  })
}

/**
 * Whether all cells that say anything are numbers, or none. Throws a UsageError where some are and some are not: that is a slip more often than
 * a column of text, and `--text` tells them apart.
 */
const isNumeric = (file: string, records: readonly CsvRecord[], index: number, name: string): boolean => {
  const stated = records.filter(({ cells }) => !isEmpty(cells[index] ?? ''))
  const [first] = stated
  if (first === undefined) throw new UsageError(`${file}: the column "${name}" is empty on every line`)
  const numeric = stated.filter(({ cells }) => numberOf(cells[index] ?? '') !== null)
  if (numeric.length === 0 || numeric.length === stated.length) return numeric.length > 0
  const odd = stated.find(({ cells }) => numberOf(cells[index] ?? '') === null)
  throw new UsageError(
    `${file}:${odd?.line}, column "${name}": ${JSON.stringify(odd?.cells[index])} is not a number, but ${numeric.length} other ${numeric.length === 1 ? 'cell is' : 'cells are'}; correct it, empty it, or say --text ${name}`,
  )
}

/**
 * The columns of `csv`: of numbers where every cell that is not empty is one, else of strings; an empty cell is null. The columns named in
 * `textColumns` are strings whatever they look like. Throws a UsageError that names file, line, column and value.
 */
export const userColumns = (csv: CsvFile, textColumns: readonly string[]): UserColumns => {
  const { file, records } = csv
  const names = columnNames(csv)
  if (records.length === 0) throw new UsageError(`${file}: has a header and no line below it`)
  const missing = textColumns.find((name) => !names.includes(name))
  if (missing !== undefined) throw new UsageError(`--text ${missing}: ${file} has the columns ${names.join(', ')}`)
  const zips = zipsOf(csv)
  const numeric = names.map((name, index) => !textColumns.includes(name) && isNumeric(file, records, index + 1, name))
  const toValue = (cell: string, index: number): ZipValue =>
    isEmpty(cell) ? null : numeric[index] ? numberOf(cell) : cell
  return {
    names,
    rows: records.map(({ line, cells }, index) => ({
      zip: zips[index] ?? '',
      line,
      values: cells.slice(1).map(toValue),
    })),
  }
}
