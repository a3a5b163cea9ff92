/** How far a version is from the one that is stable now, on the same rows. */
import { Failure } from '../../core/failure.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { type Check, failed, passed, skipped } from './check.ts'

type Answers = readonly (RowOutputs | Failure)[]

/** Between two answers: of numbers |a − b|; of distributions the total variation, ½ Σ|a − b| over labels, in [0, 1]. */
const distance = (a: RowOutputs[string], b: RowOutputs[string]): number => {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b)
  if (typeof a === 'number' || typeof b === 'number') return Number.NaN
  const shares = (output: typeof a): Map<string, number> =>
    new Map(output.labels.map((label, index) => [String(label), output.probabilities[index] ?? 0]))
  const [left, right] = [shares(a), shares(b)]
  const labels = new Set([...left.keys(), ...right.keys()])
  return [...labels].reduce((sum, label) => sum + Math.abs((left.get(label) ?? 0) - (right.get(label) ?? 0)), 0) / 2
}

const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

const common = (mine: Answers, stable: Answers): string[] => {
  const first = (answers: Answers): RowOutputs | undefined =>
    answers.find((answer): answer is RowOutputs => !(answer instanceof Failure))
  const [a, b] = [first(mine), first(stable)]
  return a === undefined || b === undefined ? [] : Object.keys(a).filter((name) => Object.hasOwn(b, name))
}

/**
 * Compares the outputs that both versions answer, row by row. Passes whatever the difference is, unless the mean of one output is over
 * `maximum`. Rows that one of them cannot answer are counted apart.
 */
export const checkDifference = (mine: Answers, stable: Answers, what: string, maximum: number | undefined): Check => {
  const names = common(mine, stable)
  if (names.length === 0) return skipped('stable', `no output in common with ${what}`)
  let tooFar = false
  const figures: Record<string, number> = { rows: mine.length }
  const details = names.map((name) => {
    const distances = mine
      .flatMap((answer, row) => {
        const other = stable[row]
        if (answer instanceof Failure || other instanceof Failure) return []
        return [distance(answer[name], other[name])]
      })
      .filter((value) => !Number.isNaN(value))
      .sort((a, b) => a - b)
    const average = distances.reduce((sum, value) => sum + value, 0) / distances.length
    if (maximum !== undefined && !(average <= maximum)) tooFar = true
    const [middle, p99, greatest] = [share(distances, 0.5), share(distances, 0.99), share(distances, 1)]
    Object.assign(figures, {
      [`${name}_mean_difference`]: average,
      [`${name}_p99_difference`]: p99,
      [`${name}_greatest_difference`]: greatest,
    })
    const numbers = [average, middle, p99, greatest].map((value) => value.toFixed(4))
    return `${name}: mean ${numbers[0]}, median ${numbers[1]}, 99th percentile ${numbers[2]}, greatest ${numbers[3]} in ${distances.length} rows`
  })
  const message = `difference from ${what} on the same ${mine.length} rows`
  return tooFar
    ? failed('stable', `${message}: the mean is over ${maximum}`, { details, figures })
    : passed('stable', message, { details, figures })
}
