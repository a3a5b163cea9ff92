/** Counts the rows of a table, and what a model answered for them, into a reference profile. */
import { Failure } from '../../core/failure.ts'
import type { Field } from '../../core/features/feature-view.ts'
import type { ReferenceProfile } from '../../core/profile/reference-profile.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import { layoutOfOutput } from '../../serving/output-layouts.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { shortestFloat32 } from '../../training/float32.ts'
import { buildProfile, type ProfileSource } from '../../training/profile/build-profile.ts'
import { featureRows } from './feature-rows.ts'
import { type FeatureTable, numberIn } from './feature-table.ts'
import { instantsOf, orderOfTime } from './instants.ts'

const greatest = (numbers: readonly number[]): number =>
  numbers.reduce((best, value, index) => (value > (numbers[best] ?? 0) ? index : best), 0)

/** What the edge counts of an answered output: the number, or the number of the likeliest label. */
const counted = (answer: RowOutputs | Failure, name: string): number => {
  const output = answer instanceof Failure ? undefined : answer[name]
  if (output === undefined) return Number.NaN
  return typeof output === 'number' ? output : greatest(output.probabilities)
}

/** The mean of a value, or of each label of a distribution; `undefined` for a probability, whose counts tell it, and where nothing was answered. */
const meanOf = (
  answers: readonly (RowOutputs | Failure)[],
  { name, kind }: Manifest['outputs'][number],
): number | number[] | undefined => {
  if (kind === 'probability') return undefined
  const rows = answers.flatMap((answer) => {
    const output = answer instanceof Failure ? undefined : answer[name]
    if (output === undefined) return []
    return [typeof output === 'number' ? [output] : output.probabilities]
  })
  if (rows.length === 0) return undefined
  const means = rows[0].map((_, label) => shortestFloat32(rows.reduce((sum, row) => sum + row[label], 0) / rows.length))
  return kind === 'value' ? means[0] : means
}

const inOrder = (table: FeatureTable, time: string | undefined) => {
  const instants = time === undefined ? undefined : instantsOf(table, time)
  const order =
    instants === undefined ? Uint32Array.from({ length: table.rows }, (_, row) => row) : orderOfTime(instants)
  return { order, instants: instants && Float64Array.from(order, (row) => instants[row]) }
}

/** The matrix of `fields`, one column each, its rows in `order`; there are no labels in a profile. */
const matrixOf = (fields: readonly Field[], order: Uint32Array, valueAt: (row: number, column: number) => number) => {
  const width = fields.length
  const values = new Float32Array(order.length * width)
  for (const [index, row] of order.entries()) {
    for (let column = 0; column < width; column++) values[index * width + column] = valueAt(row, column)
  }
  return { names: fields.map(({ name }) => name), values, labels: new Uint8Array(order.length) }
}

/** The numeric columns of a table as they are, with nothing said of outputs. */
export const profileFields = (
  name: string,
  version: string,
  fields: readonly Field[],
  table: FeatureTable,
  time: string | undefined,
): ReferenceProfile => {
  const { order, instants } = inOrder(table, time)
  const columns = fields.map((field) => table.column(field.name))
  const matrix = matrixOf(fields, order, (row, column) => numberIn(columns[column][row]))
  return buildProfile({ model: name, version, fields, matrix, instants, outputs: [] })
}

/**
 * The numeric fields of `manifest` and its outputs, `answers` being what the model gave for the rows of `table`. Fields that stay strings
 * are left out: the profile's format 1 knows numbers only.
 */
export const profileVersion = (
  manifest: Manifest,
  table: FeatureTable,
  answers: readonly (RowOutputs | Failure)[],
  time: string | undefined,
): ReferenceProfile => {
  const { order, instants } = inOrder(table, time)
  const texts = stringFields(manifest)
  const width = manifest.feature_view.fields.length
  const kept = manifest.feature_view.fields.flatMap((field, at) => (texts.has(field.name) ? [] : [{ field, at }]))
  const { numbers } = featureRows(manifest, table, 0, table.rows)
  const fields = kept.map(({ field }) => field)
  const matrix = matrixOf(fields, order, (row, column) => numbers[row * width + kept[column].at])
  const outputs: ProfileSource['outputs'] = manifest.outputs.map((output) => ({
    name: output.name,
    layout: layoutOfOutput(manifest, output),
    values: Float32Array.from(order, (row) => counted(answers[row], output.name)),
    mean: meanOf(answers, output),
  }))
  return buildProfile({ model: manifest.name, version: manifest.version, fields, matrix, instants, outputs })
}
