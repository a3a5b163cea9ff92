import { describe, expect, it } from 'vitest'
import { summerHours, summerShare } from '../../../src/core/drift/season.ts'

describe('daylight saving', () => {
  it.each([
    ['2026-03-08T06:59:59Z', 0, 0],
    ['2026-03-08T07:00:00Z', 0, 1],
    ['2026-03-08T10:00:00Z', 1, 1],
    ['2026-11-01T05:59:59Z', 1, 1],
    ['2026-11-01T06:00:00Z', 0, 1],
    ['2026-11-01T09:00:00Z', 0, 0],
    ['2001-03-31T12:00:00Z', 0, 0],
    ['2001-04-02T12:00:00Z', 1, 1],
  ])('at %s puts clocks %i to %i hours on', (instant, least, greatest) => {
    expect(summerHours(Date.parse(instant))).toEqual({ least, greatest })
  })

  it('is a share of a span of days', () => {
    expect(summerShare(Date.UTC(2001, 0, 1), Date.UTC(2001, 4, 1))).toBeCloseTo(29.7 / 120, 1)
    expect(summerShare(Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 1))).toBeCloseTo(238 / 365, 2)
    expect(summerShare(Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 1))).toBe(1)
  })
})
