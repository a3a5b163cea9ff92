/** The rules by which orders and deliveries are made up. */
import { describe, expect, it } from 'vitest'
import { localCalendarAt } from '../../../src/core/time/zones.ts'
import {
  CALENDAR_YEARS,
  dayOf,
  federalHolidays,
  isOpenDay,
  openTable,
  TABLE_DAYS,
  weekdayOfDay,
} from '../../../src/training/delivery/open-days.ts'
import { WAREHOUSE_ZIPS } from '../../../src/training/delivery/orders.ts'
import { rhythmAt, WEEKDAY_WEIGHTS } from '../../../src/training/delivery/rhythm.ts'
import {
  DAY_LABELS,
  deliveryShares,
  distanceOf,
  drawDeliveredDay,
  quantileDay,
} from '../../../src/training/delivery/transit.ts'
import { RESIDENTS, residentsOf, weightedPicker } from '../../../src/training/places.ts'
import { ordersOf, placeAt, places } from './made-up-orders.ts'

const dates = (year: number): string[] =>
  federalHolidays(year).map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10))

describe('open days', () => {
  it('know the federal holidays, and keep those of a Sunday on Monday', () => {
    // https://www.opm.gov/policy-data-oversight/pay-leave/federal-holidays/, except Saturdays, on which parcels move.
    expect(dates(2027)).toEqual([
      '2027-01-01',
      '2027-01-18',
      '2027-02-15',
      '2027-05-31',
      '2027-06-19',
      '2027-07-05',
      '2027-09-06',
      '2027-10-11',
      '2027-11-11',
      '2027-11-25',
      '2027-12-25',
    ])
    expect(dates(2023).slice(0, 2)).toEqual(['2023-01-02', '2023-01-16'])
  })

  it('are all but Sundays and holidays', () => {
    expect(weekdayOfDay(dayOf(2026, 11, 25))).toBe(2)
    expect([22, 23, 24, 25, 26, 27, 28, 29].map((day) => isOpenDay(dayOf(2026, 11, day)))).toEqual([
      false,
      true,
      true,
      true,
      false,
      true,
      true,
      false,
    ])
  })

  it('have a table that knows every day of 2023 to 2028, by weekday and day of the year', () => {
    const table = openTable()
    for (let day = dayOf(2023, 1, 1); day < dayOf(2029, 1, 1); day++) {
      const date = new Date(day * 86_400_000)
      const number = day - dayOf(date.getUTCFullYear(), 1, 1)
      expect(table[weekdayOfDay(day) * TABLE_DAYS + number] === 1).toBe(isOpenDay(day))
    }
    // Of a last of December, New Year and two weeks more.
    const newYear = 365
    expect([0, 1].map((more) => table[weekdayOfDay(dayOf(2027, 1, 1) + more) * TABLE_DAYS + newYear + more])).toEqual([
      0, 1,
    ])
    expect(new Set(CALENDAR_YEARS.map((year) => weekdayOfDay(dayOf(year, 1, 1)))).size).toBe(7)
  })
})

describe('places', () => {
  it('have the residents of the 2020 census', () => {
    const { PR: puertoRico, ...states } = RESIDENTS
    expect(Object.values(states).reduce((sum, residents) => sum + residents, 0)).toBe(331_449_281)
    expect(Object.keys(states)).toHaveLength(51)
    expect(puertoRico).toBe(3_285_874)
    const weight = residentsOf(places)
    const inTexas = places.filter(({ state }) => state === 'TX').reduce((sum, place) => sum + weight(place), 0)
    expect(inTexas).toBeCloseTo(29_145_505, 0)
  })

  it('are chosen by weight, the last one included', () => {
    const pick = weightedPicker(['a', 'b', 'c'], (item) => ({ a: 1, b: 0, c: 3 })[item] ?? 0)
    expect([0, 0.2499, 0.25, 0.9999].map(pick)).toEqual(['a', 'a', 'c', 'c'])
    expect(() => weightedPicker([1], () => 0)).toThrow(RangeError)
  })
})

