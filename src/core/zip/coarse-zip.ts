/** The bundled means as zip features: what stands in when a zip's own row is not to be had. */
import type { ZipFeatures } from './zip-features.ts'
import type { ZipMeans } from './zip-pack.ts'

export const nationalMean = ({ data, columns, national }: ZipMeans): ZipFeatures => ({
  level: 'national_mean',
  data,
  columns,
  values: national,
})

/** The mean of the zip's first three digits; `undefined` for a prefix that no zip has. */
export const zip3Mean = ({ data, columns, zip3: means }: ZipMeans, zip3: string): ZipFeatures | undefined => {
  const values = Object.hasOwn(means, zip3) ? means[zip3] : undefined
  return values === undefined ? undefined : { level: 'zip3_mean', data, columns, values }
}
