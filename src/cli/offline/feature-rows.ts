/** From the columns of a table to the rows a model's inputs are filled from. */
import type { FeatureRows } from '../../core/features/compute.ts'
import type { Field } from '../../core/features/feature-view.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import { type FeatureTable, numberIn } from './feature-table.ts'

/** Read again as the edge reads it: a raw category becomes its index, what is missing becomes the field's default. */
const numberOf = (value: unknown, { encoding, default: fallback }: Field): number => {
  let number: number
  if (encoding !== undefined && typeof value === 'string') {
    const category = encoding.categories.indexOf(value)
    number = category < 0 ? encoding.unknown : category
  } else number = numberIn(value)
  return Number.isNaN(number) && typeof fallback === 'number' ? fallback : number
}

const textOf = (value: unknown, { default: fallback }: Field): string | null => {
  if (value === null || value === undefined) return typeof fallback === 'string' ? fallback : null
  return String(value)
}

/** The columns of a table that the model's inputs need. */
export const neededColumns = ({ feature_view, inputs }: Manifest): string[] => {
  const used = new Set(inputs.flatMap(({ fields }) => fields))
  return feature_view.fields.map(({ name }) => name).filter((name) => used.has(name))
}

/**
 * Rows `from` up to, not including, `to`, shape [to − from, fields], in the order of the manifest's feature view; a field that no input
 * takes is missing. Throws a UsageError for a column that was not read.
 */
export const featureRows = (manifest: Manifest, table: FeatureTable, from: number, to: number): FeatureRows => {
  const { fields } = manifest.feature_view
  const needed = new Set(neededColumns(manifest))
  const texts = stringFields(manifest)
  const width = fields.length
  const numbers = new Float64Array((to - from) * width).fill(Number.NaN)
  const strings = texts.size === 0 ? null : new Array<string | null>(numbers.length).fill(null)
  for (const [index, field] of fields.entries()) {
    if (!needed.has(field.name)) continue
    const column = table.column(field.name)
    const isText = texts.has(field.name)
    for (let row = from; row < to; row++) {
      const at = (row - from) * width + index
      if (!isText) numbers[at] = numberOf(column[row], field)
      else if (strings !== null) strings[at] = textOf(column[row], field)
    }
  }
  return { numbers, strings }
}
