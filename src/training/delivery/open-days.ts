/** The days on which parcels are handed over and delivered: not on Sundays, not on US federal holidays. */

const DAY_MILLISECONDS = 86_400_000
const MONDAY = 0
const THURSDAY = 3
const SUNDAY = 6

/** Monday = 0 … Sunday = 6. Day 0 is 1970-01-01, a Thursday. */
export const weekdayOfDay = (day: number): number => (((day + THURSDAY) % 7) + 7) % 7

/** The number of a date, counted from 1970-01-01; `month` from 1. */
export const dayOf = (year: number, month: number, dayOfMonth: number): number =>
  Date.UTC(year, month - 1, dayOfMonth) / DAY_MILLISECONDS

const nth = (year: number, month: number, weekday: number, count: number): number => {
  const first = dayOf(year, month, 1)
  return first + ((weekday - weekdayOfDay(first) + 7) % 7) + 7 * (count - 1)
}

const last = (year: number, month: number, weekday: number): number => {
  const end = dayOf(year, month + 1, 1) - 1
  return end - ((weekdayOfDay(end) - weekday + 7) % 7)
}

/** Kept on the Monday after where it is a Sunday (Executive Order 11582, 1971). Parcels move on Saturdays, so one stays where it is. */
const fixed = (year: number, month: number, dayOfMonth: number): number => {
  const day = dayOf(year, month, dayOfMonth)
  return weekdayOfDay(day) === SUNDAY ? day + 1 : day
}

/** The eleven legal public holidays of a year, as day numbers. Source: 5 U.S.C. 6103(a), as of 2021 (with Juneteenth). */
export const federalHolidays = (year: number): number[] => [
  fixed(year, 1, 1),
  nth(year, 1, MONDAY, 3),
  nth(year, 2, MONDAY, 3),
  last(year, 5, MONDAY),
  fixed(year, 6, 19),
  fixed(year, 7, 4),
  nth(year, 9, MONDAY, 1),
  nth(year, 10, MONDAY, 2),
  fixed(year, 11, 11),
  nth(year, 11, THURSDAY, 4),
  fixed(year, 12, 25),
]

const holidays = new Map<number, ReadonlySet<number>>()

const holidaysIn = (year: number): ReadonlySet<number> => {
  const known = holidays.get(year) ?? new Set(federalHolidays(year))
  holidays.set(year, known)
  return known
}

const yearOf = (day: number): number => new Date(day * DAY_MILLISECONDS).getUTCFullYear()

/** Whether parcels move on a day. */
export const isOpenDay = (day: number): boolean => weekdayOfDay(day) !== SUNDAY && !holidaysIn(yearOf(day)).has(day)

/** Days of a year, and as many of the next as a delivery may take. */
export const TABLE_DAYS = 366 + 14

/**
 * The years the table is of: no two of them begin on the same weekday, so weekday and day of the year tell which one it is. 2029 is taken for 2024,
 * which begins on a Monday too; from March on its fixed dates are then a day late.
 */
export const CALENDAR_YEARS = [2023, 2024, 2025, 2026, 2027, 2028, 2030] as const

let table: Float32Array | undefined

/**
 * Whether a day is open (1) or not (0), by its weekday and its day of the year: entry `weekday × TABLE_DAYS + n` is of the n-th day after
 * 1 January (31 December and the first days of January run on).
 */
export const openTable = (): Float32Array => {
  if (table !== undefined) return table
  table = new Float32Array(7 * TABLE_DAYS)
  for (const year of CALENDAR_YEARS) {
    const start = dayOf(year, 1, 1)
    for (let number = 0; number < TABLE_DAYS; number++) {
      const day = start + number
      table[weekdayOfDay(day) * TABLE_DAYS + number] = isOpenDay(day) ? 1 : 0
    }
  }
  return table
}
