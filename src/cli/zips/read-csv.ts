/** Reads a CSV file (RFC 4180) into records that know their line. */
import { readFileSync } from 'node:fs'
import { CsvError, parse } from 'csv-parse/sync'
import { UsageError } from '../command.ts'

export interface CsvRecord {
  /** Where the record begins, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvFile {
  /** As the user named it, for messages. */
  readonly file: string
  readonly header: readonly string[]
  readonly records: readonly CsvRecord[]
}

/** The text of `file`. Throws a UsageError when it cannot be read or is not UTF-8. */
export const readTextFile = (file: string): string => {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new UsageError(`${file}: cannot be read (${cause instanceof Error ? cause.message : String(cause)})`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${file}: is not UTF-8; save it as "CSV UTF-8"`)
  }
}

/** csv-parse 7.0.3 counts a quoted CR LF as two lines; with LF alone its line numbers are those of an editor. */
const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n')

const lineBreaksIn = (cells: readonly string[]): number => cells.join('').split('\n').length - 1

/** What the parser found wrong, in our words. `lastLine` is the last line of the last good record. */
const quoteFault = (file: string, error: CsvError, lastLine: number): UsageError => {
  const column = typeof error.column === 'number' ? `, column ${error.column + 1}` : ''
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new UsageError(`${file}:${lastLine + 1}${column}: a quote opens in this record and never closes`)
  }
  return new UsageError(
    `${file}:${String(error.lines)}${column}: a quote inside a cell; enclose the cell in quotes and double the inner ones`,
  )
}

/**
 * Parses `text`: cells by comma, lines by CR, LF or both (in a cell LF remains), empty lines ignored, a byte order mark too.
 * Throws a UsageError with file and line for a stray quote, for a record that has not as many cells as the header, and for an empty file.
 */
export const parseCsv = (text: string, file: string): CsvFile => {
  const found: CsvRecord[] = []
  let lastLine = 0
  try {
    parse(withLineFeeds(text), {
      bom: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: readonly string[], { lines }) => {
        found.push({ line: lines - lineBreaksIn(cells), cells })
        lastLine = lines
      },
    })
  } catch (error) {
    throw error instanceof CsvError ? quoteFault(file, error, lastLine) : error
  }
  const [first, ...records] = found
  if (first === undefined) throw new UsageError(`${file}: is empty; expected a header such as zip,plan_price`)
  const uneven = records.find(({ cells }) => cells.length !== first.cells.length)
  if (uneven !== undefined) {
    throw new UsageError(
      `${file}:${uneven.line}: has ${uneven.cells.length} cells where the header has ${first.cells.length}: ${JSON.stringify(uneven.cells.join(','))}`,
    )
  }
  return { file, header: first.cells, records }
}
