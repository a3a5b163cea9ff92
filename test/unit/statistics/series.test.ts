import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyCounts, mergeCounts, sumOf } from '../../../src/core/statistics/counts.ts'
import { DAY, HOUR, KEPT_MILLISECONDS, MINUTE, type Span } from '../../../src/core/statistics/rollup.ts'
import {
  firstCounted,
  gatheredFor,
  mergePoints,
  pointOf,
  SERIES_RANGE_NAMES,
  SERIES_RANGES,
  seriesStretch,
} from '../../../src/core/statistics/series.ts'
import { seriesPoints } from '../../../src/core/statistics/series-report.ts'
import { anyCounts } from '../../support/statistics.ts'

const NOW = Date.UTC(2026, 10, 25, 12, 34, 56, 789)

describe('the ranges of the time line', () => {
  it.each(SERIES_RANGE_NAMES)('end with the point that is growing and reach back far enough: %s', (range) => {
    const { from, to, step } = seriesStretch(range, NOW)
    const { reach } = SERIES_RANGES[range]
    expect(from).toBeLessThanOrEqual(NOW - reach)
    expect(from).toBeGreaterThan(NOW - reach - step)
    expect(to).toBeGreaterThan(NOW)
    expect(to - step).toBeLessThanOrEqual(NOW)
    expect((to - from) / step).toBeLessThanOrEqual(170)
  })

  it('are made of stretches that are still kept', () => {
    for (const { reach, step } of [
      SERIES_RANGES['1h'],
      SERIES_RANGES['24h'],
      SERIES_RANGES['7d'],
      SERIES_RANGES['30d'],
    ]) {
      const span: Span = gatheredFor(step, { hours: 1, days: 1 }).hours === 0 ? MINUTE : HOUR
      expect(step % span).toBe(0)
      expect(reach + step).toBeLessThanOrEqual(KEPT_MILLISECONDS[span])
    }
  })
})

describe('a point', () => {
  it('keeps every number, has few keys, and is the same when it is made again', () => {
    fc.assert(
      fc.property(anyCounts, (counts) => {
        const point = pointOf(counts)
        const predicted = (of: typeof counts) =>
          Object.values(of.versions).reduce((sum, { predictions }) => sum + predictions, 0)
        expect(predicted(point)).toBe(predicted(counts))
        expect(sumOf(point.rejected)).toBe(sumOf(counts.rejected))
        expect(Object.keys(point.versions).length).toBeLessThanOrEqual(17)
        expect(Object.keys(point.rejected).length).toBeLessThanOrEqual(17)
        expect(pointOf(point)).toEqual(point)
        expect(JSON.stringify(point).length).toBeLessThan(60_000)
      }),
      { numRuns: 50 },
    )
  })

  it('is not known when a shard does not know it, in any order', () => {
    const [one, other] = [emptyCounts(), { ...emptyCounts(), accepted: 3 }]
    const points = [[{ start: 0, counts: one }], [{ start: 0, counts: null }], [{ start: 0, counts: other }]]
    expect(mergePoints(points)).toEqual(new Map([[0, null]]))
    expect(mergePoints([...points].reverse())).toEqual(new Map([[0, null]]))
    expect(mergePoints([points[0] ?? [], points[2] ?? []]).get(0)).toEqual(mergeCounts(one, other))
  })
})

describe('the first count', () => {
  const at = (day: number | null, hour: number | null, minute: number | null) =>
    firstCounted((span) => (span === DAY ? day : span === HOUR ? hour : minute))

  it('is told by the finest stretch that is still kept of it', () => {
    expect(at(null, null, null)).toBe(null)
    expect(at(null, null, 5 * MINUTE)).toBe(5 * MINUTE)
    expect(at(0, 3 * HOUR, 3 * HOUR + 5 * MINUTE)).toBe(3 * HOUR + 5 * MINUTE)
    expect(at(0, 3 * HOUR, 30 * HOUR)).toBe(3 * HOUR)
    expect(at(0, 40 * DAY, 70 * DAY)).toBe(0)
  })
})

describe('the points of a report', () => {
  const frame = { from: 0, to: 3 * MINUTE, step: MINUTE, points: new Map([[MINUTE, emptyCounts()]]) }
  const isKnown = (...[first, answered]: [number | null, number]) =>
    seriesPoints({ ...frame, first, shards: { answered, of: 2 } }).map(({ counts }) => counts !== null)

  it('are nought only where nothing is known to have been counted', () => {
    expect(isKnown(0, 2)).toEqual([true, true, true])
    expect(isKnown(MINUTE, 2)).toEqual([false, true, true])
    expect(isKnown(null, 2)).toEqual([false, false, false])
    expect(isKnown(0, 1)).toEqual([false, false, false])
  })
})
