/** From what a caller sent to an event. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EventRules, readEvent, readEventId } from '../../../src/core/event/read-event.ts'
import { Failure } from '../../../src/core/failure.ts'
import type { JsonValue } from '../../../src/core/json.ts'
import { calendarAt } from '../../../src/core/time/calendar.ts'
import { readBody } from '../../../src/protocol/body.ts'
import golden from '../../fixtures/golden-sessions.json' with { type: 'json' }
import { thrownFailure } from '../../support/thrown-failure.ts'

const AT = 1_731_880_381_293
const RULES: EventRules = { now: () => AT }
const TIME = { createdDateTime: AT }

describe('a flat event', () => {
  it('is its own record', () => {
    const sent = { createdDateTime: AT, zipCode: '94107-1234', session_id: 's-1', event_id: 'e-1' }
    expect(readEvent(sent, RULES)).toEqual({
      id: 'e-1',
      unit: 's-1',
      epochMilliseconds: AT,
      hasOwnTime: true,
      timeKeys: ['createdDateTime'],
      timePlace: 'createdDateTime',
      sentAt: undefined,
      zip: '94107',
      zipState: 'valid',
      record: sent,
    })
  })

  const ids: [JsonValue, string | null][] = [
    [{ event_id: 'a', id: 'b', _id: 'c' }, 'a'],
    [{ id: 'b', _id: 'c' }, 'b'],
    [{ _id: 'c' }, 'c'],
    [{ event_id: null, id: '' }, null],
    [{ event_id: true, id: 7 }, '7'],
    [{ id: 99926275868403174266n }, '99926275868403174266'],
    [{ _id: { $oid: '507f1f77bcf86cd799439011' } }, '507f1f77bcf86cd799439011'],
    [{ _id: { $oid: ' ' } }, null],
    [{ id: { nested: 1 } }, null],
    [{}, null],
  ]
  it.each(ids)('%o has the id %s', (value, id) => {
    expect(readEventId(value)).toBe(id)
    expect(readEvent({ ...(value as object), ...TIME }, RULES).id).toBe(id)
  })

  const units: [JsonValue, string | null, string?][] = [
    [{ session_id: 's', sessionId: 't', visitor_id: 'v' }, 's'],
    [{ session_id: '', sessionId: 't', visitor_id: 'v' }, 't'],
    [{ visitor_id: 12 }, '12'],
    [{ id: 'e' }, 'e'],
    [{}, null],
    [{ user: { id: 'u' }, session_id: 's' }, 'u', 'user.id'],
    [{ session_id: 's', id: 'e' }, 'e', 'user.id'],
  ]
  it.each(units)('%j sticks by %s (%s)', (value, unit, unitPath) => {
    expect(readEvent({ ...(value as object), ...TIME }, { ...RULES, unitPath }).unit).toBe(unit)
  })
})

describe('an Elasticsearch hit', () => {
  it('holds its event in _source and its id beside it', () => {
    const source = { ...TIME, zip: 2139, id: 'inner' }
    const event = readEvent({ _index: 'sessions', _id: 'outer', _score: 1, _source: source }, RULES)
    expect(event).toMatchObject({ id: 'outer', unit: 'outer', zip: '02139' })
    expect(event.record).toBe(source)
  })

  it('without an _id takes the id of its _source', () => {
    expect(readEvent({ _source: { ...TIME, event_id: 'inner' } }, RULES).id).toBe('inner')
  })

  it('may hold arrays of values in fields instead', () => {
    const hit = {
      _index: 'sessions',
      _id: 'f',
      fields: { createdDateTime: [String(AT)], zipCode: ['94107'], tags: ['a', 'b'] },
    }
    const event = readEvent(hit, RULES)
    expect(event).toMatchObject({ id: 'f', epochMilliseconds: AT, zip: '94107' })
    expect(event.record).toEqual({ createdDateTime: String(AT), zipCode: '94107', tags: ['a', 'b'] })
  })

  it('is not seen in a flat event that has a field named fields or _source', () => {
    expect(readEvent({ ...TIME, fields: { a: [1] } }, RULES).record.createdDateTime).toBe(AT)
    expect(readEvent({ ...TIME, _id: 'x', fields: { a: 1 } }, RULES).record.createdDateTime).toBe(AT)
    expect(readEvent({ ...TIME, _source: 'web' }, RULES).record.createdDateTime).toBe(AT)
  })

  it('names the place of a wrong time inside it', () => {
    expect(thrownFailure(() => readEvent({ _id: 'x', _source: { timestamp: 'soon' } }, RULES)).path).toBe(
      '_source.timestamp',
    )
    const hit = { _id: 'x', fields: { timestamp: ['soon'] } }
    expect(thrownFailure(() => readEvent(hit, RULES)).path).toBe('fields.timestamp')
  })
})

describe('what is no event', () => {
  const cases: [JsonValue, string][] = [
    [null, 'this is null'],
    [5, 'this is the number 5'],
    [5n, 'this is the number 5'],
    [true, 'this is the boolean true'],
    ['94107', 'this is the string "94107"'],
    [[], 'this is an empty array'],
    [[{ ...TIME }], 'this is an array of 1'],
    [{ ...TIME, _index: 's', _source: 'x' }, 'the _source of a hit is an object; this is the string "x"'],
    [{ ...TIME, id: 'x'.repeat(513) }, 'the event id is 513 characters long; 512 are allowed'],
  ]
  it.each(cases)('%o is refused', (value, message) => {
    const failure = thrownFailure(() => readEvent(value, RULES))
    expect(failure.code).toBe('not_an_event')
    expect(failure.message).toContain(message)
    expect(readEventId(value)).toBeNull()
  })
})

it('reads any JSON value as an event or ends in a Failure', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('now', AT, '2024'),
  )
  const keys = fc.constantFrom(
    'createdDateTime',
    'timestamp',
    '_source',
    'fields',
    '_id',
    'zip',
    '$date',
    '$numberLong',
    '__proto__',
    'id',
  )
  const values = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar as fc.Arbitrary<JsonValue>,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(keys, fc.string()), tie('value')) as fc.Arbitrary<JsonValue>,
    ),
  })).value
  fc.assert(
    fc.property(values, fc.constantFrom(undefined, 'UTC', 'America/New_York'), (value, timeZone) => {
      try {
        const event = readEvent(value, { ...RULES, timeZone })
        expect(Number.isSafeInteger(event.epochMilliseconds)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(Failure)
      }
      readEventId(value)
    }),
    { numRuns: 10_000 },
  )
})

it('reads the nine published sessions', () => {
  for (const hit of golden) {
    const event = readEvent(hit, RULES)
    expect(event.id).toBe(hit._id)
    expect(calendarAt(event.epochMilliseconds)).toMatchObject({ dayOfYear: 322, dayOfWeek: 6, hourOfDay: 21 })
  }
})

const SAMPLES = new URL('../../../../shared/data/elasticsearch/', import.meta.url)

describe.skipIf(!existsSync(SAMPLES))('real indices', () => {
  const items = (bytes: Uint8Array) => {
    const body = readBody(bytes, {
      contentType: 'application/x-ndjson',
      batch: false,
      limits: { maxBodyBytes: 1e9, maxEvents: 20_000 },
    })
    return body.kind === 'batch' ? body.items : []
  }

  it('reads every one of 14,074 web-log documents', () => {
    const read = items(gunzipSync(readFileSync(new URL('opensearch-sample-logs.ndjson.gz', SAMPLES)))).map((item) =>
      'value' in item ? readEvent(item.value, RULES) : item.failure,
    )
    expect(read).toHaveLength(14_074)
    for (const event of read) {
      if (event instanceof Failure) throw event
      expect(new Date(event.epochMilliseconds).toISOString()).toBe(event.record.timestamp)
    }
  })

  it('keeps the digits of long integers', () => {
    const sources = items(readFileSync(new URL('bigint.json', SAMPLES))).map((item) =>
      'value' in item ? (item.value as { _source: { key: unknown } })._source.key : null,
    )
    expect(sources.slice(0, 2)).toEqual([1726275868403174266n, 99926275868403174266n])
  })
})
