/** From events to rows of float32 features, by the code that serves. */
import { compileFeatureView } from '../../core/features/compute.ts'
import type { FeatureView } from '../../core/features/feature-view.ts'
import type { ZipFeatures } from '../../core/zip/zip-features.ts'
import type { Matrix } from '../matrix.ts'
import { seededRandom } from '../random.ts'
import type { FlightEvents } from './events.ts'

/**
 * The row of each event under `view`, in the order of the events. With `unknownZip`, what is known when an event names no zip, every
 * row is computed as if its event named none. Calls `onShare` with the share done, now and then.
 */
export const featureRows = (
  events: FlightEvents,
  view: FeatureView,
  unknownZip: ZipFeatures | undefined,
  onShare: (share: number) => void,
): Matrix => {
  const computer = compileFeatureView(view)
  const rows = events.labels.length
  const width = computer.names.length
  const values = new Float32Array(rows * width)
  const numbers = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    const { zip, features } = events.airports[events.destination[row]]
    const createdDateTime = events.createdDateTime[row]
    const record = unknownZip === undefined ? { createdDateTime, zipCode: zip } : { createdDateTime }
    computer.compute(
      { epochMilliseconds: createdDateTime, zip: unknownZip ?? features, origins: [], record },
      { numbers, strings: null },
      0,
      [],
    )
    values.set(numbers, row * width)
    if (row % 100_000 === 0) onShare(row / rows)
  }
  return { names: computer.names, values, labels: events.labels }
}

/**
 * `known` with each row replaced by that of `unknown` with probability `share`: so the trees learn what to answer when nothing is known
 * of the zip, instead of guessing a side at each split. The same seed replaces the same rows.
 */
export const mixRows = (known: Matrix, unknown: Matrix, share: number, seed: number): Matrix => {
  const random = seededRandom(seed)
  const width = known.names.length
  const values = known.values.slice()
  for (let at = 0; at < values.length; at += width) {
    if (random() < share) values.set(unknown.values.subarray(at, at + width), at)
  }
  return { ...known, values }
}
