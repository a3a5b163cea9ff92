/** What is known of one event's zip code, and how well it is known. */
import type { ZipValue } from './zip-pack.ts'

/** `exact`: the zip's own row; `zip3_mean`: the bundled mean of its first three digits; `national_mean`: nothing better was known. */
export type ZipLevel = 'exact' | 'zip3_mean' | 'national_mean'

export interface ZipFeatures {
  readonly level: ZipLevel
  /** The release of the zip data the values come from. */
  readonly data: string
  readonly columns: readonly string[]
  readonly values: readonly ZipValue[]
}

/** The value of `column`, or `undefined` where this zip data has no such column. */
export const zipValue = (features: ZipFeatures, column: string): ZipValue | undefined => {
  const index = features.columns.indexOf(column)
  return index < 0 ? undefined : features.values[index]
}
