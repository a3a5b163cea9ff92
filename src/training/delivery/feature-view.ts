/** What `delivery-days` looks at, and the rows of orders under it. */
import { compileFeatureView } from '../../core/features/compute.ts'
import type { FeatureView, Field } from '../../core/features/feature-view.ts'
import type { ZipFeatures } from '../../core/zip/zip-features.ts'
import { DEFAULT_PARAMETERS } from '../gbdt/parameters.ts'
import type { Matrix } from '../matrix.ts'
import { seededRandom } from '../random.ts'
import type { Order } from './orders.ts'

/** The calendar of the customer, and how far the parcel has to go; not where: any warehouse will do. */
export const DELIVERY_FIELDS: readonly Field[] = [
  { name: 'local_day_of_year', source: 'local_time' },
  { name: 'local_day_of_week', source: 'local_time' },
  { name: 'local_minute_of_day', source: 'local_time' },
  { name: 'distance_km', source: 'distance', from: 'shipFromZip', default: null },
]

export const DELIVERY_PARAMETERS = {
  ...DEFAULT_PARAMETERS,
  trees: 30,
  leaves: 31,
  learningRate: 0.3,
  minChildWeight: 5,
}

/** The chance of a row to be shown as if its zip, and as if its `shipFromZip`, were unknown. */
export const UNKNOWN_SHARE = 0.02

/**
 * The row of each order; the labels are the days of delivery. With `unknown`, what is known where an event names no zip, some rows are
 * seen as if theirs were unknown: `seed` says which.
 */
export const orderRows = (
  orders: readonly Order[],
  view: FeatureView,
  unknown?: { readonly zip: ZipFeatures; readonly share: number; readonly seed: number },
): Matrix => {
  const computer = compileFeatureView(view)
  const width = computer.names.length
  const values = new Float32Array(orders.length * width)
  const numbers = new Float64Array(width)
  const random = seededRandom(unknown?.seed ?? 0)
  const known = (zip: ZipFeatures): ZipFeatures =>
    unknown !== undefined && random() < unknown.share ? unknown.zip : zip
  for (const [row, { epochMilliseconds, from, to }] of orders.entries()) {
    const input = { epochMilliseconds, zip: known(to.features), origins: [known(from.features)], record: {} }
    computer.compute(input, { numbers, strings: null }, 0, [])
    values.set(numbers, row * width)
  }
  return { names: computer.names, values, labels: Uint8Array.from(orders, ({ deliveredDay }) => deliveredDay) }
}
