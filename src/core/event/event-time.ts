/** The instant at which an event happened, as its record says it. */
import { Failure, quote } from '../failure.ts'
import { isJsonObject, type JsonObject, type JsonValue, keysOfPath, readPath } from '../json.ts'
import { describe } from './describe.ts'
import { epochFromNumber, inRange, type TimeUnit } from './epoch-number.ts'
import { parseIso8601 } from './iso-8601.ts'
import { instantOfLocal } from './local-instant.ts'
import { statedValue } from './stated-value.ts'

export interface TimeRules {
  /** Where the time stands, dotted, instead of the usual fields. */
  readonly timePath?: string | undefined
  /** The unit of every number; without it numbers are milliseconds, and what looks like another unit is refused. */
  readonly timeUnit?: TimeUnit | undefined
  /** The IANA zone of times that name none; without it they are refused. */
  readonly timeZone?: string | undefined
  /** The instant that the word `now` means, milliseconds since 1970-01-01T00:00Z. */
  readonly now: () => number
}

/** Where the time is looked for, in this order. */
const TIME_FIELDS = ['createdDateTime', '@timestamp', 'timestamp'] as const
const TIME_SOURCES = TIME_FIELDS.map((field) => ({ field, keys: [field] }))
const NO_KEYS: readonly string[] = []

const EXAMPLES = 'send epoch milliseconds (1731880381293) or ISO 8601 with its zone ("2024-11-17T21:53:01.293Z")'
const DECIMAL = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/
/** A date whose year has a sign or more than four digits: no time of a click. */
const EXPANDED_YEAR = /^(?:[+-]\d{4}|\d{5})\d*-\d\d-\d\d/
/** Integers of more digits lose some as a double; a time has no more than 40 in any unit. */
const DOUBLE_DIGITS = 15
const BIGINT_DIGITS = 40
/** The wrappers in which MongoDB Extended JSON v2 writes a number as a string. */
const NUMBER_WRAPPERS = ['$numberLong', '$numberDouble', '$numberInt', '$numberDecimal'] as const

const invalid = (path: string, value: JsonValue): Failure =>
  new Failure('invalid_time', `${path} holds ${describe(value)}, which is not a time; ${EXAMPLES}`, path)

const fromDecimal = (text: string, unit: TimeUnit | undefined, path: string): number => {
  const shown = quote(text)
  if (unit === undefined && /^(?:19|20)\d\d$/.test(text)) {
    throw new Failure('ambiguous_time', `${path} ${shown} looks like a year; ${EXAMPLES}`, path)
  }
  const exact = text.length > DOUBLE_DIGITS && text.length <= BIGINT_DIGITS && /^[+-]?\d+$/.test(text)
  return epochFromNumber(exact ? BigInt(text.replace('+', '')) : Number(text), unit, path, shown)
}

const fromIso8601 = (text: string, rules: TimeRules, path: string): number => {
  const shown = quote(text)
  if (EXPANDED_YEAR.test(text)) return inRange(Number.NaN, path, shown)
  const parsed = parseIso8601(text)
  if (typeof parsed === 'string') throw new Failure('invalid_time', `${path} ${shown} ${parsed}; ${EXAMPLES}`, path)
  const { localMilliseconds, offsetMinutes } = parsed
  if (offsetMinutes !== null) return inRange(localMilliseconds - offsetMinutes * 60_000, path, shown)
  if (rules.timeZone === undefined) {
    const corrected = quote(text.length <= 10 ? `${text}T00:00:00Z` : `${text}Z`)
    const remedy = `send ${corrected}, or with the offset it was written in, or configure TIME_ZONE (for example America/New_York)`
    throw new Failure('ambiguous_time', `${path} ${shown} names no time zone; ${remedy}`, path)
  }
  const instant = instantOfLocal(rules.timeZone, inRange(localMilliseconds, path, shown))
  if (instant === undefined) {
    throw new Failure('invalid_parameter', `TIME_ZONE ${quote(rules.timeZone)} is not a time zone known here`)
  }
  return inRange(instant, path, shown)
}

