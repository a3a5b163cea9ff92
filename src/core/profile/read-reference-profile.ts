/** What a model repository holds as `reference.json`, checked once when it is read. */
import { isJsonObject } from '../json.ts'
import { binCount, type FieldBins, HOURS_PER_WEEK, type ReferenceProfile, unpackCounts } from './reference-profile.ts'

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((number) => typeof number === 'number')

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || (numbers[index - 1] as number) < number)

const checkCounts = (name: string, value: unknown, slices: number, bins: number): void => {
  if (!Array.isArray(value) || value.length !== slices)
    throw new Error(`"${name}": expected counts for ${slices} slices`)
  for (const [slice, row] of value.entries()) {
    if (!isNumbers(row)) throw new Error(`"${name}": expected numbers in slice ${slice}`)
    try {
      unpackCounts(row, bins)
    } catch (error) {
      throw new Error(`"${name}", slice ${slice}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

const readBins = (name: string, field: Record<string, unknown>): FieldBins => {
  if (isNumbers(field.edges) && isAscending(field.edges)) return { edges: field.edges }
  if (isNumbers(field.values)) return { values: field.values }
  throw new Error(`"${name}": expected ascending "edges" or "values"`)
}

/**
 * `value`, parsed JSON, as a reference profile of format 1: every row of counts has as many bins as its field.
 * Throws an Error that names the part which is wrong.
 */
export const readReferenceProfile = (value: unknown): ReferenceProfile => {
  if (!isJsonObject(value)) throw new Error('expected an object')
  if (value.format !== 1) throw new Error(`expected "format" 1, got ${JSON.stringify(value.format)}`)
  const { fields, outputs, background } = value
  if (!Array.isArray(fields) || !Array.isArray(outputs)) throw new Error('expected "fields" and "outputs" to be arrays')
  const slices = value.hour_of_week === null ? 1 : HOURS_PER_WEEK
  for (const field of fields) {
    if (!isJsonObject(field) || typeof field.name !== 'string') throw new Error('expected each field to have a name')
    checkCounts(field.name, field.counts, slices, binCount(readBins(field.name, field)))
    checkCounts(field.name, [field.missing], 1, slices)
  }
  for (const output of outputs) {
    if (!isJsonObject(output) || typeof output.name !== 'string' || !isJsonObject(output.layout)) {
      throw new Error('expected each output to have a name and a layout')
    }
    checkCounts(output.name, output.counts, slices, Number(output.layout.bins))
  }
  if (!isJsonObject(background) || !Array.isArray(background.fields) || !Array.isArray(background.rows)) {
    throw new Error('expected "background" with fields and rows')
  }
  return value as unknown as ReferenceProfile
}
