/** When the rows of a table were. */
import { UsageError } from '../command.ts'
import type { FeatureTable } from './feature-table.ts'

const DEFAULT_COLUMN = 'epoch_ms'

/** The column of times: the one asked for, else `epoch_ms` where there is one. Throws a UsageError when the one asked for is missing. */
export const timeColumn = (kinds: FeatureTable['kinds'], asked: string | undefined): string | undefined => {
  if (asked !== undefined && !kinds.has(asked)) {
    throw new UsageError(`--time ${asked}: no such column; there are ${[...kinds.keys()].join(', ')}`)
  }
  return asked ?? (kinds.has(DEFAULT_COLUMN) ? DEFAULT_COLUMN : undefined)
}

/** Epoch milliseconds of each row. Throws a UsageError that names the first row without a time. */
export const instantsOf = (table: FeatureTable, column: string): Float64Array =>
  Float64Array.from(table.column(column), (value, row) => {
    const instant = typeof value === 'bigint' ? Number(value) : value
    if (typeof instant === 'number' && Number.isFinite(instant)) return instant
    throw new UsageError(
      `column ${column}: expected a timestamp or epoch milliseconds, got ${String(value)} in row ${row}`,
    )
  })

/** The numbers of the rows in the order of time, rows of the same instant in their own. */
export const orderOfTime = (instants: Float64Array): Uint32Array =>
  Uint32Array.from(instants, (_, row) => row).sort((a, b) => instants[a] - instants[b] || a - b)