describe('a shipment', () => {
  const newYork = placeAt('10001')
  const sanFrancisco = placeAt('94107')
  const at = (iso: string) => ({ epochMilliseconds: Date.parse(iso), from: newYork, to: sanFrancisco })

  it('goes out on its own day until two in the afternoon at the warehouse', () => {
    // A Tuesday in May; 4,100 km are five open days, and the next Monday is the fifth.
    expect(distanceOf(at('2026-05-05T12:00:00Z'))).toBeGreaterThan(4_000)
    expect(quantileDay(deliveryShares(at('2026-05-05T17:59:00Z')), 0.5)).toBe(6)
    expect(quantileDay(deliveryShares(at('2026-05-05T18:01:00Z')), 0.5)).toBe(7)
  })

  it('never arrives on a Sunday or a holiday, and all chances add up to 1', () => {
    for (const order of ordersOf(3, 500)) {
      const shares = deliveryShares(order)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      expect(shares.every((share) => share >= 0)).toBe(true)
      const { epochMilliseconds } = order
      const offset = localCalendarAt(order.to.timeZone, epochMilliseconds)?.utcOffsetHours ?? 0
      const ordered = Math.floor((epochMilliseconds + offset * 3_600_000) / 86_400_000)
      for (const day of DAY_LABELS.slice(0, -1)) if (!isOpenDay(ordered + day)) expect(shares[day]).toBe(0)
    }
  })

  it('is drawn with these chances', () => {
    const shipment = at('2026-12-23T12:00:00Z')
    const drawn = new Float64Array(DAY_LABELS.length)
    for (let throwNumber = 0; throwNumber < 10_000; throwNumber++)
      drawn[drawDeliveredDay(shipment, (throwNumber + 0.5) / 10_000)] += 1e-4
    deliveryShares(shipment).forEach((share, day) => {
      expect(drawn[day]).toBeCloseTo(share, 3)
    })
  })
})

describe('orders', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(ordersOf(7, 200)).toEqual(ordersOf(7, 200))
    expect(ordersOf(8, 200)).not.toEqual(ordersOf(7, 200))
  })

  it('come in the order of time, within the span, from the warehouses', () => {
    const orders = ordersOf(1, 2_000, '2026-03-01', '2026-04-01')
    const times = orders.map(({ epochMilliseconds }) => epochMilliseconds)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // Local days: the first begins in Puerto Rico, the last ends in Hawaii.
    expect(times[0]).toBeGreaterThanOrEqual(Date.parse('2026-03-01T04:00:00Z'))
    expect(times.at(-1)).toBeLessThan(Date.parse('2026-04-01T10:00:00Z'))
    expect(new Set(orders.map(({ from }) => from.zip))).toEqual(new Set(WAREHOUSE_ZIPS))
    expect(() => ordersOf(1, 1, '2026-03-01', '2026-03-01')).toThrow(RangeError)
  })

  it('follow the evening and the week of the customer, and live where people do', () => {
    const orders = ordersOf(5, 20_000)
    const hours = new Float64Array(24)
    const weekdays = new Float64Array(7)
    let inCalifornia = 0
    for (const { epochMilliseconds, to } of orders) {
      const local = localCalendarAt(to.timeZone, epochMilliseconds)
      if (local === undefined) throw new Error(`no zone ${to.timeZone}`)
      hours[local.hourOfDay]++
      weekdays[local.dayOfWeek]++
      if (to.state === 'CA') inCalifornia++
    }
    expect(hours.indexOf(Math.max(...hours))).toBeGreaterThanOrEqual(19)
    expect(hours.indexOf(Math.min(...hours))).toBeLessThanOrEqual(5)
    expect(weekdays[0] / weekdays[5]).toBeCloseTo(WEEKDAY_WEIGHTS[0] / WEEKDAY_WEIGHTS[5], 1)
    expect(inCalifornia / orders.length).toBeCloseTo(39_538_223 / (331_449_281 + 3_285_874), 1)
  })

  it('have a rhythm whose mean over a day is 1', () => {
    const rhythm = Array.from({ length: 24 * 60 }, (_, minute) => rhythmAt((minute + 0.5) / 60))
    expect(rhythm.reduce((sum, weight) => sum + weight, 0) / rhythm.length).toBeCloseTo(1, 3)
    expect(rhythmAt(20.5) / rhythmAt(4.5)).toBeGreaterThan(5)
    expect(rhythmAt(0)).toBeCloseTo(rhythmAt(24), 9)
  })
})
