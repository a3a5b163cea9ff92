/** What an envelope says of the sending goes with each of its events. */
import { describe, expect, it } from 'vitest'
import { readBody } from '../../../src/protocol/body.ts'

const LIMITS = { maxBodyBytes: 4_194_304, maxEvents: 1_000 }
const itemsOf = (body: string): unknown => {
  const parsed = readBody(new TextEncoder().encode(body), { contentType: null, batch: false, limits: LIMITS })
  return parsed.kind === 'batch' ? parsed.items : parsed
}

describe('the sent_at of an envelope', () => {
  it.each<[string, unknown]>([
    [
      '{"events":[{"a":1},5],"sent_at":12}',
      [
        { value: { a: 1 }, sentAt: 12 },
        { value: 5, sentAt: 12 },
      ],
    ],
    ['{"sent_at":"2024-11-17T21:53:01Z","events":[{}]}', [{ value: {}, sentAt: '2024-11-17T21:53:01Z' }]],
    ['{"sent_at":{"$date":1},"events":[{}]}', [{ value: {}, sentAt: { $date: 1 } }]],
    ['{"sent_at":99926275868403174266,"events":[{}]}', [{ value: {}, sentAt: 99926275868403174266n }]],
    ['{"events":[{}]}', [{ value: {} }]],
    ['{"events":[{}],"sent_at":null}', [{ value: {} }]],
    ['{"events":[{}],"sent_at":" "}', [{ value: {} }]],
    ['{"hits":{"hits":[{}]},"sent_at":1}', [{ value: {} }]],
    ['{"events":[],"sent_at":1}', []],
    ['{"sent_at":1}', { kind: 'single', value: { sent_at: 1 } }],
  ])('%s', (body, expected) => {
    expect(itemsOf(body)).toEqual(expected)
  })

  it('is not copied to every event where it is longer than any time', () => {
    expect(itemsOf(`{"events":[{}],"sent_at":"${'1'.repeat(100_000)}"}`)).toEqual([{ value: {}, sentAt: false }])
    expect(itemsOf(`{"events":[{}],"sent_at":{"a":"${'x'.repeat(100)}"}}`)).toEqual([{ value: {}, sentAt: false }])
  })
})

describe('the traceparent of an envelope', () => {
  const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const traceOf = (body: object): string | undefined => {
    const options = { contentType: null, batch: false, limits: LIMITS }
    const parsed = readBody(new TextEncoder().encode(JSON.stringify(body)), options)
    return parsed.kind === 'batch' ? parsed.traceparent : undefined
  }
  it('is that of the whole batch', () => {
    expect(traceOf({ events: [{}], traceparent: TRACE })).toBe(TRACE)
  })
  it.each<[string, object]>([
    ['malformed', { events: [{}], traceparent: TRACE.slice(1) }],
    ['no text', { events: [{}], traceparent: 5 }],
    ['all zeros', { events: [{}], traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['of an event alone', { traceparent: TRACE }],
    ['longer than any header', { events: [{}], traceparent: `01${TRACE.slice(2)}-${'x'.repeat(300)}` }],
    ['of two lines', { events: [{}], traceparent: `01${TRACE.slice(2)}-x\r\ny` }],
    ['beyond ASCII', { events: [{}], traceparent: `01${TRACE.slice(2)}-中` }],
    ['beside hits', { hits: { hits: [{}] }, traceparent: TRACE }],
  ])('is ignored where it is %s', (_, body) => {
    expect(traceOf(body)).toBeUndefined()
  })
})
