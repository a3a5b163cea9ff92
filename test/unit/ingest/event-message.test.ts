import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BATCH_LIMITS, MESSAGE_LIMITS } from '../../../src/core/ingest/pack.ts'
import type { JsonValue } from '../../../src/core/json.ts'
import {
  decodeEventMessage,
  type EventMessage,
  type EventMessageHeader,
  encodeEventMessage,
  type QueuedEvent,
} from '../../../src/protocol/event-message.ts'
import { fitsInMessage, packBatches, packMessages, writeEvent } from '../../../src/protocol/pack-events.ts'
import { parseJson } from '../../../src/protocol/parse-json.ts'
import { thrownFailure } from '../../support/thrown-failure.ts'

const RECEIVED = 1_795_564_800_000
const HEADER: EventMessageHeader = {
  receivedAt: RECEIVED,
  model: 'late-arrival',
  edgeZip: null,
  isBot: false,
  isOptedOut: false,
  traceparent: null,
}
const queued = (event: JsonValue, over: Partial<QueuedEvent> = {}): QueuedEvent => ({
  id: 'a',
  hasIdentity: true,
  receivedAt: RECEIVED,
  sentAt: null,
  payload: { event },
  letter: null,
  prediction: null,
  ...over,
})
const message = (events: readonly QueuedEvent[], over: Partial<EventMessage> = {}): EventMessage => ({
  format: 1,
  id: 'm-1',
  ...HEADER,
  events,
  ...over,
})
const utf8 = (text: string): number => new TextEncoder().encode(text).length

/** JSON as a caller may send it: what JSON.parse makes of a text. */
const anyEvent = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 })).map((value) => {
  const text = JSON.stringify(value)
  return parseJson(text)
})
const anyQueued = fc
  .record({ event: anyEvent, id: fc.string({ unit: 'binary' }), sentAt: fc.option(fc.string()) })
  .map(({ event, id, sentAt }) => queued(event, { id, sentAt }))

describe('an event message', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(anyQueued, { maxLength: 5 }), (events) => {
        expect(decodeEventMessage(encodeEventMessage(message(events)))).toEqual(message(events))
      }),
    )
  })

  it('keeps integers that no double can hold', () => {
    const event = parseJson('{"createdDateTime":1731880381293,"order":12345678901234567890,"n":-9007199254740993}')
    const text = encodeEventMessage(message([queued(event, { sentAt: 1_731_880_381_293_000_000n })]))
    expect(text).toContain('"order":12345678901234567890')
    const [read] = decodeEventMessage(text).events
    expect(read?.payload).toEqual({ event })
    expect(read?.sentAt).toBe(1_731_880_381_293_000_000n)
  })

  it('keeps an event that is nested as deep as any may be', () => {
    const text = `${'{"a":'.repeat(63)}[]${'}'.repeat(63)}`
    const event = parseJson(text)
    expect(decodeEventMessage(encodeEventMessage(message([queued(event)]))).events[0]?.payload).toEqual({ event })
  })

  it('keeps references, letters, and what says who sent it', () => {
    const reference = { key: 'payloads/2026-11-25/m-0.json', bytes: 123_456 }
    const whole = message([queued(null, { payload: { reference }, letter: 'l-1', hasIdentity: false })], {
      edgeZip: '94107',
      isBot: true,
      isOptedOut: true,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    })
    expect(decodeEventMessage(encodeEventMessage(whole))).toEqual(whole)
  })

  it.each<[string, string, RegExp, string | undefined]>([
    ['text', 'hello', /not JSON/, undefined],
    ['another value', '[1]', /no object: \[1\]/, 'message'],
    [
      'another format',
      encodeEventMessage(message([])).replace('"format":1', '"format":2'),
      /format is 2/,
      'message.format',
    ],
    ['no id', encodeEventMessage(message([])).replace('"id"', '"di"'), /id is undefined/, 'message.id'],
    ['no events', encodeEventMessage(message([])).replace('[]', '7'), /events is 7/, 'message.events'],
    [
      'an event without a payload',
      encodeEventMessage(message([queued({ a: 1 }), queued({ a: 1 })])).replace(
        /"payload":\{"event":\{"a":1\}\}(?=.*\]\}$)/,
        '"payload":{}',
      ),
      /payload is \{\}/,
      'message.events.0.payload',
    ],
  ])('is not made of %s', (_, text, says, path) => {
    const failure = thrownFailure(() => decodeEventMessage(text))
    expect(failure.code).toBe('invalid_json')
    expect(failure.message).toMatch(says)
    expect(failure.path).toBe(path)
  })
})

describe('events packed for the queue', () => {
  const sized = fc.integer({ min: 0, max: 99_000 }).map((length) => queued({ text: '€'.repeat(length / 3) }))
  const small = fc.integer({ min: 0, max: 300 }).map((length) => queued({ text: 'é'.repeat(length) }))

  it.each([
    ['small', fc.array(small, { maxLength: 400 })],
    ['of all sizes', fc.array(fc.oneof(sized, small), { maxLength: 60 })],
  ] as const)('that are %s keep their order and stay within every limit', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (events) => {
        let made = 0
        const messages = packMessages(HEADER, events.map(writeEvent), () => `message-${made++}`)
        const batches = packBatches(messages)
        expect(batches.flat()).toEqual(messages)
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(BATCH_LIMITS.items)
          expect(batch.reduce((sum, { bytes }) => sum + bytes + 100, 0)).toBeLessThanOrEqual(256_000)
        }
        const read = messages.map(({ id, text, bytes, start, end }) => {
          expect(bytes).toBe(utf8(text))
          expect(bytes).toBeLessThanOrEqual(MESSAGE_LIMITS.bytes)
          const decoded = decodeEventMessage(text)
          expect(decoded.id).toBe(id)
          expect(decoded.events).toHaveLength(end - start)
          expect(decoded.events.length).toBeLessThanOrEqual(MESSAGE_LIMITS.items)
          return decoded.events
        })
        expect(read.flat()).toEqual(events)
      }),
      { numRuns: 30 },
    )
  })

  it('travel as a reference from the byte on that no message has room for', () => {
    const fits = fitsInMessage(HEADER)
    const ofLength = (length: number) => writeEvent(queued({ text: 'x'.repeat(length) }))
    let most = 90_000
    while (fits(ofLength(most + 1))) most++
    const [packed] = packMessages(HEADER, [ofLength(most)], () => 'x'.repeat(64))
    expect(packed?.bytes).toBeGreaterThan(MESSAGE_LIMITS.bytes - 3)
    expect(packed?.bytes).toBeLessThanOrEqual(MESSAGE_LIMITS.bytes)
    expect(() => packMessages(HEADER, [ofLength(most + 1)], () => 'm')).toThrow(RangeError)
  })
})
