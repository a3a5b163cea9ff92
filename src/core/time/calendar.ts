/** The calendar fields of an instant in UTC, computed from integers alone. */

/** Where an instant falls in the proleptic Gregorian calendar. */
export interface CalendarFields {
  /** 1 (1 January) to 366. */
  readonly dayOfYear: number
  /** 0 (Monday) to 6 (Sunday). */
  readonly dayOfWeek: number
  /** 0 to 23. */
  readonly hourOfDay: number
  /** 0 to 1439. */
  readonly minuteOfDay: number
}

const MILLISECONDS_PER_DAY = 86_400_000
const MILLISECONDS_PER_HOUR = 3_600_000
const MILLISECONDS_PER_MINUTE = 60_000

/** The range of ECMAScript time values: 100 million days each way (ECMA-262, "Time Values and Time Range"). */
const MAX_EPOCH_MILLISECONDS = 8.64e15

const DAYS_PER_ERA = 146_097
const DAYS_FROM_MARCH_0000_TO_1970 = 719_468
/** Whole eras of 400 years, so many that the day number is positive for every instant in range and integer division truncates rightly. */
const ERAS_BELOW_ZERO = 700
const DAY_NUMBER_OF_1970 = DAYS_FROM_MARCH_0000_TO_1970 + ERAS_BELOW_ZERO * DAYS_PER_ERA

/** Counted from 1 March, every date but 29 February has the same place in every year. */
const DAYS_FROM_MARCH_TO_JANUARY = 306
const DAYS_FROM_JANUARY_TO_MARCH = 59

/** Throws a RangeError unless `epochMilliseconds` is a number that ECMAScript can hold as a date. */
export const checkInstant = (epochMilliseconds: number): void => {
  if (!(Math.abs(epochMilliseconds) <= MAX_EPOCH_MILLISECONDS)) {
    throw new RangeError(`Expected an instant within ±8.64e15 ms of 1970, got ${epochMilliseconds}.`)
  }
}

/** The whole days since 1 March of the year −280000, the first of an era. */
const dayNumber = (epochMilliseconds: number): number => {
  checkInstant(epochMilliseconds)
  return Math.floor(epochMilliseconds / MILLISECONDS_PER_DAY) + DAY_NUMBER_OF_1970
}

const millisecondOfDay = (epochMilliseconds: number, day: number): number =>
  epochMilliseconds - (day - DAY_NUMBER_OF_1970) * MILLISECONDS_PER_DAY

/** 1 March of an era's first year is a Wednesday, and an era is a whole number of weeks. */
const weekdayOf = (day: number): number => (day + 2) % 7

/** The year within its era of 400 that began on the last 1 March, 0 to 399. */
const yearOfEra = (dayOfEra: number): number =>
  ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0

/** Days from 1 March of an era's first year to 1 March of its year `year`. */
const daysBeforeYear = (year: number): number => 365 * year + (year >> 2) - ((year / 100) | 0)

const yearDayOf = (day: number): number => {
  const dayOfEra = day % DAYS_PER_ERA
  const year = yearOfEra(dayOfEra)
  const sinceMarch = dayOfEra - daysBeforeYear(year)
  if (sinceMarch >= DAYS_FROM_MARCH_TO_JANUARY) return sinceMarch - DAYS_FROM_MARCH_TO_JANUARY + 1
  const isLeap = (year & 3) === 0 && (year % 100 !== 0 || year === 0)
  return sinceMarch + DAYS_FROM_JANUARY_TO_MARCH + (isLeap ? 2 : 1)
}

/**
 * The day of the year in UTC, 1 to 366, of an instant in milliseconds since 1970-01-01T00:00Z (fractions count as within the millisecond).
 * Throws a RangeError for NaN and for instants more than 8.64e15 ms from 1970; the same holds for every function of this file.
 * Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
 */
export const dayOfYear = (epochMilliseconds: number): number => yearDayOf(dayNumber(epochMilliseconds))

/** The day of the week in UTC, 0 (Monday) to 6 (Sunday). */
export const dayOfWeek = (epochMilliseconds: number): number => weekdayOf(dayNumber(epochMilliseconds))

/** The hour of the day in UTC, 0 to 23. */
export const hourOfDay = (epochMilliseconds: number): number =>
  (millisecondOfDay(epochMilliseconds, dayNumber(epochMilliseconds)) / MILLISECONDS_PER_HOUR) | 0

/** All calendar fields in UTC, in one pass. */
export const calendarAt = (epochMilliseconds: number): CalendarFields => {
  const day = dayNumber(epochMilliseconds)
  const minuteOfDay = (millisecondOfDay(epochMilliseconds, day) / MILLISECONDS_PER_MINUTE) | 0
  return {
    dayOfYear: yearDayOf(day),
    dayOfWeek: weekdayOf(day),
    hourOfDay: (minuteOfDay / 60) | 0,
    minuteOfDay,
  }
}

/** The last 1 March, 00:00 UTC, at or before an instant: where the years begin that keep their leap day for the end. */
export const lastFirstOfMarch = (epochMilliseconds: number): number => {
  const day = dayNumber(epochMilliseconds)
  const dayOfEra = day % DAYS_PER_ERA
  const firstOfMarch = day - dayOfEra + daysBeforeYear(yearOfEra(dayOfEra))
  return (firstOfMarch - DAY_NUMBER_OF_1970) * MILLISECONDS_PER_DAY
}
