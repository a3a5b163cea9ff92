import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CalendarField, calendarField } from '../../../src/core/drift/calendar-field.ts'
import { HOUR, MONDAY } from './small-profile.ts'

const known = (
  name: string,
  bins: { edges: number[] } | { values: number[] },
  range: readonly [number, number] | null = null,
) => calendarField({ name, range, ...bins }) as CalendarField
const range = (length: number, first = 0) => Array.from({ length }, (_, index) => first + index)
const bins = (length: number, ...at: readonly (readonly [number, number])[]) => {
  const row = new Array<number>(length).fill(0)
  for (const [bin, count] of at) row[bin] = count
  return row
}

describe('a calendar field', () => {
  it('counts how far values are ahead of their hour, around the circle', () => {
    const hours = known('hour_of_day', { values: range(24) })
    const lags = hours.lags(bins(25, [23, 5], [2, 7]), MONDAY + 23 * HOUR, 0)
    expect([lags[0], lags[3]]).toEqual([5, 7])
    const weekdays = known('day_of_week', { values: range(7) })
    expect(weekdays.lags(bins(8, [6, 4]), MONDAY, 0)[6]).toBe(4)
  })

  it('spreads a bin of many values evenly over them', () => {
    const minutes = known('minute_of_day', { edges: [89.5, 719.5] })
    const lags = minutes.lags([90, 0, 0], MONDAY, 0)
    expect(Array.from(lags.slice(0, 3))).toEqual([expect.closeTo(60, 9), expect.closeTo(30, 9), 0])
  })

  it('keeps what was counted, whatever the bins', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('minute_of_day', 'local_hour_of_day', 'local_day_of_week', 'day_of_year', 'utc_offset_hours'),
        fc.uniqueArray(fc.integer({ min: -20, max: 1500 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.nat(10_000),
        (name, numbers, isEdges, hour) => {
          const ordered = numbers.toSorted((a, b) => a - b)
          const field = known(name, isEdges ? { edges: ordered.map((value) => value + 0.5) } : { values: ordered })
          const row = range(ordered.length + 1, 1)
          const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((total, count) => total + count, 0)
          expect(sum(field.lags(row, MONDAY + hour * HOUR, 1))).toBeCloseTo(sum(row), 9)
          const own = field.ownShares(MONDAY + hour * HOUR)
          expect(own.length).toBe(row.length)
          expect(sum(own)).toBeCloseTo(1, 9)
        },
      ),
    )
  })

  it('knows what its own hour must show', () => {
    expect(Array.from(known('hour_of_day', { values: [0, 1] }).ownShares(MONDAY + HOUR))).toEqual([0, 1, 0])
    expect(Array.from(known('hour_of_day', { values: [0, 1] }).ownShares(MONDAY + 5 * HOUR))).toEqual([0, 0, 1])
    const shares = known('minute_of_day', { edges: [14.5, 29.5] }).ownShares(MONDAY)
    expect(Array.from(shares)).toEqual([0.25, 0.25, 0.5].map((share) => expect.closeTo(share, 12)))
  })

  it('knows the days of the year that training saw', () => {
    const newYear = Date.UTC(2027, 0, 1)
    const edges = known('day_of_year', { edges: [10.5, 20.5] }, [1, 120])
    expect(edges.isKnown(newYear, [5, 0, 5])).toBe(true)
    expect(edges.isKnown(newYear + 12 * 24 * HOUR, [5, 0, 5])).toBe(false)
    expect(edges.isKnown(MONDAY, [5, 0, 5])).toBe(false)
    expect(known('hour_of_day', { values: [0] }).isKnown(MONDAY, [0, 0])).toBe(true)
  })

  it('takes daylight saving off the offset from UTC, and a new offset for summer time', () => {
    const offsets = known('utc_offset_hours', { values: [-6, -5] })
    const winter = offsets.lags([3, 4, 0], MONDAY, 0)
    expect(Array.from(offsets.lags([0, 3, 4], MONDAY, 1))).toEqual(Array.from(winter))
  })

  it('has a cycle that is known by its name', () => {
    expect(calendarField({ name: 'moon_phase', range: null, values: [1] })).toBeNull()
    expect(calendarField({ name: 'toString', range: null, values: [1] })).toBeNull()
    expect(known('local_hour_of_day', { values: [1] }).followsClock).toBe(false)
    expect(known('local_day_of_year', { values: [1] }).followsClock).toBe(true)
  })
})
