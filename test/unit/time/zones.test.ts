/** Local time: known oddities of the tz database, the bounds of the table, and pandas. */
import { describe, expect, it } from 'vitest'
import { localCalendarAt, offsetSeconds, TZDATA_VERSION } from '../../../src/core/time/zones.ts'
import pandas from '../../fixtures/time/pandas-local-5000.json'
import { tableZones } from '../../support/zone-table.ts'

const at = (iso: string): number => Date.parse(iso)
const HOUR = 3600

describe('the offset of a zone', () => {
  it.each([
    ['America/New_York', '2024-03-10T06:59:59.999Z', -5 * HOUR],
    ['America/New_York', '2024-03-10T07:00:00Z', -4 * HOUR],
    ['America/New_York', '2024-11-03T05:59:59.999Z', -4 * HOUR],
    ['America/New_York', '2024-11-03T06:00:00Z', -5 * HOUR],
    ['America/Phoenix', '2024-07-01T00:00:00Z', -7 * HOUR],
    ['US/Pacific', '2024-07-01T00:00:00Z', -7 * HOUR],
    ['Australia/Lord_Howe', '2024-01-01T00:00:00Z', 11 * HOUR],
    ['Australia/Lord_Howe', '2024-07-01T00:00:00Z', 10.5 * HOUR],
    ['Australia/Sydney', '2024-01-01T00:00:00Z', 11 * HOUR],
    ['Africa/Monrovia', '1972-01-07T00:44:29Z', -2670],
    ['Africa/Monrovia', '1972-01-07T00:44:30Z', 0],
    ['Asia/Kathmandu', '1985-12-31T18:29:59Z', 5.5 * HOUR],
    ['Asia/Kathmandu', '1985-12-31T18:30:00Z', 5.75 * HOUR],
    ['Asia/Calcutta', '2024-01-01T00:00:00Z', 5.5 * HOUR],
    ['Pacific/Kiritimati', '2024-01-01T00:00:00Z', 14 * HOUR],
    ['Etc/GMT+12', '2024-01-01T00:00:00Z', -12 * HOUR],
    ['UTC', '2024-01-01T00:00:00Z', 0],
  ])('of %s at %s is %d s', (zone, iso, expected) => {
    expect(offsetSeconds(zone, at(iso))).toBe(expected)
  })

  it('is found in any order of instants', () => {
    const winter = at('2024-01-01T00:00:00Z')
    const summer = at('2024-07-01T00:00:00Z')
    const offsets = [summer, winter, -summer, summer, winter].map((instant) =>
      offsetSeconds('America/Chicago', instant),
    )
    expect(offsets).toEqual([-5 * HOUR, -6 * HOUR, -6 * HOUR, -5 * HOUR, -6 * HOUR])
  })

  it('before 1970 is that of 1970', () => {
    expect(offsetSeconds('America/New_York', at('1943-07-01T00:00:00Z'))).toBe(-5 * HOUR)
    expect(offsetSeconds('Europe/London', at('1900-01-01T00:00:00Z'))).toBe(HOUR)
  })

  it('follows the yearly rule long after the table', () => {
    // 2400-03-12 and 2400-11-05 are the second Sunday of March and the first of November.
    expect(offsetSeconds('America/New_York', at('2400-03-12T06:59:59Z'))).toBe(-5 * HOUR)
    expect(offsetSeconds('America/New_York', at('2400-03-12T07:00:00Z'))).toBe(-4 * HOUR)
    expect(offsetSeconds('America/New_York', at('2400-11-05T05:59:59Z'))).toBe(-4 * HOUR)
    expect(offsetSeconds('America/New_York', at('2400-11-05T06:00:00Z'))).toBe(-5 * HOUR)
    expect(offsetSeconds('Asia/Tokyo', at('2400-07-01T00:00:00Z'))).toBe(9 * HOUR)
  })

  it.each(['', 'Mars/Olympus', 'america/new_york', 'constructor', '+05:30'])('is undefined in "%s"', (zone) => {
    expect(offsetSeconds(zone, 0)).toBeUndefined()
    expect(localCalendarAt(zone, 0)).toBeUndefined()
  })

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 8.64e15 + 1])('refuses %d', (instant) => {
    expect(() => offsetSeconds('America/New_York', instant)).toThrow(RangeError)
  })

  it('lies between −12 h and +14 h in every zone since 1970', () => {
    for (const zone of tableZones()) {
      for (let year = 1970; year < 2050; year++) {
        const hours = (offsetSeconds(zone, Date.UTC(year, 6, 1)) ?? Number.NaN) / HOUR
        expect(hours >= -12 && hours <= 14, `${zone} in ${year}: ${hours}`).toBe(true)
      }
    }
  })

  it('comes from a named release of the tz database', () => {
    expect(TZDATA_VERSION).toMatch(/^20\d\d[a-z]$/)
  })
})

describe('the local calendar', () => {
  it('skips 30 December 2011 in Samoa', () => {
    const midnight = at('2011-12-30T10:00:00Z')
    expect(localCalendarAt('Pacific/Apia', midnight - 1)).toMatchObject({ dayOfYear: 363, dayOfWeek: 3, hourOfDay: 23 })
    expect(localCalendarAt('Pacific/Apia', midnight)).toMatchObject({ dayOfYear: 365, dayOfWeek: 5, hourOfDay: 0 })
  })

  it('reads the golden instant as 13:53 on a Sunday in San Francisco', () => {
    expect(localCalendarAt('America/Los_Angeles', 1731880381293)).toEqual({
      dayOfYear: 322,
      dayOfWeek: 6,
      hourOfDay: 13,
      minuteOfDay: 833,
      utcOffsetHours: -8,
    })
  })

  it('differs from pandas in none of 5,000 instants in zones of the United States', () => {
    const actual = pandas.epoch_ms.map((instant, row) => localCalendarAt(pandas.zones[pandas.zone[row]], instant))
    const expected = pandas.epoch_ms.map((_, row) => ({
      dayOfYear: pandas.day_of_year[row],
      dayOfWeek: pandas.day_of_week[row],
      hourOfDay: pandas.hour_of_day[row],
      minuteOfDay: pandas.hour_of_day[row] * 60 + pandas.minute[row],
      utcOffsetHours: pandas.utc_offset_seconds[row] / HOUR,
    }))
    expect(actual).toHaveLength(5_000)
    expect(actual).toEqual(expected)
  })
})
