/** The KV value that holds the features of all zips with the same first three digits. */

/** A zip column's value: a number or a string, `null` where the source has none. */
export type ZipValue = number | string | null

/** The columns every zip pack begins with: degrees (WGS 84), USPS letters, IANA name. */
export const ZIP_COLUMNS = ['latitude', 'longitude', 'state', 'time_zone'] as const

/**
 * Format 1, stored as JSON under the key `zip3/<three digits>`. Each row of `zips` is in the order of `columns`, which always begin with
 * `ZIP_COLUMNS`; a user's own columns follow.
 */
export interface ZipPack {
  readonly format: 1
  /** The release of the zip data, for example `2026-11`; answered as `zip_data`. */
  readonly data: string
  readonly columns: readonly string[]
  readonly zips: { readonly [zip: string]: readonly ZipValue[] | undefined }
}

/**
 * The coarse fallback that ships in the bundle (kv-seed/zip3-means.json): for each zip3, and for the nation, the mean of each numeric column
 * and the commonest value of each other one, in the order of `columns`.
 */
export interface ZipMeans {
  readonly format: 1
  readonly data: string
  readonly columns: readonly string[]
  readonly national: readonly ZipValue[]
  readonly zip3: { readonly [zip3: string]: readonly ZipValue[] | undefined }
}
