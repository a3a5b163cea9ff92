/** What the library that trained a model predicted, against what its graph gives in the runtime that serves. */
import { Failure } from '../../core/failure.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { UsageError } from '../command.ts'
import { type FeatureTable, numberIn } from '../offline/feature-table.ts'

export type Answers = readonly (RowOutputs | Failure)[]

/** The numbers of one output in one row: one, or one a label. */
export const numbersOf = (answer: RowOutputs, name: string): readonly number[] => {
  const output = answer[name]
  return typeof output === 'number' ? [output] : (output?.probabilities ?? [])
}

/** Numbers as a golden row stores them. */
export const stored = (numbers: readonly number[]): number | number[] =>
  numbers.length === 1 ? numbers[0] : [...numbers]

/** How many columns of predictions an output wants: one, or one a label. */
const columnsOf = ({ kind, shape }: Manifest['outputs'][number]): number =>
  kind === 'distribution' ? shape.slice(1).reduce((product, size) => product * size, 1) : 1

export interface Predicted {
  /** The stored numbers of output `name` in row `row`; NaN where the table has none. */
  numbers(row: number, name: string): readonly number[]
}

/** Reads `columns`, which hold the outputs of `manifest` one after the other. Throws a UsageError when they are too few or too many. */
export const readPredicted = (manifest: Manifest, table: FeatureTable, columns: readonly string[]): Predicted => {
  const wanted = manifest.outputs.reduce((sum, output) => sum + columnsOf(output), 0)
  if (columns.length !== wanted) {
    const each = manifest.outputs.map((output) => `${columnsOf(output)} for "${output.name}"`).join(', ')
    throw new UsageError(`--predicted names ${columns.length} columns and the model answers ${wanted}: ${each}`)
  }
  const byOutput = new Map<string, readonly (readonly unknown[])[]>()
  let at = 0
  for (const output of manifest.outputs) {
    const mine = columns.slice(at, at + columnsOf(output))
    byOutput.set(
      output.name,
      mine.map((column) => table.column(column)),
    )
    at += mine.length
  }
  return { numbers: (row, name) => (byOutput.get(name) ?? []).map((column) => numberIn(column[row])) }
}

export interface Agreement {
  readonly rows: number
  readonly greatest: number
  /** The row of the greatest difference and both sides of it. */
  readonly at: { readonly row: number; readonly output: string; readonly graph: number; readonly predicted: number }
}

/** The greatest difference over all rows that have both an answer and a prediction. Throws a UsageError when there is none. */
export const compareWithPredicted = (manifest: Manifest, answers: Answers, predicted: Predicted): Agreement => {
  let rows = 0
  let worst: Agreement['at'] | undefined
  let greatest = -1
  for (const [row, answer] of answers.entries()) {
    if (answer instanceof Failure) continue
    let compared = false
    for (const { name } of manifest.outputs) {
      const numbers = predicted.numbers(row, name)
      for (const [index, graph] of numbersOf(answer, name).entries()) {
        const difference = Math.abs(graph - numbers[index])
        if (Number.isNaN(difference)) continue
        compared = true
        if (difference > greatest) {
          greatest = difference
          worst = { row, output: name, graph, predicted: numbers[index] }
        }
      }
    }
    if (compared) rows++
  }
  if (worst === undefined) throw new UsageError('--predicted: no row has both a prediction and an answer')
  return { rows, greatest, at: worst }
}
