/** Every zone of the table against the Intl of a Node with the same tz database. */
import { describe, expect, it } from 'vitest'
import { localCalendarAt, TZDATA_VERSION } from '../../../src/core/time/zones.ts'
import { intlCalendar } from '../../support/intl-calendar.ts'
import { instantsAroundTransitions, linearCongruential, randomInstants, tableZones } from '../../support/zone-table.ts'

const zones = tableZones()
const sameRelease = process.versions.tz === TZDATA_VERSION

const differences = (zone: string, instants: readonly number[]): number[] => {
  const expectedAt = intlCalendar(zone)
  return instants.filter((instant) => {
    const expected = expectedAt(instant)
    const local = localCalendarAt(zone, instant)
    return (
      local?.dayOfYear !== expected.dayOfYear ||
      local.dayOfWeek !== expected.dayOfWeek ||
      local.minuteOfDay !== expected.minuteOfDay ||
      local.utcOffsetHours !== expected.utcOffsetHours
    )
  })
}

describe(`local time in ${zones.length} zones, as this Node's Intl tells it`, () => {
  it('knows every zone that Intl lists', () => {
    expect(Intl.supportedValuesOf('timeZone').filter((zone) => localCalendarAt(zone, 0) === undefined)).toEqual([])
  })

  it.runIf(sameRelease)('agrees at 1,000 instants of 1970 to 2037 in each', () => {
    const next = linearCongruential(1970)
    for (const zone of zones) {
      expect(differences(zone, randomInstants(next, 0, Date.UTC(2038, 0, 1), 1000)), zone).toEqual([])
    }
  })

  it.runIf(sameRelease)('agrees at 200 instants of 2038 to 2099 in each', () => {
    const next = linearCongruential(2038)
    for (const zone of zones) {
      const instants = randomInstants(next, Date.UTC(2038, 0, 1), Date.UTC(2100, 0, 1), 200)
      expect(differences(zone, instants), zone).toEqual([])
    }
  })

  it.runIf(sameRelease)('agrees within 1 ms, 1 s and 1 h of every transition in each', () => {
    for (const zone of zones) {
      expect(differences(zone, instantsAroundTransitions(zone)), zone).toEqual([])
    }
  })
})
