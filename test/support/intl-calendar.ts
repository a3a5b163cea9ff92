/** Local time as the runtime's own Intl tells it: the other implementation that the zone table is held against. */
import type { LocalCalendarFields } from '../../src/core/time/zones.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const DAY_MILLISECONDS = 86_400_000

/** A reader of local calendar fields in `zone`, for instants of the years 1000 to 9999. Its formatter is slow to make: keep it. */
export const intlCalendar = (zone: string): ((epochMilliseconds: number) => LocalCalendarFields) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return (epochMilliseconds) => {
    // "Sun, 11/17/2024, 21:53:01"
    const text = format.format(epochMilliseconds)
    const part = (start: number, end: number): number => Number(text.slice(start, end))
    const year = part(11, 15)
    const hour = part(17, 19)
    const date = Date.UTC(year, part(5, 7) - 1, part(8, 10))
    const wall = date + ((hour * 60 + part(20, 22)) * 60 + part(23, 25)) * 1000
    return {
      dayOfYear: (date - Date.UTC(year, 0, 1)) / DAY_MILLISECONDS + 1,
      dayOfWeek: WEEKDAYS.indexOf(text.slice(0, 3)),
      hourOfDay: hour,
      minuteOfDay: hour * 60 + part(20, 22),
      utcOffsetHours: (wall - Math.floor(epochMilliseconds / 1000) * 1000) / 3_600_000,
    }
  }
}
