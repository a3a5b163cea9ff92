/** Predictions as records and as the columns of a table. */
import { Failure } from '../../core/failure.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import type { FeatureTable } from '../offline/feature-table.ts'

export type Answer = RowOutputs | Failure
export type Cell = string | number | null
export interface CellColumn {
  readonly name: string
  readonly cells: readonly Cell[]
}

/** What tells a row of features from others; copied beside its prediction. */
const IDENTITY_COLUMNS = ['event_id', 'epoch_ms'] as const

export const identityColumns = (kinds: FeatureTable['kinds']): string[] =>
  IDENTITY_COLUMNS.filter((name) => kinds.has(name))

const cell = (value: unknown): Cell => {
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' || typeof value === 'string' ? value : null
}

/** One JSON value a row: what names it, then `outputs`, or `error` with code and message. */
export function* predictionRecords(table: FeatureTable, answers: readonly Answer[]): Generator<object> {
  const identity = identityColumns(table.kinds).map((name) => ({ name, column: table.column(name) }))
  for (const [row, answer] of answers.entries()) {
    const names = Object.fromEntries(identity.map(({ name, column }) => [name, cell(column[row])]))
    yield answer instanceof Failure
      ? { ...names, error: { code: answer.code, message: answer.message } }
      : { ...names, outputs: answer }
  }
}

/** An output as cells by column: a number under its own name, a distribution under name_label, name_p50 and name_p90. */
const cellsOf = (answer: Answer): [string, Cell][] => {
  if (answer instanceof Failure) return [['error', answer.message]]
  return Object.entries(answer).flatMap(([name, output]): [string, Cell][] => {
    if (typeof output === 'number') return [[name, output]]
    const { labels, probabilities, p50, p90 } = output
    const shares = labels.map((label, index): [string, Cell] => [`${name}_${label}`, probabilities[index] ?? null])
    const quantiles = Object.entries({ p50, p90 }).filter(([, value]) => value !== undefined)
    return [...shares, ...quantiles.map(([which, value]): [string, Cell] => [`${name}_${which}`, value ?? null])]
  })
}

/** The same as columns; `error` only where a row has one. */
export const predictionColumns = (table: FeatureTable, answers: readonly Answer[]): CellColumn[] => {
  const identity = identityColumns(table.kinds).map((name) => ({ name, cells: table.column(name).map(cell) }))
  const columns = new Map<string, Cell[]>()
  for (const [row, answer] of answers.entries()) {
    for (const [name, value] of cellsOf(answer)) {
      const column = columns.get(name) ?? new Array<Cell>(answers.length).fill(null)
      column[row] = value
      columns.set(name, column)
    }
  }
  return [...identity, ...[...columns].map(([name, cells]) => ({ name, cells }))]
}
