import { describe, expect, it } from 'vitest'
import { eventWeek } from '../../scale/drift-week-course.ts'
import { referenceOf } from '../../scale/drift-year-course.ts'
import type { HourLaw } from './year-stream.ts'

/** Seeds that no threshold was chosen on. */
const SEED = 301
/** Half an event a second; `npm run drift-year` draws the week at fifty. */
const EVENTS_PER_HOUR = 1_800
/** Chance goes further once in 30,000 times. */
const MOST_DEVIATIONS = 4

describe('a week of events, counted by the code of the product', () => {
  const week = eventWeek(referenceOf(SEED), SEED, EVENTS_PER_HOUR)

  it('has the counts that are drawn bin by bin, as nearly as chance allows, in every field and output', () => {
    expect(week.events).toBeGreaterThan(200_000)
    expect(week.alike.map(({ series }) => series).sort()).toEqual([
      ...['day_of_week', 'day_of_year', 'device', 'hour_of_day', 'latitude', 'local_hour_of_day', 'longitude'],
      ...['score', 'sensor', 'utc_offset_hours'],
    ])
    for (const { series, deviations } of week.alike) expect(Math.abs(deviations), series).toBeLessThan(MOST_DEVIATIONS)
    expect(Math.abs(week.sizes)).toBeLessThan(MOST_DEVIATIONS)
  })

  it('would not, were the events of another law', () => {
    const alike = (lawOf: (law: HourLaw) => HourLaw) =>
      Object.fromEntries(
        eventWeek(referenceOf(SEED), SEED, EVENTS_PER_HOUR, lawOf).alike.map(({ series, deviations }) => [
          series,
          deviations,
        ]),
      )
    expect(alike((law) => ({ ...law, shift: law.shift + 0.1 })).score).toBeGreaterThan(MOST_DEVIATIONS)
    const [first, second, ...others] = [0.03, -0.03, 0, 0, 0, 0, 0, 0, 0, 0]
    const moved = alike((law) => ({
      ...law,
      regions: law.regions.map((share, index) => share + [first, second, ...others][index]),
    }))
    expect(moved.longitude).toBeGreaterThan(MOST_DEVIATIONS)
  })

  it('is judged alike: nothing has drifted', () => {
    expect(week.drifted).toEqual({ bins: [], events: [] })
  })
})
