/** The ISO 8601 parser against the platform's own Date. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type IsoTime, parseIso8601 } from '../../../src/core/event/iso-8601.ts'

const YEAR_0001 = -62_135_596_800_000
const YEAR_9999_END = 253_402_300_799_999
const DAY = 86_400_000
const instants = fc.integer({ min: YEAR_0001 + DAY, max: YEAR_9999_END - DAY })

const parsed = (text: string): number => {
  const time = parseIso8601(text) as IsoTime
  return time.localMilliseconds - (time.offsetMinutes ?? Number.NaN) * 60_000
}

const pad = (value: number): string => String(value).padStart(2, '0')

it('reads every spelling of an offset back to the instant that was printed', () => {
  const spelling = fc.record({
    instant: instants,
    offset: fc.integer({ min: -14 * 60, max: 14 * 60 }),
    separator: fc.constantFrom('T', 't', ' '),
    style: fc.constantFrom('extended', 'short', 'spaced'),
    extraDigits: fc.stringMatching(/^\d{0,20}$/),
    basic: fc.boolean(),
  })
  fc.assert(
    fc.property(spelling, ({ instant, offset, separator, style, extraDigits, basic }) => {
      const wall = new Date(instant + offset * 60_000).toISOString().slice(0, -1).replace('T', separator)
      const hours = pad(Math.floor(Math.abs(offset) / 60))
      const minutes = pad(Math.abs(offset) % 60)
      const sign = offset < 0 ? '-' : '+'
      const zone = {
        extended: `${sign}${hours}:${minutes}`,
        short: `${sign}${hours}${minutes}`,
        spaced: ` ${sign}${hours}:${minutes}`,
      }
      const text = basic ? wall.replace(/^(\d+)-(\d+)-(\d+)/, '$1$2$3').replaceAll(':', '') : wall
      expect(parsed(`${text}${extraDigits}${zone[style]}`)).toBe(instant)
    }),
    { numRuns: 5000 },
  )
})

it('agrees with Date on every calendar date, those that do not exist included', () => {
  for (let year = 1890; year <= 2210; year++) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const date = new Date(Date.UTC(year, month - 1, day))
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year
        const text = `${year}-${pad(month)}-${pad(day)}T00:00:00Z`
        if (exists) expect(parsed(text)).toBe(date.getTime())
        else expect(parseIso8601(text)).toBeTypeOf('string')
      }
    }
  }
})

it('takes nothing for a time with a zone that Date takes for another instant', () => {
  const nearly = fc.stringMatching(
    /^20[0-3]\d-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d(:[0-6]\d(\.\d{1,4})?)?(Z|[+-][0-2]\d:[0-6]\d)$/,
  )
  fc.assert(
    fc.property(nearly, (text) => {
      const time = parseIso8601(text)
      const reference = Date.parse(text)
      // Date rolls 30 February over in some engines; where both read a time they must agree.
      if (typeof time !== 'string' && !Number.isNaN(reference)) expect(parsed(text)).toBe(reference)
      if (Number.isNaN(reference)) expect(time).toBeTypeOf('string')
    }),
    { numRuns: 5000 },
  )
})

it('returns a time or a reason for any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0129-:.,TZ+ ') })), (text) => {
      const time = parseIso8601(text)
      expect(typeof time === 'string' ? time.length > 0 : Number.isSafeInteger(time.localMilliseconds)).toBe(true)
    }),
    { numRuns: 5000 },
  )
})
