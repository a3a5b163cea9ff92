/** Reads a table of the user's own into rows with labels, in the order of time. */

import type { Matrix } from '../../training/matrix.ts'
import { reasonToLeaveOut } from '../../training/table/fields.ts'
import { UsageError } from '../command.ts'
import { openParquet, type ParquetFile } from './parquet.ts'
import { type MessageStream, startProgress } from './progress.ts'

export interface Table {
  readonly matrix: Matrix
  /** Ascending epoch milliseconds; `undefined` where the rows have no time and stand in their own order. */
  readonly instants: Float64Array | undefined
  readonly timeColumn: string | undefined
  /** Columns that are no features, each with the reason. */
  readonly leftOut: readonly string[]
  readonly rowsWithoutLabel: number
}

/** Epoch milliseconds below this were before 1973: they are seconds. */
const LEAST_MILLISECONDS = 1e11

const labelOf = (value: unknown, column: string, row: number): 0 | 1 | undefined => {
  if (value === null || value === undefined) return undefined
  if (value === true || value === 1 || value === 1n) return 1
  if (value === false || value === 0 || value === 0n) return 0
  throw new UsageError(`--label ${column}: expected 0, 1, true or false, got ${String(value)} in row ${row}`)
}

const instantOf = (value: unknown, column: string, row: number): number => {
  const instant = typeof value === 'bigint' ? Number(value) : value
  if (typeof instant !== 'number' || !Number.isFinite(instant)) {
    throw new UsageError(
      `--time ${column}: expected a timestamp or epoch milliseconds, got ${String(value)} in row ${row}`,
    )
  }
  if (Math.abs(instant) < LEAST_MILLISECONDS) {
    throw new UsageError(
      `--time ${column}: ${instant} in row ${row} looks like seconds; expected epoch milliseconds, ${instant * 1000}`,
    )
  }
  return instant
}

const numberOf = (value: unknown): number => {
  if (typeof value === 'number') return value
  return value === null || value === undefined ? Number.NaN : Number(value)
}

const chooseTime = (file: ParquetFile, path: string, asked: string | undefined): string | undefined => {
  const time = asked ?? (file.columns.some(({ name }) => name === 'epoch_ms') ? 'epoch_ms' : undefined)
  if (time === undefined) return undefined
  const column = file.columns.find(({ name }) => name === time)
  if (column?.kind !== 'time' && column?.kind !== 'number') {
    throw new UsageError(`${path}: --time ${time} is not a column of timestamps or numbers`)
  }
  return time
}

/**
 * Every numeric column of `path` as a feature but those `reasonToLeaveOut` speaks of; rows without a label are left out.
 * Throws a UsageError for a label that is not 0 or 1, for times that are none, and for a table without features.
 */
export const readTable = async (
  path: string,
  label: string,
  time: string | undefined,
  stream: MessageStream,
): Promise<Table> => {
  const file = await openParquet(path)
  const progress = startProgress(stream, `reading ${path}`)
  try {
    if (!file.columns.some(({ name }) => name === label)) {
      throw new UsageError(
        `${path}: no column "${label}"; there are ${file.columns.map(({ name }) => name).join(', ')}`,
      )
    }
    const timeColumn = chooseTime(file, path, time)
    const numeric = file.columns.filter(({ name, kind }) => kind === 'number' && name !== label && name !== timeColumn)
    const columns = new Map(numeric.map(({ name }) => [name, new Float32Array(file.rows)]))
    const labels = new Int8Array(file.rows)
    const instants = new Float64Array(file.rows)
    const wanted = [...columns.keys(), label, ...(timeColumn === undefined ? [] : [timeColumn])]
    await file.read(
      wanted,
      (name, values, firstRow) => {
        const column = columns.get(name)
        for (let index = 0; index < values.length; index++) {
          const row = firstRow + index
          if (column !== undefined) column[row] = numberOf(values[index])
          else if (name === label) labels[row] = labelOf(values[index], label, row) ?? -1
          else instants[row] = instantOf(values[index], name, row)
        }
      },
      (share) => progress.update(share),
    )
    const order = Uint32Array.from({ length: file.rows }, (_, row) => row).filter((row) => labels[row] >= 0)
    if (timeColumn !== undefined) order.sort((a, b) => instants[a] - instants[b] || a - b)
    const sorted = timeColumn === undefined ? undefined : Float64Array.from(order, (row) => instants[row])
    const span = sorted && (sorted.at(-1) ?? 0) - (sorted[0] ?? 0)
    const reasons = file.columns.map(({ name, kind }) => {
      const reason = reasonToLeaveOut(name, label, timeColumn, span)
      return { name, reason: reason ?? (kind === 'number' ? undefined : 'not a number') }
    })
    const names = reasons.filter(({ reason }) => reason === undefined).map(({ name }) => name)
    if (names.length === 0) throw new UsageError(`${path}: no numeric column is left to learn from`)
    const values = new Float32Array(order.length * names.length)
    for (const [index, name] of names.entries()) {
      const column = columns.get(name) as Float32Array
      for (const [row, from] of order.entries()) values[row * names.length + index] = column[from]
    }
    progress.done(`${order.length} rows of ${names.length} features`)
    return {
      matrix: { names, values, labels: Uint8Array.from(order, (row) => labels[row]) },
      instants: sorted,
      timeColumn,
      leftOut: reasons.filter(({ reason }) => reason !== undefined).map(({ name, reason }) => `${name} (${reason})`),
      rowsWithoutLabel: file.rows - order.length,
    }
  } finally {
    await file.close()
  }
}
