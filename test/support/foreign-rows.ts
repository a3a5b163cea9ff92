/** The rows of test/fixtures/foreign/NAME.json as rows of features, and what the library predicted for them. */

import { Failure } from '../../src/core/failure.ts'
import type { FeatureRows } from '../../src/core/features/compute.ts'
import type { Manifest } from '../../src/protocol/manifest.ts'
import type { RowOutputs } from '../../src/serving/output-values.ts'

type Value = number | string | null

/** The JSON that make_foreign_models.py writes beside a graph. */
export interface StoredPredictions {
  readonly columns: readonly string[]
  /** The columns of `rows` that hold predictions, one an answered number. */
  readonly predicted: readonly string[]
  readonly rows: { readonly [column: string]: readonly Value[] }
}

export const foreignFeatures = (manifest: Manifest, { rows }: StoredPredictions): FeatureRows => {
  const names = manifest.feature_view.fields.map(({ name }) => name)
  const count = rows[names[0] ?? '']?.length ?? 0
  const numbers = new Float64Array(count * names.length).fill(Number.NaN)
  const strings = new Array<string | null>(numbers.length).fill(null)
  for (const [column, name] of names.entries()) {
    for (const [row, value] of (rows[name] ?? []).entries()) {
      const at = row * names.length + column
      if (typeof value === 'string') strings[at] = value
      else if (value !== null) numbers[at] = value
    }
  }
  return { numbers, strings: strings.every((value) => value === null) ? null : strings }
}

/** The greatest difference of any answered number from the library's; infinite where a row has no answer. */
export const worstFromPredicted = (
  answers: readonly (RowOutputs | Failure)[],
  { predicted, rows }: StoredPredictions,
): number =>
  answers.reduce((worst, answer, row) => {
    if (answer instanceof Failure) return Number.POSITIVE_INFINITY
    const found = Object.values(answer).flatMap((output) =>
      typeof output === 'number' ? [output] : output.probabilities,
    )
    const differences = predicted.map((column, index) =>
      Math.abs((found[index] ?? Number.NaN) - Number(rows[column]?.[row])),
    )
    return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(worst, ...differences)
  }, 0)
