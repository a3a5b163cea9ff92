/** A number as an instant, when its unit is certain. */
import { Failure, quote } from '../failure.ts'

export type TimeUnit = 'ms' | 's' | 'us' | 'ns'

/** 1900-01-01T00:00Z and the last millisecond of 2199, in epoch milliseconds: what lies outside is no time of a click. */
const EARLIEST = -2_208_988_800_000
const LATEST = 7_258_118_399_999

/**
 * 1990-01-01 and 2100-01-01 in epoch seconds. A number between them would, as milliseconds, be a day between 1970-01-08 and 1970-02-17: so
 * it is taken for seconds. A million and a billion times as much is far outside the range in milliseconds: micro- and nanoseconds.
 */
const SECONDS_FROM = 631_152_000
const SECONDS_TO = 4_102_444_800

const UNIT_NAMES: Record<TimeUnit, string> = { ms: 'milliseconds', s: 'seconds', us: 'microseconds', ns: 'nanoseconds' }

const floorDivide = (value: bigint, divisor: bigint): bigint =>
  value % divisor < 0n ? value / divisor - 1n : value / divisor

/**
 * `value` in whole milliseconds, rounded toward -infinity. Fractional seconds and rounded nanoseconds go through whole microseconds first,
 * the resolution a double has left there: 1731880381.293 s is 1731880381293 ms although the double lies below it.
 */
const toMilliseconds = (value: number | bigint, unit: TimeUnit): number => {
  if (typeof value === 'bigint') {
    switch (unit) {
      case 'ms':
        return Number(value)
      case 's':
        return Number(value * 1000n)
      case 'us':
        return Number(floorDivide(value, 1000n))
      case 'ns':
        return Number(floorDivide(value, 1_000_000n))
    }
  }
  switch (unit) {
    case 'ms':
      return Math.floor(value)
    case 's':
      return Math.floor(Math.round(value * 1e6) / 1e3)
    case 'us':
      return Math.floor(value / 1e3)
    case 'ns':
      return Math.floor(Math.round(value / 1e3) / 1e3)
  }
}

/** `epochMilliseconds` itself. Throws `time_out_of_range` outside the years 1900 to 2199, NaN included. */
export const inRange = (epochMilliseconds: number, path: string, shown: string): number => {
  if (epochMilliseconds >= EARLIEST && epochMilliseconds <= LATEST) return epochMilliseconds
  throw new Failure('time_out_of_range', `${path} ${shown} lies outside the years 1900 to 2199`, path)
}

/** The unit that `value` is likelier in than milliseconds. */
const likelierUnit = (value: number): TimeUnit | undefined => {
  if (value >= SECONDS_FROM && value < SECONDS_TO) return 's'
  if (value >= SECONDS_FROM * 1e6 && value < SECONDS_TO * 1e6) return 'us'
  if (value >= SECONDS_FROM * 1e9 && value < SECONDS_TO * 1e9) return 'ns'
  return undefined
}

/** The ISO 8601 spelling of the digits 20241117 or 20241117215301 of the years 1990 to 2099: numbers that are no plausible epoch milliseconds. */
const compactDate = (value: number): string | undefined => {
  const withTime = value >= 1990_0101_000000 && value < 2100_0000_000000
  if (!withTime && !(value >= 1990_0101 && value < 2100_0000)) return undefined
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?$/.exec(String(value))
  if (match === null) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = match
  const plausible = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31
  return plausible ? `${year}-${month}-${day}T${hour}:${minute}:${second}Z` : undefined
}

/**
 * `value` as epoch milliseconds, rounded toward -infinity. With a configured `unit` it is read in that; without one in milliseconds.
 * Throws `ambiguous_time` where, without a unit, seconds, microseconds, nanoseconds or a date without separators are likelier,
 * `time_out_of_range` outside the years 1900 to 2199, `invalid_time` for NaN and the infinities. `path` is where the value stands,
 * `shown` how a message prints it.
 */
export const epochFromNumber = (
  value: number | bigint,
  unit: TimeUnit | undefined,
  path: string,
  shown: string = typeof value === 'number' ? String(value) : quote(value),
): number => {
  const approximate = Number(value)
  if (Number.isNaN(approximate) || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new Failure('invalid_time', `${path} ${shown} is not a time`, path)
  }
  if (unit === undefined) {
    const likelier = likelierUnit(approximate)
    if (likelier !== undefined) {
      const corrected = toMilliseconds(value, likelier)
      const remedy = `send milliseconds: ${corrected}, or configure TIME_UNIT=${likelier}`
      throw new Failure('ambiguous_time', `${path} ${shown} looks like ${UNIT_NAMES[likelier]}; ${remedy}`, path)
    }
    const date = compactDate(approximate)
    if (date !== undefined) {
      const remedy = `send ISO 8601 with its zone: "${date}"`
      throw new Failure('ambiguous_time', `${path} ${shown} looks like a date without separators; ${remedy}`, path)
    }
    return inRange(toMilliseconds(value, 'ms'), path, shown)
  }
  return inRange(toMilliseconds(value, unit), path, `${shown}, read in ${UNIT_NAMES[unit]} as TIME_UNIT says,`)
}
