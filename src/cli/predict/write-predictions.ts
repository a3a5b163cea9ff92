/** Writes predictions as NDJSON, CSV or Parquet. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { UsageError } from '../command.ts'
import type { FeatureTable } from '../offline/feature-table.ts'
import { writeFiles } from '../train/write-files.ts'
import { type Answer, type Cell, type CellColumn, predictionColumns, predictionRecords } from './prediction-rows.ts'

const FORMS = ['.ndjson', '.csv', '.parquet'] as const
type Form = (typeof FORMS)[number]

/** Throws a UsageError for an ending that is none of the three. */
export const formOf = (file: string): Form => {
  if (file === '-') return '.ndjson'
  const form = FORMS.find((known) => known === extname(file))
  if (form === undefined) throw new UsageError(`--output ${file}: expected a name that ends in ${FORMS.join(', ')}`)
  return form
}

function* ndjson(table: FeatureTable, answers: readonly Answer[]): Generator<string> {
  for (const record of predictionRecords(table, answers)) yield `${JSON.stringify(record)}\n`
}

const csvCell = (value: Cell): string => {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function* csv(columns: readonly CellColumn[], rows: number): Generator<string> {
  yield `${columns.map(({ name }) => csvCell(name)).join(',')}\n`
  for (let row = 0; row < rows; row++) yield `${columns.map(({ cells }) => csvCell(cells[row])).join(',')}\n`
}

const parquet = (columns: readonly CellColumn[]): Uint8Array => {
  const typed = columns.map(({ name, cells }) => {
    if (cells.some((value) => typeof value === 'string')) return { name, data: [...cells], type: 'STRING' as const }
    if (name !== 'epoch_ms') return { name, data: [...cells], type: 'DOUBLE' as const }
    return { name, data: cells.map((value) => (value === null ? null : BigInt(value))), type: 'INT64' as const }
  })
  return new Uint8Array(parquetWriteBuffer({ columnData: typed }))
}

/** Writes under a temporary name, then renames: no half file is ever seen. */
const writeText = async (file: string, lines: Generator<string>): Promise<void> => {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.part`)
  try {
    await pipeline(Readable.from(lines), createWriteStream(temporary))
    await rename(temporary, file)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Puts the predictions where `file` says, `-` being standard output. */
export const writePredictions = async (
  file: string,
  table: FeatureTable,
  answers: readonly Answer[],
): Promise<void> => {
  if (file === '-') return pipeline(Readable.from(ndjson(table, answers)), process.stdout, { end: false })
  switch (formOf(file)) {
    case '.ndjson':
      return writeText(file, ndjson(table, answers))
    case '.csv':
      return writeText(file, csv(predictionColumns(table, answers), answers.length))
    case '.parquet':
      return writeFiles(dirname(file), { [basename(file)]: parquet(predictionColumns(table, answers)) })
  }
}
