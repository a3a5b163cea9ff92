/** A sketch of how long something took (DDSketch): merged exactly, its quantiles within 1 % of the true ones. */
import type { Duration } from '../clock.ts'

/** Greatest relative error of a quantile between the two bounds below (Masson, Rim, Lee: "DDSketch", VLDB 2019). */
export const SKETCH_ACCURACY = 0.01
/** What is shorter or longer counts as this, so that the number of bins is bounded without collapsing any. */
export const SHORTEST_MILLISECONDS = 0.01
export const LONGEST_MILLISECONDS = 60_000

const GAMMA = (1 + SKETCH_ACCURACY) / (1 - SKETCH_ACCURACY)
const LOG_GAMMA = Math.log(GAMMA)
/** The bin of what lies in (γ^(bin − 1), γ^bin] milliseconds, as the logarithmic mapping of @datadog/sketches-js, which a test compares. */
export const binOfDuration = (milliseconds: number): number => Math.ceil(Math.log(milliseconds) / LOG_GAMMA)
/** Milliseconds that are at most `SKETCH_ACCURACY` away from everything in the bin. */
export const durationOfBin = (bin: number): number => (GAMMA ** bin * 2) / (1 + GAMMA)

export const LOWEST_BIN = binOfDuration(SHORTEST_MILLISECONDS)
export const HIGHEST_BIN = binOfDuration(LONGEST_MILLISECONDS)
export const SKETCH_BINS = HIGHEST_BIN - LOWEST_BIN + 1

/** Only bins that hold something: `bins[i]`, ascending, holds the weight `counts[i]`, a whole number. */
export interface LatencySketch {
  readonly format: 1
  readonly bins: readonly number[]
  readonly counts: readonly number[]
  /** Weight of what has no known duration; it stands in no bin. */
  readonly unknown: number
}

export const emptySketch = (): LatencySketch => ({ format: 1, bins: [], counts: [], unknown: 0 })

const sketchOf = (counts: ReadonlyMap<number, number>, unknown: number): LatencySketch => {
  const entries = [...counts].sort(([a], [b]) => a - b)
  return { format: 1, bins: entries.map(([bin]) => bin), counts: entries.map(([, count]) => count), unknown }
}

/** The sketch while it grows. */
export class SketchRecorder {
  readonly #counts = new Map<number, number>()
  #unknown = 0

  /** Counts one measured duration for `weight`, a whole number from 1. A duration of zero is one that is not known. */
  record(duration: Duration, weight: number): void {
    if (!duration.known || !(duration.milliseconds > 0) || duration.milliseconds === Number.POSITIVE_INFINITY) {
      this.#unknown += weight
      return
    }
    const bin = Math.min(Math.max(binOfDuration(duration.milliseconds), LOWEST_BIN), HIGHEST_BIN)
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + weight)
  }

  toSketch(): LatencySketch {
    return sketchOf(this.#counts, this.#unknown)
  }
}

/** Exact, in any order and grouping. */
export const mergeSketches = (a: LatencySketch, b: LatencySketch): LatencySketch => {
  const counts = new Map(a.bins.map((bin, index) => [bin, a.counts[index] ?? 0]))
  for (const [index, bin] of b.bins.entries()) counts.set(bin, (counts.get(bin) ?? 0) + (b.counts[index] ?? 0))
  return sketchOf(counts, a.unknown + b.unknown)
}

/** Weight of what has a known duration. */
export const sketchCount = ({ counts }: LatencySketch): number => counts.reduce((sum, count) => sum + count, 0)

/**
 * The `share` quantile in seconds: the value of rank ⌊share · (count − 1)⌋ from 0, off by 1 % at most between the bounds above; `null` when no
 * duration is known. `share` in [0, 1].
 */
export const sketchQuantile = (sketch: LatencySketch, share: number): number | null => {
  const rank = Math.floor(share * (sketchCount(sketch) - 1))
  let upTo = 0
  for (const [index, bin] of sketch.bins.entries()) {
    upTo += sketch.counts[index] ?? 0
    if (upTo > rank) return durationOfBin(bin) / 1_000
  }
  return null
}

/** Weights by the bounds (ascending, seconds; one number more, for what took longer) and the sum in seconds, each off by 1 % of a duration at most. */
export const sketchHistogram = (
  { bins, counts }: LatencySketch,
  bounds: readonly number[],
): { readonly counts: readonly number[]; readonly sum: number } => {
  const inBuckets = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  for (const [index, bin] of bins.entries()) {
    const seconds = durationOfBin(bin) / 1_000
    const count = counts[index] ?? 0
    const found = bounds.findIndex((bound) => seconds <= bound)
    const bucket = found === -1 ? bounds.length : found
    inBuckets[bucket] = (inBuckets[bucket] ?? 0) + count
    sum += seconds * count
  }
  return { counts: inBuckets, sum }
}
