/** From the tensors a graph put out to the named values of each row. */
import { Failure } from '../core/failure.ts'
import type { PredictionOutput } from '../protocol/answers.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { Tensor, Tensors } from './ports.ts'
import { rowWidth } from './row-width.ts'

export type RowOutputs = Readonly<Record<string, PredictionOutput>>

type Output = Manifest['outputs'][number]
type ReadRow = (data: Tensor['data'], row: number) => PredictionOutput

const finite = (value: number, name: string): number => {
  if (!Number.isFinite(value)) throw new Failure('model_failed', `output "${name}" is ${value}`)
  return value
}

const readScalar = (output: Output): ReadRow => {
  const { name, column = 0 } = output
  const width = rowWidth(output)
  return (data, row) => finite(Number(data[row * width + column]), name)
}

/** The least label below or at which a share `quantile` of the probability lies; `ascending` labels only. */
const quantileOf = (
  labels: readonly number[],
  probabilities: readonly number[],
  quantile: number,
): number | undefined => {
  let sum = 0
  for (const [index, probability] of probabilities.entries()) {
    sum += probability
    if (sum >= quantile) return labels[index]
  }
  return labels.at(-1)
}

const isNumber = (label: string | number): label is number => typeof label === 'number'
const isAscending = (labels: readonly number[]): boolean =>
  labels.every((label, index) => index === 0 || label > (labels[index - 1] ?? label))

/** Labels default to 0, 1, …. Only numbers in ascending order (days, say) have quantiles. */
const readDistribution = (output: Output): ReadRow => {
  const width = rowWidth(output)
  const labels = output.labels ?? Array.from({ length: width }, (_, index) => index)
  const ordered = labels.every(isNumber) && isAscending(labels) ? labels : undefined
  return (data, row) => {
    const probabilities = Array.from({ length: width }, (_, index) =>
      finite(Number(data[row * width + index]), output.name),
    )
    if (ordered === undefined) return { labels, probabilities }
    const p50 = quantileOf(ordered, probabilities, 0.5)
    const p90 = quantileOf(ordered, probabilities, 0.9)
    return { labels, probabilities, ...(p50 !== undefined && { p50 }), ...(p90 !== undefined && { p90 }) }
  }
}

/**
 * Compiles the outputs of a checked manifest into code that reads them: one entry per row, a Failure `model_failed` where a value is
 * not finite. Throws such a Failure when a tensor is not as large as the manifest says.
 */
export const compileOutputs = (manifest: Manifest): ((tensors: Tensors, rows: number) => (RowOutputs | Failure)[]) => {
  const outputs = manifest.outputs.map((output) => ({
    name: output.name,
    width: rowWidth(output),
    read: output.kind === 'distribution' ? readDistribution(output) : readScalar(output),
  }))
  return (tensors, rows) => {
    const columns = outputs.map(({ name, width, read }) => {
      const data = tensors[name]?.data ?? []
      if (data.length !== rows * width) {
        throw new Failure(
          'model_failed',
          `output "${name}" has ${data.length} values where ${rows} rows want ${rows * width}`,
        )
      }
      return { name, data, read }
    })
    const readRow = (row: number): RowOutputs | Failure => {
      const values: Record<string, PredictionOutput> = {}
      try {
        for (const { name, data, read } of columns) values[name] = read(data, row)
      } catch (error) {
        if (error instanceof Failure) return error
        throw error
      }
      return values
    }
    return Array.from({ length: rows }, (_, row) => readRow(row))
  }
}
