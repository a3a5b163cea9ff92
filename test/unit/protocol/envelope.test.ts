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
