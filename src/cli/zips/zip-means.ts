/** The coarse fallback: what a zip's first three digits, or nothing but "in the US", tell of it. */
import type { ZipMeans, ZipValue } from '../../core/zip/zip-pack.ts'
import type { ZipTable } from './merge-zips.ts'
import { isMilitary } from './military.ts'
import { meanLongitude } from './point.ts'
import { commonest, groupByZip3 } from './zip3-groups.ts'

/** Significant digits of a mean: for coordinates about 100 m to 1 km, where zips of one zip3 lie 50 km apart. */
const MEAN_DIGITS = 6

const mean = (column: string, values: readonly number[]): number =>
  column === 'longitude' ? meanLongitude(values) : values.reduce((sum, value) => sum + value, 0) / values.length

/** One column of some rows in one value: numbers averaged, strings by the commonest, `null` where none is known. */
const summarise = (column: string, values: readonly ZipValue[]): ZipValue => {
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length > 0) return Number(mean(column, numbers).toPrecision(MEAN_DIGITS))
  return commonest(values.filter((value) => typeof value === 'string')) ?? null
}

/**
 * The means of `table`: every zip counts the same, whoever lives there. Military post abroad is left out of the national mean, not of its own
 * zip3: an unknown zip is far likelier one at home.
 */
export const zipMeans = ({ columns, rows }: ZipTable, data: string): ZipMeans => {
  const zips = [...rows].map(([zip, values]) => ({ zip, values }))
  const summariseAll = (group: readonly { readonly values: readonly ZipValue[] }[]): ZipValue[] =>
    columns.map((column, index) =>
      summarise(
        column,
        group.map(({ values }) => values[index] ?? null),
      ),
    )
  return {
    format: 1,
    data,
    columns,
    national: summariseAll(zips.filter(({ zip }) => !isMilitary(zip))),
    zip3: Object.fromEntries([...groupByZip3(zips)].map(([key, group]) => [key, summariseAll(group)])),
  }
}
