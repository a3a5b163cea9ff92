/** When an event is taken to have happened. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEvent } from '../../../src/core/event/read-event.ts'
import { type ClockRules, type ReceiptRules, settleTime } from '../../../src/core/event/settle-time.ts'
import { Failure } from '../../../src/core/failure.ts'
import type { JsonObject, JsonValue } from '../../../src/core/json.ts'
import { contentId } from '../../../src/serving/event-id.ts'
import { thrownFailure } from '../../support/thrown-failure.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** 2024-11-17T21:53:01.293Z. */
const RECEIVED = 1_731_880_381_293
/** 1900-01-01T00:00Z. */
const EARLIEST = -2_208_988_800_000

const rulesOf = (clock: Partial<ClockRules> = {}, over: Partial<ReceiptRules> = {}): ReceiptRules => ({
  now: () => RECEIVED,
  clock: {
    offsetMilliseconds: 300_000,
    farPastMilliseconds: 30 * DAY,
    farFutureMilliseconds: DAY,
    far: 'flag',
    ...clock,
  },
  ...over,
})
const settle = (value: JsonObject, sentAt?: JsonValue, rules = rulesOf()) =>
  settleTime(readEvent(value, rules), sentAt, RECEIVED, rules)

describe('without a sent_at', () => {
  it.each([
    ['a past instant', RECEIVED - HOUR],
    ['the receipt itself', RECEIVED],
    ['an instant of the next hours', RECEIVED + 3 * HOUR],
  ])('%s stands, and nothing is known of its clock', (_, createdDateTime) => {
    expect(settle({ createdDateTime })).toEqual({
      epochMilliseconds: createdDateTime,
      method: 'stated',
      uncertaintyMilliseconds: null,
      warnings: [],
    })
  })

  it('`now` is the receipt, whatever the clock shows by now', () => {
    const later = rulesOf({}, { now: () => RECEIVED + HOUR })
    expect(settle({ createdDateTime: 'now' }, undefined, later)).toEqual({
      epochMilliseconds: RECEIVED,
      method: 'received',
      uncertaintyMilliseconds: 0,
      warnings: [],
    })
  })
})

describe('with a sent_at', () => {
  const threeHoursSlow = { createdDateTime: RECEIVED - 3 * HOUR - 60_000 }
  const sent = RECEIVED - 3 * HOUR - 2_000
  const corrected = { epochMilliseconds: RECEIVED - 58_000, method: 'corrected', warnings: ['clock_corrected'] }

  it.each<[string, JsonValue]>([
    ['milliseconds', sent],
    ['digits', String(sent)],
    ['ISO 8601', new Date(sent).toISOString()],
    ['what MongoDB exports', { $date: { $numberLong: String(sent) } }],
  ])('the clock is corrected: %s', (_, sentAt) => {
    expect(settle({ ...threeHoursSlow, sent_at: sentAt })).toMatchObject(corrected)
    expect(settle({ _id: 'a', _source: { ...threeHoursSlow, sent_at: sentAt } })).toMatchObject(corrected)
    expect(settle(threeHoursSlow, sentAt)).toMatchObject(corrected)
  })

  it('the one of the event goes before that of the envelope', () => {
    expect(settle({ ...threeHoursSlow, sent_at: sent }, RECEIVED)).toMatchObject(corrected)
    expect(settle({ ...threeHoursSlow, sent_at: null }, sent)).toMatchObject(corrected)
  })

  it.each<[JsonValue]>([['soon'], ['now'], [1_731_880_381], ['2024-11-17T21:53:01'], [true], [[RECEIVED]], [{}]])(
    'one that cannot be read is flagged and changes nothing: %j',
    (sentAt) => {
      const flagged = { method: 'stated', uncertaintyMilliseconds: null, warnings: ['sent_at_unreadable'] }
      expect(settle({ ...threeHoursSlow, sent_at: sentAt })).toMatchObject(flagged)
      expect(settle(threeHoursSlow, sentAt)).toMatchObject(flagged)
    },
  )

  it('is read in TIME_UNIT and TIME_ZONE like the event itself', () => {
    const seconds = rulesOf({}, { timeUnit: 's' })
    expect(settle({ timestamp: 1_731_869_521, sent_at: 1_731_869_579 }, undefined, seconds).method).toBe('corrected')
    const zoned = rulesOf({}, { timeZone: 'UTC' })
    expect(settle({ ...threeHoursSlow, sent_at: '2024-11-17T18:52:59' }, undefined, zoned).method).toBe('corrected')
  })

  it('is the time of the event where TIME_PATH says so, and no word of its clock', () => {
    const rules = rulesOf({}, { timePath: 'sent_at' })
    expect(settle({ sent_at: RECEIVED - HOUR }, undefined, rules).method).toBe('stated')
    expect(contentId({ sent_at: 1 }, 'sent_at')).not.toBe(contentId({ sent_at: 2 }, 'sent_at'))
  })
})

