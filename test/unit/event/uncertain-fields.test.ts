/** Which time features an uncertain instant makes uncertain. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uncertainFields } from '../../../src/core/event/uncertain-fields.ts'
import { calendarAt } from '../../../src/core/time/calendar.ts'
import { localCalendarAt } from '../../../src/core/time/zones.ts'

const MINUTE = 60_000
const LOCAL = ['local_hour_of_day', 'local_day_of_week', 'local_day_of_year']
const at = (text: string): number => Date.parse(text)

const HOUR_WARNINGS = ['hour_of_day_uncertain']
const DAY_WARNINGS = ['day_of_week_uncertain', 'day_of_year_uncertain']
const LOCAL_HOUR = ['local_hour_of_day_uncertain']
const LOCAL_DAY = ['local_day_of_week_uncertain', 'local_day_of_year_uncertain']

describe('an instant ± 5 minutes', () => {
  const cases: [string, string, string | undefined, readonly string[]][] = [
    ['in the middle of an hour', '2024-11-17T21:30:00Z', undefined, []],
    ['5 minutes before an hour', '2024-11-17T21:55:00Z', undefined, HOUR_WARNINGS],
    ['a millisecond earlier', '2024-11-17T21:54:59.999Z', undefined, []],
    ['exactly 5 minutes into an hour', '2024-11-17T21:05:00Z', undefined, []],
    ['a millisecond earlier than that', '2024-11-17T21:04:59.999Z', undefined, HOUR_WARNINGS],
    ['around midnight', '2024-11-18T00:01:00Z', undefined, [...HOUR_WARNINGS, ...DAY_WARNINGS]],
    [
      'around midnight in California',
      '2024-11-18T08:01:00Z',
      'America/Los_Angeles',
      [...HOUR_WARNINGS, ...LOCAL_HOUR, ...LOCAL_DAY],
    ],
    [
      'around midnight in UTC, seen from California',
      '2024-11-18T00:01:00Z',
      'America/Los_Angeles',
      [...HOUR_WARNINGS, ...DAY_WARNINGS, ...LOCAL_HOUR],
    ],
    ['around an hour of a zone with half hours', '2024-11-17T21:31:00Z', 'Asia/Kolkata', LOCAL_HOUR],
    [
      'where clocks go back an hour, from 01:59 to 01:00',
      '2024-11-03T09:00:00Z',
      'America/Los_Angeles',
      [...HOUR_WARNINGS],
    ],
    ['in a zone that is not known', '2024-11-17T21:58:00Z', 'Nowhere/At_All', HOUR_WARNINGS],
  ]
  it.each(cases)('%s', (_, text, zone, expected) => {
    expect(uncertainFields(at(text), 5 * MINUTE, zone, LOCAL)).toEqual(expected)
  })

  it('speaks of local fields only where the model takes them', () => {
    const midnight = at('2024-11-18T08:01:00Z')
    expect(uncertainFields(midnight, 5 * MINUTE, 'America/Los_Angeles', ['local_day_of_week', 'zip'])).toEqual([
      ...HOUR_WARNINGS,
      'local_day_of_week_uncertain',
    ])
  })
})

it('names every field that differs between two instants that are possible', () => {
  const instant = fc.integer({ min: 0, max: 4_000_000_000_000 })
  const uncertainty = fc.integer({ min: 1, max: 3 * 24 * 60 * MINUTE })
  const share = fc.double({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(instant, uncertainty, share, (center, spread, by) => {
      const zone = 'America/New_York'
      const warnings = uncertainFields(center, spread, zone, LOCAL)
      const other = center + Math.round(by * spread)
      const [one, two] = [calendarAt(center), calendarAt(other)]
      const [here, there] = [localCalendarAt(zone, center), localCalendarAt(zone, other)]
      if (one.hourOfDay !== two.hourOfDay) expect(warnings).toContain('hour_of_day_uncertain')
      if (one.dayOfWeek !== two.dayOfWeek) expect(warnings).toContain('day_of_week_uncertain')
      if (one.dayOfYear !== two.dayOfYear) expect(warnings).toContain('day_of_year_uncertain')
      if (here?.dayOfWeek !== there?.dayOfWeek) expect(warnings).toContain('local_day_of_week_uncertain')
    }),
    { numRuns: 5_000 },
  )
})
