/** Where a run's rows and rejects go: one table for all sources, or a folder with a part for each. */
import type { OutputColumn } from '../columns.ts'
import { ParquetTable } from '../parquet/parquet-writer.ts'
import type { FeaturizePlan } from '../plan.ts'
import type { BlockResult } from '../rows/block.ts'
import type { Reject } from '../rows/reject.ts'
import type { RecordSource } from '../source.ts'
import type { Lanes } from '../threads/lanes.ts'
import type { OutputFile } from './output-file.ts'
import { lineWriter, type TableWriter } from './table-writer.ts'
import { headerOf } from './text-lines.ts'

export interface Destination {
  /** Whether each source has a part of its own, judged by itself. */
  readonly isByPart: boolean
  /** Whether an earlier run has finished the part of this source. */
  isFinished(source: RecordSource): boolean
  begin(source: RecordSource, lanes: Lanes): Promise<void>
  /** Writes the rows of a block, and its rejects with their lines counted from the beginning of the source. */
  add(source: RecordSource, result: BlockResult, rejects: readonly Reject[]): Promise<void>
  /** All rows of the source were written. */
  end(source: RecordSource): Promise<void>
  /** All sources were read. */
  finish(): Promise<void>
  /** Too much was rejected: as `discard`, except that the rejects stand under their final name and tell why. */
  refuse(): Promise<void>
  /** Leaves nothing unfinished behind. */
  discard(): Promise<void>
}

/** What is written of the data themselves into a Parquet file. */
export type Notes = Readonly<Record<string, string>>

/** A reject as a line of NDJSON. `offset` counts the bytes of `source`, decompressed. */
export const rejectLine = (source: string, reject: Reject): string => {
  const { line, offset, code, message, path, raw, rawBase64 } = reject
  return `${JSON.stringify({ source, line, offset, code, message, path, raw, raw_base64: rawBase64 })}\n`
}

/** Writes `rejects`, except those that only keep the order of lines. */
export const writeRejects = async (file: OutputFile, source: string, rejects: readonly Reject[]): Promise<void> => {
  const lines = rejects.filter(({ code }) => code !== 'blank_line').map((reject) => rejectLine(source, reject))
  if (lines.length > 0) await file.write(Buffer.from(lines.join('')))
}

/** The writer of the plan's form. */
export const tableWriter = (
  plan: FeaturizePlan,
  columns: readonly OutputColumn[],
  file: OutputFile,
  lanes: Lanes,
  notes: Notes,
): TableWriter =>
  plan.form === 'parquet'
    ? new ParquetTable(file, lanes, columns, notes)
    : lineWriter(file, headerOf(columns, plan.form))