describe('a far instant', () => {
  const past = { createdDateTime: RECEIVED - 30 * DAY - 1 }
  const future = { createdDateTime: RECEIVED + DAY + 1 }

  it('is not far up to the limit', () => {
    const refusing = rulesOf({ far: 'refuse' })
    expect(settle({ createdDateTime: RECEIVED - 30 * DAY }, undefined, refusing).warnings).toEqual([])
    expect(settle({ createdDateTime: RECEIVED + DAY }, undefined, refusing).warnings).toEqual([])
  })

  it('is flagged', () => {
    expect(settle(past)).toMatchObject({ epochMilliseconds: past.createdDateTime, warnings: ['time_far_past'] })
    expect(settle(future)).toMatchObject({ epochMilliseconds: future.createdDateTime, warnings: ['time_far_future'] })
  })

  it('is taken to be the receipt', () => {
    const rules = rulesOf({ far: 'received' })
    const received = { epochMilliseconds: RECEIVED, method: 'received', uncertaintyMilliseconds: null }
    expect(settle(past, undefined, rules)).toEqual({ ...received, warnings: ['time_far_past'] })
    expect(settle(future, undefined, rules)).toEqual({ ...received, warnings: ['time_far_future'] })
  })

  it('is refused, naming place, value and limit', () => {
    const rules = rulesOf({ far: 'refuse' })
    const refusal = (value: JsonObject, sentAt?: JsonValue): Failure =>
      thrownFailure(() => settle(value, sentAt, rules))
    expect(refusal({ _id: 'a', _source: past })).toMatchObject({
      code: 'time_out_of_range',
      path: '_source.createdDateTime',
      message:
        '_source.createdDateTime 1729288381292, which is 2024-10-18T21:53:01.292Z, lies 2592000 s before its receipt; 2592000 are allowed (FAR_PAST_SECONDS)',
    })
    expect(refusal({ timestamp: '2024-11-19T00:00:00Z' }).message).toBe(
      'timestamp "2024-11-19T00:00:00Z", which is 2024-11-19T00:00:00.000Z, lies 94018 s after its receipt; 86400 are allowed (FAR_FUTURE_SECONDS)',
    )
    const sentLater = RECEIVED - 10 * DAY
    expect(refusal({ createdDateTime: sentLater - 40 * DAY }, sentLater).message).toBe(
      'createdDateTime 1727560381293, corrected by its sent_at to 2024-10-08T21:53:01.293Z, lies 3456000 s before its receipt; 2592000 are allowed (FAR_PAST_SECONDS)',
    )
  })

  it('is judged after the clock was corrected', () => {
    const fast = { createdDateTime: RECEIVED + 365 * DAY, sent_at: RECEIVED + 365 * DAY + 1_000 }
    expect(settle(fast, undefined, rulesOf({ far: 'refuse' }))).toMatchObject({
      epochMilliseconds: RECEIVED - 1_000,
      warnings: ['clock_corrected'],
    })
    const kept = { createdDateTime: RECEIVED - 50 * DAY, sent_at: RECEIVED - 10 * DAY }
    expect(settle(kept).warnings).toEqual(['clock_corrected', 'time_far_past'])
  })

  it('is refused where it is corrected to before 1900, which no stated time may lie before', () => {
    const long = { createdDateTime: RECEIVED, sent_at: RECEIVED + 150 * 365 * DAY }
    expect(thrownFailure(() => settle(long))).toMatchObject({
      code: 'time_out_of_range',
      message:
        'createdDateTime 1731880381293, corrected by its sent_at to 1874-12-24T21:53:01.293Z, lies outside the years 1900 to 2199',
    })
    expect(settle(long, undefined, rulesOf({ far: 'received' })).epochMilliseconds).toBe(RECEIVED)
  })
})

it('an event sent four times by a clock that is 3 hours wrong keeps its id and, but for the transit, its time', () => {
  const tries = [0, 700, 61_000, 240_000].map((wait, index) => {
    const sentAt = RECEIVED - 3 * HOUR + wait
    const transit = 40 + 25 * index
    const rules = rulesOf()
    const event = readEvent({ createdDateTime: RECEIVED - 3 * HOUR - 5_000, page: '/', sent_at: sentAt }, rules)
    return {
      id: contentId(event.record),
      ...settleTime(event, undefined, RECEIVED + wait + transit, rules),
    }
  })
  expect(new Set(tries.map(({ id }) => id)).size).toBe(1)
  expect(tries.map(({ epochMilliseconds }) => epochMilliseconds - (RECEIVED - 5_000))).toEqual([40, 65, 90, 115])
  expect(tries.map(({ method }) => method)).toEqual(Array(4).fill('corrected'))
})

it('settles whatever stands in sent_at, or refuses with a Failure', () => {
  const anything = fc.anything({ withBigInt: true, maxDepth: 3 }) as fc.Arbitrary<JsonValue>
  const instant = fc.integer({ min: EARLIEST, max: 7_258_118_399_999 })
  const far = fc.constantFrom('flag', 'refuse', 'received')
  fc.assert(
    fc.property(instant, fc.oneof(instant, anything), far, (at, sentAt, rule) => {
      try {
        const rules = rulesOf({ far: rule })
        const event = { ...readEvent({ timestamp: { $date: at } }, { ...rules, timeUnit: 'ms' }), sentAt: undefined }
        const settled = settleTime(event, sentAt, RECEIVED, rules)
        expect(Number.isSafeInteger(settled.epochMilliseconds)).toBe(true)
        expect(settled.epochMilliseconds <= Math.max(at, RECEIVED)).toBe(true)
        expect(settled.epochMilliseconds >= EARLIEST).toBe(true)
      } catch (failure) {
        expect(failure).toMatchObject({ code: 'time_out_of_range' })
        expect(failure).toBeInstanceOf(Failure)
        expect(rule).not.toBe('received')
      }
    }),
    { numRuns: 5_000 },
  )
})
