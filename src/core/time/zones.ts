/** Local time: the UTC offset of an IANA zone at an instant, from tables of our own, so that every runtime gives the same answer. */
import { type CalendarFields, calendarAt, checkInstant } from './calendar.ts'
import { equivalentInstant } from './equivalent-year.ts'
import { CHANGE_SECONDS, TABLE_END_MILLISECONDS, TZDATA_VERSION, ZONE_LINES } from './zone-table.ts'
import { decodeTransitions } from './zone-transitions.ts'

export { TZDATA_VERSION }

export interface LocalCalendarFields extends CalendarFields {
  /** Hours east of UTC, −12 to 14; fractions where the zone has them. */
  readonly utcOffsetHours: number
}

/** A zone's transitions and the span that the last lookup fell into: successive events are mostly of one season. */
interface Zone {
  readonly startMilliseconds: Float64Array
  readonly offsetSeconds: Int32Array
  /** A zone whose listed transitions pass the table's end follows no yearly rule: after the last of them its last offset holds. */
  readonly repeatsYearly: boolean
  spanStart: number
  spanEnd: number
  spanOffset: number
}

const lineNumbers = new Map<string, number>()
const zones = new Map<string, Zone>()

/** The line of each zone, read once; about 600 names. */
const lineNumberOf = (name: string): number | undefined => {
  if (lineNumbers.size === 0) {
    for (const [number, line] of ZONE_LINES.entries()) {
      for (const zone of line.slice(0, line.indexOf('|')).split(',')) lineNumbers.set(zone, number)
    }
  }
  return lineNumbers.get(name)
}

const zoneOf = (name: string): Zone | undefined => {
  const known = zones.get(name)
  if (known !== undefined) return known
  const line = lineNumberOf(name)
  if (line === undefined) return undefined
  const transitions = decodeTransitions(ZONE_LINES, line, CHANGE_SECONDS)
  const zone: Zone = {
    ...transitions,
    repeatsYearly: (transitions.startMilliseconds.at(-1) ?? 0) < TABLE_END_MILLISECONDS,
    spanStart: 0,
    spanEnd: 0,
    spanOffset: 0,
  }
  zones.set(name, zone)
  return zone
}

/** Moves the span of `zone` to the one that holds the instant: the last start at or before it, by bisection. */
const findSpan = (zone: Zone, epochMilliseconds: number): void => {
  const { startMilliseconds, offsetSeconds } = zone
  let low = 0
  let high = startMilliseconds.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((startMilliseconds[middle] as number) <= epochMilliseconds) low = middle
    else high = middle
  }
  zone.spanStart = startMilliseconds[low] as number
  zone.spanEnd = startMilliseconds[high] ?? Number.POSITIVE_INFINITY
  zone.spanOffset = offsetSeconds[low] as number
}

/**
 * Seconds east of UTC in the zone named `zone` at an instant in milliseconds since 1970-01-01T00:00Z; `undefined` if the table has no such
 * zone (names are matched exactly). Before 1970 the offset of 1970-01-01T00:00Z holds. From March 2038 the rule of the years before goes on;
 * in zones that follow no yearly rule (Palestine, by Ramadan) the transitions predicted for this century are listed, and the last holds after.
 * Throws a RangeError for NaN and for instants more than 8.64e15 ms from 1970.
 */
export const offsetSeconds = (zone: string, epochMilliseconds: number): number | undefined => {
  checkInstant(epochMilliseconds)
  const found = zoneOf(zone)
  if (found === undefined) return undefined
  const instant =
    epochMilliseconds >= TABLE_END_MILLISECONDS && found.repeatsYearly
      ? equivalentInstant(epochMilliseconds, TABLE_END_MILLISECONDS)
      : epochMilliseconds
  if (!(instant >= found.spanStart && instant < found.spanEnd)) findSpan(found, instant)
  return found.spanOffset
}

/** The calendar fields that clocks and calendars show in the zone named `zone`; `undefined` if the table has no such zone. */
export const localCalendarAt = (zone: string, epochMilliseconds: number): LocalCalendarFields | undefined => {
  const offset = offsetSeconds(zone, epochMilliseconds)
  if (offset === undefined) return undefined
  const { dayOfYear, dayOfWeek, hourOfDay, minuteOfDay } = calendarAt(epochMilliseconds + offset * 1000)
  return { dayOfYear, dayOfWeek, hourOfDay, minuteOfDay, utcOffsetHours: offset / 3600 }
}
