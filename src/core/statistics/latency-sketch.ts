/** A sketch of how long something took (DDSketch): merged exactly, its quantiles within 1 % of the true ones. */
import { DDSketch } from '@datadog/sketches-js'
import type { Duration } from '../clock.ts'

/** Greatest relative error of a quantile between the two bounds below (Masson, Rim, Lee: "DDSketch", VLDB 2019). */
export const SKETCH_ACCURACY = 0.01
/** What is shorter or longer counts as this, so that the number of bins is bounded without collapsing any. */
export const SHORTEST_MILLISECONDS = 0.01
export const LONGEST_MILLISECONDS = 60_000

const newSketch = (): DDSketch => new DDSketch({ relativeAccuracy: SKETCH_ACCURACY })

const { mapping } = newSketch()
export const LOWEST_BIN = mapping.key(SHORTEST_MILLISECONDS)
export const HIGHEST_BIN = mapping.key(LONGEST_MILLISECONDS)
export const SKETCH_BINS = HIGHEST_BIN - LOWEST_BIN + 1

/** The sketch as it is sent and stored, only bins that hold something: `bins[i]`, ascending, holds the weight `counts[i]`, a whole number. */
export interface LatencySketch {
  readonly format: 1
  readonly bins: readonly number[]
  readonly counts: readonly number[]
  /** Weight of what has no known duration; it stands in no bin. */
  readonly unknown: number
}

export const emptySketch = (): LatencySketch => ({ format: 1, bins: [], counts: [], unknown: 0 })

const stored = ({ store }: DDSketch, unknown: number): LatencySketch => {
  const bins: number[] = []
  const counts: number[] = []
  for (let bin = store.minKey; bin <= store.maxKey; bin++) {
    const count = store.bins[bin - store.offset] as number
    if (count === 0) continue
    bins.push(bin)
    counts.push(count)
  }
  return { format: 1, bins, counts, unknown }
}

/** `sketch` with what is stored added to it. */
const add = (sketch: DDSketch, { bins, counts }: LatencySketch): DDSketch => {
  for (const [index, bin] of bins.entries()) {
    const count = counts[index] as number
    sketch.store.add(bin, count)
    sketch.count += count
  }
  return sketch
}

/** The sketch while it grows. */
export class SketchRecorder {
  readonly #sketch = newSketch()
  #unknown = 0

  /** Counts one measured duration for `weight`, a whole number from 1. A duration of zero is one that is not known. */
  record(duration: Duration, weight: number): void {
    if (!duration.known || !(duration.milliseconds > 0) || duration.milliseconds === Number.POSITIVE_INFINITY)
      this.#unknown += weight
    else
      this.#sketch.accept(
        Math.min(Math.max(duration.milliseconds, SHORTEST_MILLISECONDS), LONGEST_MILLISECONDS),
        weight,
      )
  }

  toSketch(): LatencySketch {
    return stored(this.#sketch, this.#unknown)
  }
}

/** Exact, in any order and grouping. */
export const mergeSketches = (a: LatencySketch, b: LatencySketch): LatencySketch =>
  stored(add(add(newSketch(), a), b), a.unknown + b.unknown)

/** Weight of what has a known duration. */
export const sketchCount = ({ counts }: LatencySketch): number => counts.reduce((sum, count) => sum + count, 0)

/**
 * The `share` quantile in seconds: the value of rank ⌊share · (count − 1)⌋ from 0, off by 1 % at most between the bounds above; `null` when no
 * duration is known. `share` in [0, 1].
 */
export const sketchQuantile = (sketch: LatencySketch, share: number): number | null => {
  const milliseconds = add(newSketch(), sketch).getValueAtQuantile(share)
  return Number.isNaN(milliseconds) ? null : milliseconds / 1_000
}

/** Weights by the bounds (ascending, seconds; one number more, for what took longer) and the sum in seconds, each off by 1 % of a duration at most. */
export const sketchHistogram = (
  { bins, counts }: LatencySketch,
  bounds: readonly number[],
): { readonly counts: readonly number[]; readonly sum: number } => {
  const inBuckets = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  for (const [index, bin] of bins.entries()) {
    const seconds = mapping.value(bin) / 1_000
    const count = counts[index] ?? 0
    const found = bounds.findIndex((bound) => seconds <= bound)
    const bucket = found === -1 ? bounds.length : found
    inBuckets[bucket] = (inBuckets[bucket] ?? 0) + count
    sum += seconds * count
  }
  return { counts: inBuckets, sum }
}
