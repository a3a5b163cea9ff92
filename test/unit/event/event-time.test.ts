/** What is read as the time of an event, and what is refused. */
import { describe, expect, it } from 'vitest'
import { readEventTime, type TimeRules } from '../../../src/core/event/event-time.ts'
import type { FailureCode } from '../../../src/core/failure.ts'
import { type JsonObject, type JsonValue, valueAt } from '../../../src/core/json.ts'
import { thrownFailure } from '../../support/thrown-failure.ts'

const NOW = 1_731_880_381_293
const RULES: TimeRules = { now: () => NOW }
const read = (record: JsonObject, rules: Partial<TimeRules> = {}, container = ''): number =>
  readEventTime(record, { ...RULES, ...rules }, container).epochMilliseconds
const refused = (value: JsonValue, rules: Partial<TimeRules> = {}) =>
  thrownFailure(() => read({ createdDateTime: value }, rules))

describe('a time that is read', () => {
  const cases: [JsonValue, number, Partial<TimeRules>?][] = [
    [NOW, NOW],
    [0, 0],
    [-1, -1],
    [-0.5, -1],
    [1731880381293.99, NOW],
    [1.731880381293e12, NOW],
    [1731880381293n, NOW],
    [-2208988800000, Date.UTC(1900, 0, 1)],
    [7258118399999, Date.UTC(2199, 11, 31, 23, 59, 59, 999)],
    ['1731880381293', NOW],
    [' 1731880381293\n', NOW],
    ['1731880381293.7', NOW],
    ['1.731880381293E12', NOW],
    ['+1731880381293', NOW],
    ['-1', -1],
    ['0001731880381293', NOW],
    ['now', NOW],
    [' now ', NOW],
    ['2024-11-17T21:53:01.293Z', NOW],
    ['2024-11-17t21:53:01.293z', NOW],
    ['2024-11-17 21:53:01.293Z', NOW],
    ['2024-11-17T21:53:01,293Z', NOW],
    ['2024-11-17T21:53:01.2939999999999Z', NOW],
    ['2024-11-17T21:53:01.3Z', Date.UTC(2024, 10, 17, 21, 53, 1, 300)],
    ['2024-11-17T21:53:01.03Z', Date.UTC(2024, 10, 17, 21, 53, 1, 30)],
    ['2024-11-17T16:53:01.293-05:00', NOW],
    ['2024-11-17T16:53:01.293-0500', NOW],
    ['2024-11-17T16:53:01.293-05', NOW],
    ['2024-11-18T03:23:01.293+05:30', NOW],
    ['2024-11-17T21:53:01.293+00:00', NOW],
    ['2024-11-17T21:53:01.293-00:00', NOW],
    ['2024-11-17 21:53:01.293 UTC', NOW],
    ['2024-11-17 21:53:01.293 GMT', NOW],
    ['2024-11-17 21:53:01.293 +0000', NOW],
    ['20241117T215301Z', Date.UTC(2024, 10, 17, 21, 53, 1)],
    ['20241117T215301.293Z', NOW],
    ['20241117T165301.293-0500', NOW],
    ['2024-11-17T21:53Z', Date.UTC(2024, 10, 17, 21, 53)],
    ['2024-11-17T21Z', Date.UTC(2024, 10, 17, 21)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['2024-12-31T24:00:00Z', Date.UTC(2025, 0, 1)],
    ['1969-12-31T23:59:59.999Z', -1],
    ['1969-12-31T23:59:59.9999Z', -1],
    ['1900-01-01T00:00:00Z', Date.UTC(1900, 0, 1)],
    [{ $date: '2024-11-17T21:53:01.293Z' }, NOW],
    [{ $date: NOW }, NOW],
    [{ $date: { $numberLong: '1731880381293' } }, NOW],
    [{ $numberLong: '1731880381293' }, NOW],
    [{ $numberDouble: '1731880381293.0' }, NOW],
    [{ $date: NOW }, NOW, { timeUnit: 's' }],
    [1731880381, 1731880381000, { timeUnit: 's' }],
    [1731880381.293, NOW, { timeUnit: 's' }],
    ['1731880381.293', NOW, { timeUnit: 's' }],
    [1731880381.2939, NOW, { timeUnit: 's' }],
    [-1.5, -1500, { timeUnit: 's' }],
    [100, 100_000, { timeUnit: 's' }],
    [1731880381293999, NOW, { timeUnit: 'us' }],
    [-1, -1, { timeUnit: 'us' }],
    [1731880381293999999n, NOW, { timeUnit: 'ns' }],
    ['1731880381293999999', NOW, { timeUnit: 'ns' }],
    [1731880381293000000, NOW, { timeUnit: 'ns' }],
    [-1n, -1, { timeUnit: 'ns' }],
    [1731880381, 1731880381, { timeUnit: 'ms' }],
    [20241117, 20241117, { timeUnit: 'ms' }],
    ['2024-11-17T21:53:01.293Z', NOW, { timeUnit: 's' }],
    ['2024-11-17T16:53:01.293', NOW, { timeZone: 'America/New_York' }],
    ['2024-11-17 16:53:01.293', NOW, { timeZone: 'America/New_York' }],
    ['2024-11-17', Date.UTC(2024, 10, 17, 5), { timeZone: 'America/New_York' }],
    ['2024-07-04', Date.UTC(2024, 6, 4, 4), { timeZone: 'America/New_York' }],
    ['2024-11-17T21:53:01.293Z', NOW, { timeZone: 'America/New_York' }],
    // Skipped: 02:30 is 03:30 daylight time. Repeated: the first of the two.
    ['2024-03-10T02:30:00', Date.UTC(2024, 2, 10, 7, 30), { timeZone: 'America/New_York' }],
    ['2024-03-10T01:59:59', Date.UTC(2024, 2, 10, 6, 59, 59), { timeZone: 'America/New_York' }],
    ['2024-03-10T03:00:00', Date.UTC(2024, 2, 10, 7), { timeZone: 'America/New_York' }],
    ['2024-11-03T01:30:00', Date.UTC(2024, 10, 3, 5, 30), { timeZone: 'America/New_York' }],
    ['2024-11-03T02:00:00', Date.UTC(2024, 10, 3, 7), { timeZone: 'America/New_York' }],
    ['2024-10-06T02:15:00', Date.UTC(2024, 9, 5, 15, 45), { timeZone: 'Australia/Lord_Howe' }],
  ]
  it.each(cases)('%o is %d (%o)', (value, expected, rules) => {
    expect(read({ createdDateTime: value }, rules)).toBe(expected)
  })
})

describe('a time that is refused', () => {
  const cases: [JsonValue, FailureCode, string, Partial<TimeRules>?][] = [
    [
      1731880381,
      'ambiguous_time',
      'createdDateTime 1731880381 looks like seconds; send milliseconds: 1731880381000, or configure TIME_UNIT=s',
    ],
    [1731880381.293, 'ambiguous_time', 'send milliseconds: 1731880381293, or configure TIME_UNIT=s'],
    ['1731880381', 'ambiguous_time', 'createdDateTime "1731880381" looks like seconds'],
    [631152000, 'ambiguous_time', 'seconds'],
    [4102444799, 'ambiguous_time', 'seconds'],
    [1731880381293000, 'ambiguous_time', 'looks like microseconds; send milliseconds: 1731880381293'],
    ['1731880381293123', 'ambiguous_time', 'microseconds'],
    [1731880381293000001n, 'ambiguous_time', 'looks like nanoseconds; send milliseconds: 1731880381293'],
    ['1731880381293000001', 'ambiguous_time', 'TIME_UNIT=ns'],
    [{ $date: 1731880381 }, 'ambiguous_time', 'seconds'],
    [{ $numberLong: '1731880381' }, 'ambiguous_time', 'seconds'],
    [20241117, 'ambiguous_time', '"2024-11-17T00:00:00Z"'],
    ['20241117', 'ambiguous_time', 'looks like a date without separators'],
    ['20241117215301', 'ambiguous_time', '"2024-11-17T21:53:01Z"'],
    ['2024', 'ambiguous_time', 'looks like a year'],
    ['2024-11-17T21:53:01', 'ambiguous_time', 'send "2024-11-17T21:53:01Z"'],
    ['2024-11-17 21:53:01.293', 'ambiguous_time', 'names no time zone'],
    ['2024-11-17', 'ambiguous_time', 'send "2024-11-17T00:00:00Z"'],
    ['20241117T215301', 'ambiguous_time', 'send "20241117T215301Z"'],
    ['2024-02-30T00:00:00Z', 'invalid_time', 'names day 30 of a month that has 29'],
    ['2023-02-29T00:00:00Z', 'invalid_time', 'a month that has 28'],
    ['1900-02-29T00:00:00Z', 'invalid_time', 'a month that has 28'],
    ['2024-04-31T00:00:00Z', 'invalid_time', 'a month that has 30'],
    ['2024-00-10T00:00:00Z', 'invalid_time', 'names month 0'],
    ['2024-13-01T00:00:00Z', 'invalid_time', 'names month 13'],
    ['2024-11-00T00:00:00Z', 'invalid_time', 'names day 0'],
    ['2024-11-17T25:00:00Z', 'invalid_time', 'names hour 25'],
    ['2024-11-17T24:00:01Z', 'invalid_time', 'names a time after 24:00'],
    ['2024-11-17T21:60:00Z', 'invalid_time', 'names minute 60'],
    ['2016-12-31T23:59:60Z', 'invalid_time', 'names second 60'],
    ['2024-11-17T21:53:01+25:00', 'invalid_time', 'is no zone'],
    ['2024-11-17T21:53:01+05:3', 'invalid_time', 'is no zone'],
    ['2024-11-17T21:53:01 EST', 'invalid_time', 'ends in " EST", which is no zone'],
    ['2024-11-17T21:53:01.Z', 'invalid_time', 'is not a time'],
    ['2024-11-17T21:5Z', 'invalid_time', 'is not a time'],
    ['2024-11-17TZ', 'invalid_time', 'is not a time'],
    ['2024-11-17X21:53:01Z', 'invalid_time', 'is not a time'],
    ['2024-1117T21:53:01Z', 'invalid_time', 'is not a time'],
    ['2024-11', 'invalid_time', 'is not a time'],
    ['+012024-11-17T21:53:01Z', 'time_out_of_range', 'outside'],
    ['-000001-11-17T21:53:01Z', 'time_out_of_range', 'outside'],
    ['99999-01-01T00:00:00Z', 'time_out_of_range', 'createdDateTime "99999-01-01T00:00:00Z" lies outside'],
    ['17/Nov/2024:21:53:01 +0000', 'invalid_time', 'ISO 8601 with its zone'],
    ['Sun, 17 Nov 2024 21:53:01 GMT', 'invalid_time', 'is not a time'],
    ['11/17/2024', 'invalid_time', 'is not a time'],
    ['NaN', 'invalid_time', 'is not a time'],
    ['Infinity', 'invalid_time', 'is not a time'],
    ['NOW', 'invalid_time', 'is not a time'],
    ['now-1h', 'invalid_time', 'is not a time'],
    ['0x19', 'invalid_time', 'is not a time'],
    ['٢٠٢٤', 'invalid_time', 'is not a time'],
    [Number.NaN, 'invalid_time', 'createdDateTime NaN is not a time'],
    [Number.POSITIVE_INFINITY, 'invalid_time', 'Infinity'],
    [true, 'invalid_time', 'holds the boolean true'],
    [[NOW], 'invalid_time', 'holds an array of 1'],
    [[], 'invalid_time', 'holds an empty array'],
    [{}, 'invalid_time', 'holds an object'],
    [{ $date: { $date: NOW } }, 'invalid_time', 'holds an object'],
    [{ $date: 'now' }, 'invalid_time', 'is not a time'],
    [{ $date: null }, 'invalid_time', 'holds null'],
    [{ $numberLong: 'NaN' }, 'invalid_time', 'holds an object'],
    [{ $numberLong: 12 }, 'invalid_time', 'holds an object'],
    [1e16, 'time_out_of_range', 'outside the years 1900 to 2199'],
    [-2208988800001, 'time_out_of_range', 'outside'],
    [7258118400000, 'time_out_of_range', 'outside'],
    [10n ** 40n, 'time_out_of_range', 'outside'],
    ['0001-01-01T00:00:00Z', 'time_out_of_range', 'outside'],
    ['9999-12-31T23:59:59Z', 'time_out_of_range', 'outside'],
    ['1900-01-01T00:00:00+01:00', 'time_out_of_range', 'outside'],
    ['0001-01-01T00:00:00', 'time_out_of_range', 'outside', { timeZone: 'America/New_York' }],
    [NOW, 'time_out_of_range', 'read in seconds as TIME_UNIT says', { timeUnit: 's' }],
    ['2024-11-17T21:53:01', 'invalid_parameter', 'TIME_ZONE "Mars/Olympus"', { timeZone: 'Mars/Olympus' }],
  ]
  it.each(cases)('%o is %s: %s', (value, code, message, rules) => {
    const failure = refused(value, rules)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(message)
    if (code !== 'invalid_parameter') expect(failure.path).toBe('createdDateTime')
  })

  it('prints an example that is read when it is sent instead', () => {
    for (const value of [1731880381, 1731880381293000, 1731880381293000001n, 20241117, '2024-11-17T21:53:01', '2024']) {
      const [, digits, text] = /send (?:milliseconds: (\d+)|.*?"(.+?)")/.exec(refused(value).message) ?? []
      expect(read({ createdDateTime: digits === undefined ? (text as string) : Number(digits) })).toBeGreaterThan(
        1.7e12,
      )
    }
  })
})

describe('where the time is looked for', () => {
  it('takes the first field that says anything', () => {
    expect(read({ timestamp: 3, '@timestamp': 2, createdDateTime: 1 })).toBe(1)
    expect(read({ timestamp: 3, '@timestamp': 2, createdDateTime: null })).toBe(2)
    expect(read({ timestamp: 3, '@timestamp': ' ', createdDateTime: null })).toBe(3)
  })

  it('does not go on to the next field when the first is wrong', () => {
    expect(thrownFailure(() => read({ createdDateTime: 'soon', timestamp: NOW })).path).toBe('createdDateTime')
  })

  it('names the fields it looked at when nothing stands there', () => {
    const failure = thrownFailure(() => read({ date: NOW }, {}, '_source.'))
    expect(failure.code).toBe('missing_time')
    expect(failure.message).toContain('_source.createdDateTime, _source.@timestamp, _source.timestamp')
  })

  it('looks only at the configured path', () => {
    const rules = { timePath: 'meta.at' }
    expect(read({ meta: { at: NOW }, createdDateTime: 1 }, rules)).toBe(NOW)
    expect(read({ 'meta.at': NOW }, rules)).toBe(NOW)
    const failure = thrownFailure(() => read({ createdDateTime: NOW }, rules))
    expect([failure.code, failure.path]).toEqual(['missing_time', 'meta.at'])
    expect(thrownFailure(() => read({ meta: { at: 'x' } }, rules, '_source.')).path).toBe('_source.meta.at')
  })

  it('does not mistake what every object inherits for a field', () => {
    expect(thrownFailure(() => read({}, { timePath: 'constructor.name' })).code).toBe('missing_time')
  })

  it('tells the time an event has of its own from the present', () => {
    expect(readEventTime({ createdDateTime: 'now' }, RULES)).toMatchObject({ epochMilliseconds: NOW, isOwn: false })
    expect(readEventTime({ createdDateTime: NOW }, RULES)).toMatchObject({ epochMilliseconds: NOW, isOwn: true })
  })

  it.each([
    [{ createdDateTime: ' ', timestamp: NOW }, undefined, ['timestamp']],
    [{ 'meta.at': NOW, meta: { at: 1 } }, 'meta.at', ['meta.at']],
    [{ meta: { at: NOW } }, 'meta.at', ['meta', 'at']],
    [{ meta: { 'at.utc': NOW } }, 'meta.at.utc', ['meta', 'at.utc']],
  ])('tells by which keys the time is reached: %j, TIME_PATH %s', (record, timePath, keys) => {
    const time = readEventTime(record as JsonObject, { ...RULES, timePath }, '_source.')
    expect(time).toEqual({ epochMilliseconds: NOW, isOwn: true, keys, place: `_source.${keys.join('.')}` })
    expect(valueAt(record as JsonObject, keys)).toBe(NOW)
  })
})
