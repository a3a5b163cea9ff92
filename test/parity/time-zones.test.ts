/** Local time from the zone table, held against the runtime's own Intl and against the other runtime. */
import { describe, expect, it } from 'vitest'
import { calendarAt } from '../../src/core/time/calendar.ts'
import { localCalendarAt } from '../../src/core/time/zones.ts'
import { intlCalendar } from '../support/intl-calendar.ts'
import { instantsAroundTransitions, linearCongruential, randomInstants, tableZones } from '../support/zone-table.ts'

/**
 * Node and workerd carry their own releases of the tz database (in November 2026: 2026c, and a later one), and a release may change what
 * is to come. These zones are alike in the releases from 2025c to 2026f, 1970 to 2037; all zones of the table are compared with Intl where
 * both come from the same release (test/unit/time/zones-intl.test.ts).
 */
const TABLE_ENDS = Date.UTC(2038, 0, 1)
const SETTLED_ZONES = `
  UTC US/Pacific America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage America/Adak
  America/Detroit America/Boise America/Indiana/Indianapolis America/Indiana/Knox America/Kentucky/Louisville
  America/North_Dakota/Center America/Puerto_Rico America/Halifax America/St_Johns America/Mexico_City America/Caracas
  America/Sao_Paulo America/Santiago America/Argentina/San_Luis America/Scoresbysund Atlantic/Azores Europe/London Europe/Dublin
  Europe/Lisbon Europe/Paris Europe/Moscow Europe/Istanbul Africa/Cairo Africa/Johannesburg Africa/Monrovia Africa/Algiers
  Asia/Kathmandu Asia/Calcutta Asia/Karachi Asia/Tokyo Asia/Shanghai Asia/Pyongyang Asia/Jerusalem Asia/Colombo Australia/Lord_Howe
  Australia/Adelaide Australia/Sydney Australia/Eucla Pacific/Apia Pacific/Auckland Pacific/Chatham Pacific/Kwajalein
  Pacific/Kiritimati Pacific/Honolulu Pacific/Guam Pacific/Pago_Pago Antarctica/Troll
`
  .trim()
  .split(/\s+/)

/** FNV-1a over 32-bit words: any field that differs anywhere gives another sum. */
const checksum = (words: Iterable<number>): number => {
  let sum = 0x811c9dc5
  for (const word of words) sum = Math.imul(sum ^ word, 0x01000193)
  return sum >>> 0
}

describe('local time in this runtime', () => {
  it.each(SETTLED_ZONES)('agrees with Intl around every change of offset and at random instants in %s', (zone) => {
    const expectedAt = intlCalendar(zone)
    const random = randomInstants(linearCongruential(zone.length), 0, TABLE_ENDS, 500)
    for (const instant of [...random, ...instantsAroundTransitions(zone)].filter((each) => each < TABLE_ENDS)) {
      expect(localCalendarAt(zone, instant), `${zone} at ${instant}`).toEqual(expectedAt(instant))
    }
  })

  it('is the same in every runtime: 40 instants of 1900 to 2150 in every zone of the table', () => {
    const next = linearCongruential(1)
    const words = tableZones().flatMap((zone) =>
      randomInstants(next, Date.UTC(1900, 0, 1), Date.UTC(2150, 0, 1), 40).flatMap((instant) => {
        const local = localCalendarAt(zone, instant)
        if (local === undefined) throw new Error(`Expected ${zone} in the table.`)
        return [local.dayOfYear, local.dayOfWeek, local.minuteOfDay, Math.round(local.utcOffsetHours * 3600)]
      }),
    )
    // Changes only with the table: after a new release of the tz database, put the sum it gives here.
    expect(checksum(words)).toBe(276_868_448)
  })

  it('is the same in every runtime: 20,000 UTC instants of the years 0001 to 9999', () => {
    const instants = randomInstants(linearCongruential(2), Date.parse('0001-01-01'), Date.parse('9999-12-31'), 20_000)
    const words = instants.flatMap((instant) => {
      const utc = calendarAt(instant)
      return [utc.dayOfYear, utc.dayOfWeek, utc.hourOfDay, utc.minuteOfDay]
    })
    expect(checksum(words)).toBe(3_879_377_391)
  })
})
