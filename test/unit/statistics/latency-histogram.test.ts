import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UNKNOWN_DURATION } from '../../../src/core/clock.ts'
import {
  emptyLatency,
  LATENCY_BOUNDS_SECONDS,
  LatencyRecorder,
  latencyCount,
  latencyQuantile,
  mergeLatency,
} from '../../../src/core/statistics/latency-histogram.ts'

const milliseconds = fc.double({ min: 0.01, max: 9_999, noNaN: true })

const histogramOf = (durations: readonly number[], weight = 1) => {
  const recorder = new LatencyRecorder()
  for (const duration of durations) recorder.record({ known: true, milliseconds: duration }, weight)
  return recorder.toHistogram()
}

/** The bucket of the exact quantile: what lies in (lower, upper]. */
const bucketAround = (seconds: number): [number, number] => {
  const bucket = LATENCY_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound)
  return [LATENCY_BOUNDS_SECONDS[bucket - 1] ?? 0, LATENCY_BOUNDS_SECONDS[bucket] as number]
}

describe('the latency histogram', () => {
  it('has no quantile where nothing is known, and never takes an unknown duration for 0', () => {
    const recorder = new LatencyRecorder()
    recorder.record(UNKNOWN_DURATION, 16)
    recorder.record({ known: true, milliseconds: 0 }, 16)
    recorder.record({ known: true, milliseconds: Number.NaN }, 1)
    const histogram = recorder.toHistogram()
    expect(histogram).toEqual({ ...emptyLatency(), unknown: 33 })
    expect(latencyQuantile(histogram, 0.5)).toBeNull()
    expect(latencyQuantile(emptyLatency(), 0.99)).toBeNull()
  })

  it('counts a bound in the bucket it closes, and what is longer than all in the last', () => {
    const histogram = histogramOf([0.5, 100, 10_000, 10_000.1])
    expect(histogram.counts[0]).toBe(1)
    expect(histogram.counts[LATENCY_BOUNDS_SECONDS.indexOf(0.1)]).toBe(1)
    expect(histogram.counts.at(-2)).toBe(1)
    expect(histogram.counts.at(-1)).toBe(1)
    expect(latencyQuantile(histogram, 1)).toBe(10)
  })

  it('lets one measured request stand for sixteen', () => {
    const histogram = histogramOf([3, 5], 16)
    expect(latencyCount(histogram)).toBe(32)
    expect(histogram.sum_microseconds).toBe(16 * 8_000)
  })

  it('refuses a weight that is not a whole number from 1', () => {
    for (const weight of [0, -1, 1.5, Number.NaN])
      expect(() => histogramOf([1], weight)).toThrow(`weight is ${weight}, expected a whole number from 1`)
  })

  it('estimates a quantile inside the bucket of the exact one', () => {
    fc.assert(
      fc.property(
        fc.array(milliseconds, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, share) => {
          const sorted = all.toSorted((a, b) => a - b)
          const exact = (sorted[Math.max(1, Math.ceil(share * all.length)) - 1] as number) / 1_000
          const [lower, upper] = bucketAround(exact)
          const estimate = latencyQuantile(histogramOf(all), share) as number
          expect(estimate).toBeGreaterThanOrEqual(lower)
          expect(estimate).toBeLessThanOrEqual(upper)
        },
      ),
    )
  })

  it('has buckets no wider than its documentation states', () => {
    LATENCY_BOUNDS_SECONDS.forEach((upper, bucket) => {
      const lower = LATENCY_BOUNDS_SECONDS[bucket - 1] ?? 0
      const width = upper - lower
      const stated = upper <= 0.003 ? 0.0005 : lower * (upper <= 0.1 ? 1 / 3 : upper <= 0.3 ? 1 / 2 : 3 / 2)
      expect(width).toBeLessThanOrEqual(stated + 1e-12)
    })
  })

  it('merges parts to what one stream would have counted', () => {
    fc.assert(
      fc.property(fc.array(milliseconds), fc.array(milliseconds), (a, b) => {
        expect(mergeLatency(histogramOf(a, 16), histogramOf(b, 16))).toEqual(histogramOf([...a, ...b], 16))
      }),
    )
  })
})