const fromText = (raw: string, rules: TimeRules, path: string): number => {
  const text = raw.trim()
  return DECIMAL.test(text) ? fromDecimal(text, rules.timeUnit, path) : fromIso8601(text, rules, path)
}

/** `{"$date": …}` and `{"$numberLong": "…"}`, as mongoexport writes them. A `$date` is milliseconds by definition, whatever the rules say. */
const fromExtendedJson = (value: JsonObject, rules: TimeRules, path: string): number => {
  const date = value.$date
  if (date !== undefined) {
    if (isJsonObject(date) && date.$date !== undefined) throw invalid(path, value)
    const unit = rules.timeUnit === undefined ? undefined : 'ms'
    return readInstant(date, { ...rules, timeUnit: unit }, path)
  }
  for (const wrapper of NUMBER_WRAPPERS) {
    const number = value[wrapper]
    if (typeof number === 'string' && DECIMAL.test(number)) return fromDecimal(number, rules.timeUnit, path)
  }
  throw invalid(path, value)
}

/**
 * The instant that `value` says, in epoch milliseconds, rounded toward -infinity; `now` is none. Throws what `readEventTime` does, but for
 * `missing_time`; `path` is where the value stands.
 */
export const readInstant = (value: JsonValue, rules: TimeRules, path: string): number => {
  if (typeof value === 'number' || typeof value === 'bigint') return epochFromNumber(value, rules.timeUnit, path)
  if (typeof value === 'string') return fromText(value, rules, path)
  if (isJsonObject(value)) return fromExtendedJson(value, rules, path)
  throw invalid(path, value)
}

/** A value that may be a time, and where it stands. */
interface LocatedTime {
  readonly value: JsonValue
  readonly path: string
  readonly keys: readonly string[]
}

const locateTime = (record: JsonObject, rules: TimeRules, container: string): LocatedTime => {
  if (rules.timePath !== undefined) {
    const path = container + rules.timePath
    const value = statedValue(readPath(record, rules.timePath))
    if (value !== undefined) return { value, path, keys: keysOfPath(record, rules.timePath) ?? NO_KEYS }
    throw new Failure('missing_time', `no time: nothing stands at ${path}, where TIME_PATH says it does`, path)
  }
  for (const { field, keys } of TIME_SOURCES) {
    const value = statedValue(record[field])
    if (value !== undefined) return { value, path: container + field, keys }
  }
  const looked = TIME_FIELDS.map((field) => container + field).join(', ')
  throw new Failure('missing_time', `no time: looked for ${looked}; ${EXAMPLES}`, container + TIME_FIELDS[0])
}

const isNow = (value: JsonValue): boolean => typeof value === 'string' && value.trim() === 'now'

/** An instant in epoch milliseconds, rounded toward -infinity. */
export interface EventTime {
  readonly epochMilliseconds: number
  /** False when the event says `now`: the same bytes sent again are then another event. */
  readonly isOwn: boolean
  /** The keys by which the time is reached inside the record, for example `['meta', 'at']`. */
  readonly keys: readonly string[]
  /** The same with the container, dotted, as messages name it. */
  readonly place: string
}

/**
 * The time of `record`, from the first of `createdDateTime`, `@timestamp` and `timestamp` that says anything, or only from `rules.timePath`.
 * `null` and blank strings say nothing. `container` (for example `_source.`) goes before the path of a Failure.
 *
 * Read: epoch milliseconds as a number or as digits, fractions cut off; ISO 8601 with a zone; the word `now`; MongoDB's `{"$date": …}` and
 * `{"$numberLong": "…"}`. Throws `ambiguous_time` (seconds, microseconds, nanoseconds, dates without separators, years, no zone) with a
 * corrected example, `invalid_time`, `time_out_of_range` (outside the years 1900 to 2199) or `missing_time`.
 */
export const readEventTime = (record: JsonObject, rules: TimeRules, container = ''): EventTime => {
  const { value, path, keys } = locateTime(record, rules, container)
  return isNow(value)
    ? { epochMilliseconds: Math.floor(rules.now()), isOwn: false, keys, place: path }
    : { epochMilliseconds: readInstant(value, rules, path), isOwn: true, keys, place: path }
}
