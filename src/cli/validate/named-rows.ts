/** Rows of features by field name: what two versions with different feature views can both be given. */
import type { FeatureRows } from '../../core/features/compute.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'

export type Value = number | string | null
export type NamedRow = Readonly<Record<string, Value>>

/**
 * The rows as `manifest` wants them, shape [rows, fields]. A field that a row lacks, or that is `null`, is its default where it has one,
 * else missing, as at the edge.
 */
export const rowsFor = (manifest: Manifest, rows: readonly NamedRow[]): FeatureRows => {
  const { fields } = manifest.feature_view
  const texts = stringFields(manifest)
  const numbers = new Float64Array(rows.length * fields.length).fill(Number.NaN)
  const strings = texts.size === 0 ? null : new Array<string | null>(numbers.length).fill(null)
  let at = 0
  for (const row of rows) {
    for (const { name, default: fallback } of fields) {
      const value = row[name] ?? fallback ?? null
      if (strings !== null && texts.has(name)) strings[at] = value === null ? null : String(value)
      else if (typeof value === 'number') numbers[at] = value
      at++
    }
  }
  return { numbers, strings }
}

/** Rows of a feature view by name; `null` is a missing value. */
export const namedRows = (manifest: Manifest, { numbers, strings }: FeatureRows): NamedRow[] => {
  const { fields } = manifest.feature_view
  return Array.from({ length: numbers.length / fields.length }, (_, row) =>
    Object.fromEntries(
      fields.map(({ name }, column) => {
        const at = row * fields.length + column
        return [name, strings?.[at] ?? (Number.isNaN(numbers[at]) ? null : numbers[at])]
      }),
    ),
  )
}

/** A row for people. */
export const printRow = (row: NamedRow): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${value === null ? 'missing' : value}`)
    .join(' ')
