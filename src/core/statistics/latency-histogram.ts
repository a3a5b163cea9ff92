/** A histogram of how long requests took: merged exactly, and with the unknown durations kept apart. */
import type { Duration } from '../clock.ts'

/**
 * The greatest duration of each bucket, in seconds, as in Prometheus' `le`. Denser where a prediction is expected (well under 100 ms);
 * 0.1 is a bound so that the share under 100 ms is exact.
 */
export const LATENCY_BOUNDS_SECONDS = [
  0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.0125, 0.015, 0.02, 0.025, 0.03, 0.04,
  0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10,
] as const

export interface LatencyHistogram {
  /** Weighted requests per bucket; one number more than there are bounds, the last for what took longer than all of them. */
  readonly counts: readonly number[]
  /** Weighted sum, in whole microseconds: whole so that merging is exact in any order. */
  readonly sum_microseconds: number
  /** Weighted requests whose duration is not known (a clock that stood still). They stand in no bucket. */
  readonly unknown: number
}

const BUCKETS = LATENCY_BOUNDS_SECONDS.length + 1

export const emptyLatency = (): LatencyHistogram => ({
  counts: new Array<number>(BUCKETS).fill(0),
  sum_microseconds: 0,
  unknown: 0,
})

/** Index of the first bound that is not less than `seconds`. */
const bucketOf = (seconds: number): number => {
  let low = 0
  let high = BUCKETS - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (seconds <= (LATENCY_BOUNDS_SECONDS[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

/** The histogram while it grows. */
export class LatencyRecorder {
  readonly #counts = new Float64Array(BUCKETS)
  #sumMicroseconds = 0
  #unknown = 0

  /**
   * Counts one measured request for `weight` requests, a whole number from 1: 16 where one in 16 is measured. Throws a `RangeError`
   * for any other weight.
   */
  record(duration: Duration, weight: number): void {
    if (!Number.isSafeInteger(weight) || weight < 1)
      throw new RangeError(`weight is ${weight}, expected a whole number from 1`)
    if (!duration.known || !(duration.milliseconds > 0) || duration.milliseconds === Number.POSITIVE_INFINITY) {
      this.#unknown += weight
      return
    }
    const bucket = bucketOf(duration.milliseconds / 1_000)
    this.#counts[bucket] = (this.#counts[bucket] as number) + weight
    this.#sumMicroseconds += Math.round(duration.milliseconds * 1_000) * weight
  }

  toHistogram(): LatencyHistogram {
    return { counts: Array.from(this.#counts), sum_microseconds: this.#sumMicroseconds, unknown: this.#unknown }
  }
}

export const mergeLatency = (a: LatencyHistogram, b: LatencyHistogram): LatencyHistogram => ({
  counts: a.counts.map((count, bucket) => count + (b.counts[bucket] ?? 0)),
  sum_microseconds: a.sum_microseconds + b.sum_microseconds,
  unknown: a.unknown + b.unknown,
})

/** Weighted requests whose duration is known. */
export const latencyCount = (histogram: LatencyHistogram): number =>
  histogram.counts.reduce((sum, count) => sum + count, 0)

/**
 * The `share` quantile in seconds, or `null` when no duration is known. Found by linear interpolation inside the bucket that holds the
 * ⌈share · count⌉-th smallest request, as Prometheus' `histogram_quantile` does. It lies in the same bucket as the exact quantile, so it
 * is off by less than that bucket's width: 0.5 ms up to 3 ms, a third of the value from there to 100 ms, half of it to 300 ms, at most
 * one and a half times it beyond. Past the last bound the answer is that bound, which is then too low.
 * `share` in [0, 1].
 */
export const latencyQuantile = (histogram: LatencyHistogram, share: number): number | null => {
  const count = latencyCount(histogram)
  if (count === 0) return null
  const rank = Math.max(share * count, Number.MIN_VALUE)
  let below = 0
  for (const [bucket, inBucket] of histogram.counts.entries()) {
    if (inBucket > 0 && below + inBucket >= rank) {
      const lower = bucket === 0 ? 0 : (LATENCY_BOUNDS_SECONDS[bucket - 1] as number)
      const upper = LATENCY_BOUNDS_SECONDS[bucket] ?? lower
      return lower + (upper - lower) * ((rank - below) / inBucket)
    }
    below += inBucket
  }
  return LATENCY_BOUNDS_SECONDS.at(-1) ?? null
}
