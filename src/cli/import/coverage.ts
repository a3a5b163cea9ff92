/** The range of what a model has seen, and of the values it answers. */
import { Failure } from '../../core/failure.ts'
import type { FeatureRows } from '../../core/features/compute.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { shortestFloat32 } from '../../training/float32.ts'
import type { Answers } from './predicted.ts'

type Range = [number, number]

const rangeOf = (values: Iterable<number>): Range | undefined => {
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return least <= greatest ? [shortestFloat32(least), shortestFloat32(greatest)] : undefined
}

function* columnIn({ numbers }: FeatureRows, width: number, column: number): Generator<number> {
  for (let at = column; at < numbers.length; at += width) yield numbers[at]
}

function* answered(answers: Answers, name: string): Generator<number> {
  for (const answer of answers) {
    const output = answer instanceof Failure ? undefined : answer[name]
    if (typeof output === 'number') yield output
  }
}

/** Least and greatest of each numeric field, and of each output of kind `value`, which is counted over that range. */
export const coverageOf = (manifest: Manifest, features: FeatureRows, answers: Answers): Manifest['coverage'] => {
  const { fields } = manifest.feature_view
  const ranges = [
    ...fields.map(({ name }, column) => [name, rangeOf(columnIn(features, fields.length, column))] as const),
    ...manifest.outputs
      .filter(({ kind }) => kind === 'value')
      .map(({ name }) => [name, rangeOf(answered(answers, name))] as const),
  ]
  return Object.fromEntries(ranges.flatMap(([name, range]) => (range === undefined ? [] : [[name, range]])))
}
