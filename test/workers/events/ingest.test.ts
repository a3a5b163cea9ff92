import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { cloudflareEventQueue } from '../../../src/adapters/cloudflare-event-queue.ts'
import { deadLettersClient } from '../../../src/adapters/dead-letters-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { Failure } from '../../../src/core/failure.ts'
import { BATCH_LIMITS, MESSAGE_LIMITS } from '../../../src/core/ingest/pack.ts'
import { createApp } from '../../../src/http/app.ts'
import { type EventMessageHeader, messageText } from '../../../src/protocol/event-message.ts'
import type { EventsAnswer } from '../../../src/protocol/events.ts'
import { type PackedMessage, packBatches } from '../../../src/protocol/pack-events.ts'
import type { Problem } from '../../../src/protocol/problem.ts'
import { createServices, type Decorators } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { RecordingQueue } from '../../support/recording-queue.ts'

const TIME = 1731880381293
/** Nobody archives what these tests send. */
const OPTED_OUT = { 'sec-gpc': '1' }
const event = (over: object = {}): object => ({
  createdDateTime: TIME,
  zipCode: '94107',
  id: crypto.randomUUID(),
  ...over,
})

/** An isolate of its own, whose queue is the real one and remembers what it confirmed. */
const isolate = (decorators: Decorators = {}) => {
  let queue: RecordingQueue | undefined
  const services = createServices(env, {
    queue: (real) => {
      queue = new RecordingQueue(real)
      return queue
    },
    ...decorators,
  })
  const app = createApp(() => services)
  const send = async (body: unknown, headers: Record<string, string> = {}): Promise<Response> => {
    const context = createExecutionContext()
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await app.request('/v1/events', { method: 'POST', body: text, headers }, env, context)
    await waitOnExecutionContext(context)
    return response
  }
  if (queue === undefined) throw new Error('the queue was not decorated')
  return { queue, send }
}

const bucketText = async (key: string): Promise<string> => {
  const object = await env.ARCHIVE.get(key)
  if (object === null) throw new Error(`${key} is not in the bucket`)
  return object.text()
}

