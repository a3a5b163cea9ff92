/** What a store returned, as a zip pack: checked once when it is read, and row by row when a zip is looked up. */
import { ZIP_COLUMNS, type ZipPack, type ZipValue } from './zip-pack.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isColumnList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.every((column) => typeof column === 'string') &&
  ZIP_COLUMNS.every((column, index) => value[index] === column)

/**
 * `value`, parsed JSON, as a zip pack of format 1. The rows are not looked at: `zipRow` checks the one it is asked for.
 * Throws an Error that names the part which is wrong.
 */
export const readZipPack = (value: unknown): ZipPack => {
  if (!isRecord(value)) throw new Error('expected an object')
  const { format, data, columns, zips } = value
  if (format !== 1) throw new Error(`expected "format" 1, got ${JSON.stringify(format)}`)
  if (typeof data !== 'string' || data === '') throw new Error('expected "data" to name a release of the zip data')
  if (!isColumnList(columns))
    throw new Error(`expected "columns" to be strings that begin with ${ZIP_COLUMNS.join(', ')}`)
  if (!isRecord(zips)) throw new Error('expected "zips" to be an object')
  return { format, data, columns, zips: zips as ZipPack['zips'] }
}

const isValue = (value: unknown): value is ZipValue =>
  value === null || typeof value === 'number' || typeof value === 'string'

/**
 * The row of `zip` (five digits) in the order of `pack.columns`; `undefined` if the pack has none.
 * Throws an Error that names the zip when the row is not one value, number, string or null, for each column.
 */
export const zipRow = (pack: ZipPack, zip: string): readonly ZipValue[] | undefined => {
  const row: unknown = Object.hasOwn(pack.zips, zip) ? pack.zips[zip] : undefined
  if (row === undefined) return undefined
  if (!Array.isArray(row) || row.length !== pack.columns.length || !row.every(isValue)) {
    throw new Error(`expected ${pack.columns.length} values for zip ${zip}`)
  }
  return row
}
