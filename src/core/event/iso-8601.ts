/** A strict parser of ISO 8601 dates and times. */

/** A wall-clock time as its text says it. */
export interface IsoTime {
  /** The wall clock read as if it were UTC, milliseconds since 1970-01-01T00:00. */
  readonly localMilliseconds: number
  /** The offset from UTC in minutes, or `null` where the text names no zone. */
  readonly offsetMinutes: number | null
}

const NOT_ISO = 'is not a time'
const COLON = 58
const COMMA = 44
const DASH = 45
const DOT = 46
const PLUS = 43
const SPACE = 32

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** The two digits at `at`, or -1. */
const two = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

const daysInMonth = (year: number, month: number): number => {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar. Source: H. Hinnant, "chrono-compatible low-level date algorithms". */
const daysFromCivil = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The offset in minutes that `text` ends with from `from` on, `null` where it ends there, or `undefined` where that is no zone. */
const zoneOffset = (text: string, from: number): number | null | undefined => {
  if (from === text.length) return null
  const at = text.charCodeAt(from) === SPACE ? from + 1 : from
  const sign = text.charCodeAt(at)
  if (sign === PLUS || sign === DASH) {
    const hours = two(text, at + 1)
    let minutes = 0
    let end = at + 3
    if (end < text.length) {
      if (text.charCodeAt(end) === COLON) end++
      minutes = two(text, end)
      end += 2
    }
    if (end !== text.length || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined
    return sign === DASH ? -(hours * 60 + minutes) : hours * 60 + minutes
  }
  const name = text.slice(at).toUpperCase()
  return name === 'Z' || name === 'UTC' || name === 'GMT' ? 0 : undefined
}

/**
 * Reads `2024-11-17T21:53:01.293Z` and its relatives: `T` or a space before the time; seconds, or minutes too, left out; a fraction of any
 * length after the seconds, cut to milliseconds; the basic form `20241117T215301Z`; a zone `Z`, `UTC`, `GMT`, `+hh`, `+hhmm` or `+hh:mm`
 * (below 24 h, RFC 3339), perhaps after a space, or none; a date alone; `24:00:00` for the end of a day. Years 0000 to 9999. A leap second
 * (`:60`) is refused: epoch milliseconds have none. Returns what is wrong, to follow the quoted text in a message, where it is not that.
 */
export const parseIso8601 = (text: string): IsoTime | string => {
  const century = two(text, 0)
  const yearOfCentury = two(text, 2)
  const extended = text.charCodeAt(4) === DASH
  const month = two(text, extended ? 5 : 4)
  const day = two(text, extended ? 8 : 6)
  if (century < 0 || yearOfCentury < 0 || month < 0 || day < 0) return NOT_ISO
  if (extended && text.charCodeAt(7) !== DASH) return NOT_ISO
  const year = century * 100 + yearOfCentury
  if (month < 1 || month > 12) return `names month ${month}`
  if (day < 1 || day > daysInMonth(year, month))
    return `names day ${day} of a month that has ${daysInMonth(year, month)}`
  const midnight = daysFromCivil(year, month, day) * 86_400_000

  let at = extended ? 10 : 8
  if (at === text.length) return { localMilliseconds: midnight, offsetMinutes: null }
  const separator = text.charCodeAt(at)
  if (separator !== 84 && separator !== 116 && separator !== SPACE) return NOT_ISO
  const hour = two(text, at + 1)
  if (hour < 0) return NOT_ISO
  at += 3

  let minute = 0
  let second = 0
  let millisecond = 0
  const begins = (position: number): boolean => {
    const code = text.charCodeAt(position)
    return extended ? code === COLON : isDigit(code)
  }
  const separatorWidth = extended ? 1 : 0
  if (begins(at)) {
    minute = two(text, at + separatorWidth)
    at += separatorWidth + 2
    if (minute >= 0 && begins(at)) {
      second = two(text, at + separatorWidth)
      at += separatorWidth + 2
      const point = text.charCodeAt(at)
      if (point === DOT || point === COMMA) {
        at++
        if (!isDigit(text.charCodeAt(at))) return NOT_ISO
        for (let weight = 100; isDigit(text.charCodeAt(at)); at++) {
          millisecond += (text.charCodeAt(at) - 48) * weight
          weight = weight === 100 ? 10 : weight === 10 ? 1 : 0
        }
      }
    }
    if (minute < 0 || second < 0) return NOT_ISO
  }
  if (hour > 24) return `names hour ${hour}`
  if (minute > 59) return `names minute ${minute}`
  if (second > 59) return `names second ${second}`
  const ofDay = hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond
  if (ofDay > 86_400_000) return 'names a time after 24:00'
  const offsetMinutes = zoneOffset(text, at)
  if (offsetMinutes === undefined) return `ends in ${JSON.stringify(text.slice(at, at + 16))}, which is no zone`
  return { localMilliseconds: midnight + ofDay, offsetMinutes }
}