describe('POST /v1/events on the real queue', () => {
  it('answers 202 through the front door', async () => {
    const response = await exports.default.fetch(
      new Request('https://nearcast.test/v1/events', { method: 'POST', body: JSON.stringify(event()) }),
    )
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ accepted: 1, rejected: [] })
  })

  it('takes events of all sizes, as many as a body may hold, in messages and batches the queue does not refuse', async () => {
    const { queue, send } = isolate()
    const lengths = [0, 10, 3_000, 30_000, 90_000, 99_000]
    const sent = Array.from({ length: 300 }, (_, index) =>
      event({
        text: (index % 4 === 1 ? 'é' : 'x').repeat(lengths[(index * 7) % lengths.length] / (index < 60 ? 1 : 20)),
      }),
    )
    const response = await send(sent, OPTED_OUT)
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ accepted: 300, rejected: [] })
    expect(queue.refusals).toEqual([])
    const stored = queue.messages.flatMap(({ events }) => events)
    const texts = await Promise.all(
      stored.map(async ({ payload }) => {
        if ('event' in payload) return JSON.stringify(payload.event)
        return bucketText(payload.reference.key)
      }),
    )
    expect(texts.sort()).toEqual(sent.map((one) => JSON.stringify(one)).sort())
    expect(stored.some(({ payload }) => 'reference' in payload)).toBe(true)
    expect(queue.messages.every(({ isOptedOut }) => isOptedOut)).toBe(true)
  })

  it('names the events of a part that could not be sent, and has the others', async () => {
    const { queue, send } = isolate()
    const sent = Array.from({ length: 12 }, () => event({ text: 'x'.repeat(90_000) }))
    // Six batches of two, of which two fail, and fail again when they are sent once more.
    const failing = new Set<string>()
    queue.refuses = ([first = '']) => {
      if (failing.size < 2) failing.add(first)
      return failing.has(first)
    }
    const response = await send(sent, OPTED_OUT)
    expect(response.status).toBe(202)
    const { accepted, rejected } = await json<EventsAnswer>(response)
    expect(rejected).toHaveLength(4)
    expect(accepted).toBe(8)
    for (const { error, retryable } of rejected) {
      expect({ code: error.code, retryable }).toEqual({ code: 'queue_unavailable', retryable: true })
    }
    const stored = queue.messages.flatMap(({ events }) => events.map(({ id }) => id))
    expect([...stored, ...rejected.map(({ id }) => id)].sort()).toEqual(
      sent.map((one) => ('id' in one ? String(one.id) : '')).sort(),
    )
  })

  it('answers 503 with Retry-After, and keeps nothing, when the queue takes nothing', async () => {
    const { queue, send } = isolate()
    queue.refuses = () => true
    const response = await send([event(), {}])
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await json<Problem>(response)).toMatchObject({
      code: 'queue_unavailable',
      errors: [
        { index: 0, retryable: true },
        { index: 1, dead_letter: null },
      ],
    })
  })

  it('takes the small events when the bucket is down', async () => {
    const { queue, send } = isolate({
      events: (real) => ({
        get: real.get.bind(real),
        list: real.list.bind(real),
        delete: real.delete.bind(real),
        put: () => Promise.reject(new Failure('archive_unavailable', 'R2 is down')),
      }),
    })
    const response = await send([event({ id: 'large', text: 'x'.repeat(120_000) }), event()], OPTED_OUT)
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, id: 'large', error: { code: 'archive_unavailable' }, retryable: true }],
    })
    expect(queue.messages.flatMap(({ events }) => events)).toHaveLength(1)
  })

  it('keeps what cannot be used in the dead letters, byte by byte', async () => {
    const { send } = isolate()
    const letters = deadLettersClient(env.DEAD_LETTERS, systemTimers)
    const wanted = ['{"zipCode" : "é"}', '{oops']
    const lines = await json<EventsAnswer>(await send(`${wanted[0]}\n${wanted[1]}\n`))
    expect(lines.rejected.map(({ kept }) => kept)).toEqual(['kept', 'kept'])
    const whole = await json<Problem>(await send('no JSON, \u0000'))
    const ids = [...lines.rejected.map(({ dead_letter }) => dead_letter), whole.dead_letter].map(String)
    const kept = await letters.get(ids, deadlineIn(systemClock, 5_000))
    const texts = new Map(
      kept.map(({ id, payload }) => [id, 'bytes' in payload ? new TextDecoder().decode(payload.bytes) : null]),
    )
    expect(ids.map((id) => texts.get(id))).toEqual([...wanted, 'no JSON, \u0000'])
  })
})

describe('the limits that events are packed by', () => {
  const header = (padding: number): EventMessageHeader => ({
    receivedAt: TIME,
    model: 'late-arrival',
    edgeZip: 'x'.repeat(padding),
    isBot: false,
    isOptedOut: true,
    traceparent: null,
  })
  /** Messages of exactly `bytes` each, without an event. */
  const messagesOf = (count: number, bytes: number): PackedMessage[] => {
    const empty = messageText(header(0), crypto.randomUUID(), []).length
    return Array.from({ length: count }, () => {
      const id = crypto.randomUUID()
      return { id, text: messageText(header(bytes - empty), id, []), bytes, start: 0, end: 0 }
    })
  }
  const queue = cloudflareEventQueue(env.EVENTS, systemTimers)
  const send = (batch: readonly PackedMessage[]): Promise<void> =>
    queue.send(
      batch.map(({ text }) => text),
      deadlineIn(systemClock, 30_000),
    )

  it.each([
    ['a hundred messages, as large as fit', 100, BATCH_LIMITS.bytes / 100 - BATCH_LIMITS.itemBytes],
    ['two of the largest messages', 2, MESSAGE_LIMITS.bytes],
    ['a hundred of the smallest', 100, 300],
  ])('let no batch be refused: %s', async (_, count, bytes) => {
    const messages = messagesOf(count, bytes)
    expect(messages.every(({ text }) => text.length === bytes)).toBe(true)
    const batches = packBatches(messages)
    expect(batches).toHaveLength(1)
    for (const batch of batches) await send(batch)
  })

  it.each([
    ['101 messages', 101, 300],
    ['a message of 129,000 bytes', 1, 129_000],
    ['100 messages of 3,000 bytes', 100, 3_000],
  ])('stand for what the queue refuses: %s', async (_, count, bytes) => {
    await expect(send(messagesOf(count, bytes))).rejects.toMatchObject({ code: 'queue_unavailable' })
  })
})
