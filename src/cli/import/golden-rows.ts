/** Chooses rows to be golden and writes them down with what they should give. */
import { Failure } from '../../core/failure.ts'
import type { FeatureRows } from '../../core/features/compute.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import { jsonFloat32, shortestFloat32 } from '../../training/float32.ts'
import { type Answers, numbersOf, type Predicted, stored } from './predicted.ts'

type Golden = Manifest['golden'][number]

const SPACED = 8
const WITH_MISSING = 4

/** Whether a row has anything missing: those rows go through branches that others do not. */
const hasMissing = ({ numbers, strings }: FeatureRows, texts: readonly boolean[], row: number): boolean =>
  texts.some((isText, column) => {
    const at = row * texts.length + column
    return isText ? strings?.[at] === null : Number.isNaN(numbers[at])
  })

/** Row numbers, ascending: some evenly spaced, and a few more that have missing values. */
const choose = (
  answers: Answers,
  usable: (row: number) => boolean,
  isIncomplete: (row: number) => boolean,
): number[] => {
  const rows = [...answers.keys()].filter((row) => !(answers[row] instanceof Failure) && usable(row))
  const spaced = Array.from(
    { length: Math.min(SPACED, rows.length) },
    (_, index) => rows[Math.floor((index * rows.length) / Math.min(SPACED, rows.length))],
  )
  const incomplete = rows.filter(isIncomplete).slice(0, WITH_MISSING)
  return [...new Set([...spaced, ...incomplete])].sort((a, b) => a - b)
}

/** The input datatypes that hold a float32; others are written as they are. */
const isSingle = (manifest: Manifest, field: string): boolean =>
  manifest.inputs.every(({ datatype, fields }) => datatype === 'FP32' || !fields.includes(field))

/**
 * Up to twelve golden rows. The outputs are what the library predicted where `predicted` is given, else what the runtime answered.
 * Rows without an answer, or without a prediction, are not chosen.
 */
export const goldenRows = (
  manifest: Manifest,
  features: FeatureRows,
  answers: Answers,
  predicted: Predicted | undefined,
  tolerance: number,
): Golden[] => {
  const { fields } = manifest.feature_view
  const texts = fields.map(({ name }) => stringFields(manifest).has(name))
  const singles = fields.map(({ name }) => isSingle(manifest, name))
  const used = new Set(manifest.inputs.flatMap((input) => input.fields))
  const isPredicted = (row: number): boolean =>
    predicted === undefined || manifest.outputs.every(({ name }) => predicted.numbers(row, name).every(Number.isFinite))
  const inputsOf = (row: number): Golden['inputs'] =>
    Object.fromEntries(
      fields.flatMap(({ name }, column): [string, number | string | null][] => {
        if (!used.has(name)) return []
        const at = row * fields.length + column
        if (texts[column]) return [[name, features.strings?.[at] ?? null]]
        const value = features.numbers[at]
        return [[name, singles[column] ? jsonFloat32(value) : Number.isNaN(value) ? null : value]]
      }),
    )
  const outputsOf = (row: number): Golden['outputs'] => {
    const answer = answers[row]
    if (answer instanceof Failure) throw answer
    return Object.fromEntries(
      manifest.outputs.map(({ name, datatype }) => {
        const numbers = predicted?.numbers(row, name) ?? numbersOf(answer, name)
        return [name, stored(predicted === undefined && datatype === 'FP32' ? numbers.map(shortestFloat32) : numbers)]
      }),
    )
  }
  return choose(answers, isPredicted, (row) => hasMissing(features, texts, row)).map((row) => ({
    inputs: inputsOf(row),
    outputs: outputsOf(row),
    tolerance,
  }))
}
