/** The calendar against counting, ECMAScript's Date and pandas. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarAt, dayOfWeek, dayOfYear, hourOfDay, lastFirstOfMarch } from '../../../src/core/time/calendar.ts'
import pandas from '../../fixtures/time/pandas-20000.json'

const DAY = 86_400_000
const MAX = 8.64e15

/** Read 400 years nearer to 1970, where the calendar is the same: Date cannot hold the January of its own first year. */
const expectedAt = (epochMilliseconds: number) => {
  const date = new Date(epochMilliseconds - Math.sign(epochMilliseconds) * 146_097 * DAY)
  return {
    dayOfYear: Math.round((date.getTime() - new Date(date).setUTCMonth(0, 1)) / DAY) + 1,
    dayOfWeek: (date.getUTCDay() + 6) % 7,
    hourOfDay: date.getUTCHours(),
    minuteOfDay: date.getUTCHours() * 60 + date.getUTCMinutes(),
  }
}

describe('the UTC calendar', () => {
  it('reads the nine golden instants as day 322, Sunday, 21 h', () => {
    const golden = [
      1731880381293, 1731880381828, 1731880381871, 1731880382054, 1731880382156, 1731880382165, 1731880435035,
      1731880435181, 1731880435370,
    ]
    for (const instant of golden) {
      expect([dayOfYear(instant), dayOfWeek(instant), hourOfDay(instant)]).toEqual([322, 6, 21])
    }
  })

  it('counts every day of the years 0001 to 9999', () => {
    let instant = Date.parse('0001-01-01T00:00:00Z')
    let weekday = 0
    let wrong = 0
    for (let year = 1; year <= 9999; year++) {
      const length = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365
      for (let day = 1; day <= length; day++) {
        if (dayOfYear(instant) !== day || dayOfWeek(instant) !== weekday || hourOfDay(instant - 1) !== 23) wrong++
        instant += DAY
        weekday = (weekday + 1) % 7
      }
    }
    expect(wrong).toBe(0)
    expect(instant).toBe(Date.parse('9999-12-31T00:00:00Z') + DAY)
  })

  it('agrees with Date on any instant that Date can hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX, max: MAX }), (instant) => {
        expect(calendarAt(instant)).toEqual(expectedAt(instant))
      }),
      { numRuns: 5_000, seed: 322 },
    )
    for (const instant of [-MAX, -MAX + 1, -DAY, -1, -0, 0, DAY - 1, DAY, MAX - 1, MAX]) {
      expect(calendarAt(instant)).toEqual(expectedAt(instant))
    }
  })

  it('gives the same field by field as in one pass', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX, max: MAX }), (instant) => {
        const { minuteOfDay, ...fields } = calendarAt(instant)
        expect({ dayOfYear: dayOfYear(instant), dayOfWeek: dayOfWeek(instant), hourOfDay: hourOfDay(instant) }).toEqual(
          fields,
        )
        expect(Math.floor(minuteOfDay / 60)).toBe(fields.hourOfDay)
      }),
      { numRuns: 1_000, seed: 6 },
    )
  })

  it('counts a fraction of a millisecond as within it', () => {
    expect(calendarAt(-0.25)).toEqual(calendarAt(-1))
    expect(calendarAt(DAY - 0.25)).toEqual(calendarAt(DAY - 1))
  })

  it('finds the last first of March', () => {
    expect(lastFirstOfMarch(Date.parse('2024-02-29T23:59:59Z'))).toBe(Date.parse('2023-03-01T00:00:00Z'))
    expect(lastFirstOfMarch(Date.parse('2024-03-01T00:00:00Z'))).toBe(Date.parse('2024-03-01T00:00:00Z'))
    expect(lastFirstOfMarch(Date.parse('1900-12-31T00:00:00Z'))).toBe(Date.parse('1900-03-01T00:00:00Z'))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, MAX + 1, -MAX - 1])('refuses %d', (instant) => {
    expect(() => calendarAt(instant)).toThrow(RangeError)
    expect(() => dayOfYear(instant)).toThrow(`got ${instant}`)
  })

  it('differs from pandas in none of 20,000 instants', () => {
    let instant = pandas.first_epoch_ms
    let differences = 0
    for (const [row, step] of pandas.epoch_ms_steps.entries()) {
      instant += step
      const fields = calendarAt(instant)
      if (
        fields.dayOfYear !== pandas.day_of_year[row] ||
        fields.dayOfWeek !== pandas.day_of_week[row] ||
        fields.hourOfDay !== pandas.hour_of_day[row]
      ) {
        differences++
      }
    }
    expect(pandas.epoch_ms_steps).toHaveLength(20_000)
    expect(differences).toBe(0)
  })
})
