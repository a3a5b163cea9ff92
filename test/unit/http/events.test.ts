import { describe, expect, it } from 'vitest'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import type { Parts } from '../../../src/http/assemble.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { EventsAnswer } from '../../../src/protocol/events.ts'
import type { Problem, RejectedEvent } from '../../../src/protocol/problem.ts'
import { isTraceparent } from '../../../src/protocol/trace.ts'
import { json } from '../../support/answer.ts'
import { BAD_INPUT } from '../../support/bad-input.ts'
import { type MemoryEventPorts, memoryEventPorts } from '../../support/event-ports.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type NodeApp, nodeApp } from '../../support/node-app.ts'

const TIME = 1731880381293
const UNREADABLE = ['invalid_utf8', 'invalid_json', 'too_deep']
const event = (over: object = {}): object => ({ createdDateTime: TIME, zipCode: '94107', ...over })
const text = ({ payload }: { payload: unknown }): string => {
  if (!(typeof payload === 'object' && payload !== null && 'bytes' in payload)) throw new Error('no bytes')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload.bytes as Uint8Array)
}

interface EventsApp extends NodeApp {
  readonly ports: MemoryEventPorts
  send(body: string | Uint8Array | object, headers?: Record<string, string>, query?: string): Promise<Response>
}

const eventsApp = (env: object = {}, parts: Partial<Parts> = {}): EventsApp => {
  const ports = memoryEventPorts()
  let made = 0
  const app = nodeApp('trees', env, { events: ports, randomId: () => `random-${made++}`, ...parts })
  return {
    ...app,
    ports,
    send: async (body, headers = {}, query = '') =>
      app.app.request(`https://nearcast.test/v1/events${query}`, {
        method: 'POST',
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        headers,
      }),
  }
}

const rejections = async (response: Response): Promise<readonly RejectedEvent[]> => {
  expect(response.status).toBe(202)
  return (await json<EventsAnswer>(response)).rejected
}

describe('POST /v1/events', () => {
  it.each<[string, string | object, number]>([
    ['one event', event(), 1],
    ['an array', [event(), event({ id: 'b' })], 2],
    ['{"events":[…]}', { events: [event()] }, 1],
    ['lines', `${JSON.stringify(event())}\n${JSON.stringify(event({ id: 'b' }))}`, 2],
    ['nothing', [], 0],
  ])('accepts %s once the queue has it', async (_, body, accepted) => {
    const { ports, send } = eventsApp()
    const response = await send(body)
    expect(response.status).toBe(202)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ accepted, rejected: [] })
    expect(ports.queue.events).toHaveLength(accepted)
    expect(ports.letters.kept).toEqual([])
  })

  it.each([
    ['of the body, where no header stands', {}, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    [
      'of the header before that of the body',
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' },
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    ],
  ])('echoes the trace %s and sends it on in a span of its own', async (_, headers, traceparent) => {
    const { ports, send } = eventsApp()
    const body = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', events: [event()] }
    const response = await send(body, headers)
    expect(response.status).toBe(202)
    expect(response.headers.get('traceparent')).toBe(traceparent)
    const sent = ports.queue.messages[0]?.traceparent ?? ''
    expect(isTraceparent(sent)).toBe(true)
    expect(sent.replace(sent.slice(36, 52), traceparent.slice(36, 52))).toBe(traceparent)
    expect(sent).not.toBe(traceparent)
  })

  it.each<[string, Record<string, string>, object, object]>([
    ['count by route', {}, {}, { '/v1/predict': { count: 2 }, '/v1/events': { count: 1 } }],
    ['count without an event', {}, { events: [] }, { '/v1/predict': { count: 2 }, '/v1/events': { count: 1 } }],
    ['of a bot do not', { 'user-agent': 'Googlebot/2.1' }, {}, {}],
    ['of who asked not to be followed do not', { 'sec-gpc': '1' }, {}, {}],
  ])('timings of a browser %s', async (_, headers, over, browser) => {
    const clock = new ManualClock()
    const { send, statistics } = eventsApp({}, { clock, timers: clock })
    const of = (route: string, milliseconds: number) => ({ route, milliseconds })
    const timings = [of('/v1/predict', 84), of('/v1/predict', 120), of('/v1/events', 30), of('/nowhere', 3)]
    expect((await send({ events: [event()], timings, ...over }, headers)).status).toBe(202)
    await clock.advance(5_000)
    expect((await statistics.read('5m')).browser).toMatchObject(browser)
    expect(Object.keys((await statistics.read('5m')).browser)).toEqual(Object.keys(browser))
  })

  it('sends what came, with what only the arrival tells', async () => {
    const { ports, send } = eventsApp({ ZIP_FROM_EDGE: 'true' })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const hit = { _index: 's', _id: 'é', _source: event({ order: 1 }) }
    const before = Date.now()
    await send(
      { sent_at: TIME + 5, events: [hit, event({ id: 12 }), event(), { createdDateTime: 'now' }] },
      { traceparent, dnt: '1' },
    )
    const [message, ...more] = ports.queue.messages
    expect(more).toEqual([])
    expect(message).toMatchObject({
      format: 1,
      model: 'trees',
      edgeZip: null,
      isBot: false,
      isOptedOut: true,
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/),
    })
    expect(message?.receivedAt).toBeGreaterThanOrEqual(before)
    const [first, second, third, last] = message?.events ?? []
    expect(first).toEqual({
      id: 'é',
      hasIdentity: true,
      receivedAt: message?.receivedAt,
      sentAt: TIME + 5,
      payload: { event: hit },
      letter: null,
      prediction: null,
    })
    expect(second).toMatchObject({ id: '12', hasIdentity: true })
    expect(third).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/), hasIdentity: true })
    expect(last).toMatchObject({ id: expect.stringMatching(/^random-/), hasIdentity: false })
  })

  it('keeps integers that no double can hold', async () => {
    const { ports, send } = eventsApp()
    await send(`{"createdDateTime":${TIME},"order":12345678901234567890}`)
    expect(ports.queue.batches[0]?.[0]).toContain('"order":12345678901234567890')
  })

  it('gives the same content the same id as a prediction', async () => {
    const { app, ports, send } = eventsApp()
    await send(event())
    const predicted = await app.request('/v1/predict', { method: 'POST', body: JSON.stringify(event()) })
    expect(ports.queue.events[0]?.id).toBe((await json<Prediction>(predicted)).id)
  })

  it('names the stages', async () => {
    const { send } = eventsApp()
    const stages = (response: Response): string[] | undefined =>
      response.headers
        .get('server-timing')
        ?.split(', ')
        .map((stage) => stage.split(';')[0] as string)
    expect(stages(await send(event()))).toEqual(['parse', 'store'])
    expect(stages(await send([event(), {}]))).toEqual(['parse', 'store', 'letters'])
    expect(stages(await send('{oops'))).toEqual(['letters'])
  })

  it('refuses what is not declared, and a model that is not there, before anything is stored', async () => {
    const { ports, send } = eventsApp()
    const unknown = await send(event(), {}, '?model=nobody')
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ code: 'unknown_model' })
    expect((await send(event(), {}, '?model=trees')).status).toBe(202)
    expect(ports.queue.events).toHaveLength(1)
  })

  it('is closed where there is no queue', async () => {
    const response = await nodeApp('trees').app.request('/v1/events', { method: 'POST', body: JSON.stringify(event()) })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'queue_unavailable' })
  })

  it.each(BAD_INPUT.filter(({ body }) => body.length < 100_000))(
    'ends bad input in one way: $name',
    async ({ body, headers, query, status, code }) => {
      const { ports, send } = eventsApp()
      const response = await send(body, headers, query)
      const answer = await json<EventsAnswer & Problem>(response)
      // An event that cannot be used is no failure of the request.
      expect(response.status).toBe(status === 422 || status === 200 ? 202 : status)
      if (response.status === 202) {
        expect(answer.rejected.map(({ error }) => error.code)).toEqual(code === null ? [] : [code])
        expect(ports.letters.kept.map((letter) => letter.code)).toEqual(code === null ? [] : [code])
      } else {
        expect(answer.code).toBe(code)
        expect(ports.letters.kept.map((letter) => letter.code)).toEqual(UNREADABLE.includes(String(code)) ? [code] : [])
      }
      for (const { dead_letter, kept } of answer.rejected ?? []) {
        expect({ dead_letter, kept }).toEqual({ dead_letter: ports.letters.kept[0]?.id, kept: 'kept' })
      }
    },
  )
})

describe('events that cannot be used', () => {
  it('are named by their place, and kept byte by byte, while their neighbours are stored', async () => {
    const { ports, send } = eventsApp()
    const body = `[${JSON.stringify(event())}, {"id":"b" , "zipCode":"é"},[1, 2],${JSON.stringify(event({ id: 'd' }))},{"createdDateTime":1731880381}]`
    const response = await send(body)
    expect(response.status).toBe(202)
    const answer = await json<EventsAnswer>(response)
    expect(answer.accepted).toBe(2)
    expect(answer.rejected).toEqual([
      {
        index: 1,
        id: 'b',
        error: expect.objectContaining({ code: 'missing_time' }),
        dead_letter: ports.letters.kept[0]?.id,
        kept: 'kept',
        retryable: false,
      },
      {
        index: 2,
        id: null,
        error: expect.objectContaining({ code: 'not_an_event' }),
        dead_letter: ports.letters.kept[1]?.id,
        kept: 'kept',
        retryable: false,
      },
      {
        index: 4,
        id: null,
        error: expect.objectContaining({ code: 'ambiguous_time', path: 'createdDateTime' }),
        dead_letter: ports.letters.kept[2]?.id,
        kept: 'kept',
        retryable: false,
      },
    ])
    expect(ports.letters.kept.map(text)).toEqual([
      '{"id":"b" , "zipCode":"é"}',
      '[1, 2]',
      '{"createdDateTime":1731880381}',
    ])
    expect(ports.letters.kept[0]).toMatchObject({
      isPublic: true,
      stage: 'read',
      code: 'missing_time',
      path: 'createdDateTime',
      event: 'b',
      model: 'trees',
      modelVersion: null,
      codeVersion: 'code-1',
      sentAt: null,
      isBot: false,
      attempts: 0,
    })
    expect(new Set(ports.letters.kept.map(({ id }) => id)).size).toBe(3)
  })

  it('may be lines that are no JSON', async () => {
    const { ports, send } = eventsApp()
    const [rejected, ...more] = await rejections(await send(`${JSON.stringify(event())}\r\n\n{"a":\r\n`))
    expect(more).toEqual([])
    expect(rejected).toMatchObject({ index: 1, error: { code: 'invalid_json', path: 'line 3' }, kept: 'kept' })
    expect(ports.letters.kept.map(text)).toEqual(['{"a":'])
  })

  it('carry the time of sending that their envelope told', async () => {
    const { ports, send } = eventsApp()
    await send({ sent_at: '2026-11-25T00:00:00Z', events: [{ zipCode: '94107' }] })
    expect(ports.letters.kept[0]?.sentAt).toBe('"2026-11-25T00:00:00Z"')
  })

  it.each([
    ['text', new TextEncoder().encode('hello é'), 'invalid_json'],
    ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 'invalid_utf8'],
    ['nested too deep', new TextEncoder().encode('['.repeat(100)), 'too_deep'],
  ])('may be a whole body: %s', async (_, bytes, code) => {
    const { ports, send, statistics } = eventsApp()
    const response = await send(bytes)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const [letter, ...more] = ports.letters.kept
    expect(more).toEqual([])
    expect(await response.json()).toMatchObject({ code, dead_letter: letter?.id, kept: 'kept' })
    expect(letter).toMatchObject({
      stage: 'receive',
      code,
      event: null,
      payload: { bytes, isCut: code === 'too_deep' },
    })
    while (statistics.sent.length === 0) await systemTimers.sleep(20)
    expect(statistics.counts.rejected).toEqual({ [code]: 1 })
  })

  it.each(['counted', 'lost'] as const)('say so when they are only %s', async (kept) => {
    const { ports, send } = eventsApp()
    ports.letters.answer = kept
    expect(await rejections(await send([{}]))).toMatchObject([{ dead_letter: null, kept }])
    expect(await (await send('oops')).json()).toMatchObject({ code: 'invalid_json', dead_letter: null, kept })
  })

  it('do not hold up the answer when nothing keeps them in time', async () => {
    const { ports, send } = eventsApp({ INGEST_DEADLINE_MILLISECONDS: '100' })
    ports.letters.hangs = true
    const response = await send([event(), {}])
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, dead_letter: null, kept: 'lost' }],
    })
  })

  it('are only counted for who asked not to be followed', async () => {
    const { ports, send } = eventsApp()
    expect(await rejections(await send([{}], { 'sec-gpc': '1' }))).toMatchObject([
      { dead_letter: null, kept: 'counted' },
    ])
    expect(await (await send('oops', { dnt: '1' })).json()).toMatchObject({ dead_letter: null, kept: 'counted' })
    expect(ports.letters.kept).toEqual([])
  })

  it('are counted by their codes', async () => {
    const { send, statistics } = eventsApp()
    await send([event(), {}, {}, 7])
    while (statistics.sent.length === 0) await systemTimers.sleep(20)
    expect(statistics.counts).toMatchObject({ accepted: 1, rejected: { missing_time: 2, not_an_event: 1 } })
  })
})

describe('a queue that', () => {
  /** About 40 KB each, so that two fit in a message and four in a batch. */
  const many = (count: number): object[] =>
    Array.from({ length: count }, (_, index) => event({ id: `e-${index}`, text: 'x'.repeat(40_000) }))

  it('refuses once is asked once more, with the same messages', async () => {
    const { ports, send } = eventsApp()
    ports.queue.faults = ['refuses']
    expect(await rejections(await send(event()))).toEqual([])
    expect(ports.queue.calls).toBe(2)
    expect(ports.queue.events).toHaveLength(1)
  })

  it('loses its confirmation gets the very same message again', async () => {
    const { ports, send } = eventsApp()
    ports.queue.faults = ['loses the confirmation']
    expect(await rejections(await send(event()))).toEqual([])
    expect(ports.queue.messages).toHaveLength(2)
    expect(ports.queue.messages[1]).toEqual(ports.queue.messages[0])
  })

  it('refuses a part: those are named, to be sent again, and have no dead letter', async () => {
    const { ports, send } = eventsApp()
    const events = many(9)
    // Two batches at once: the first one fails, and again when it is sent once more.
    ports.queue.faults = ['refuses', 'none', 'refuses']
    const response = await send([...events, {}])
    const { accepted, rejected } = await json<EventsAnswer>(response)
    expect(response.status).toBe(202)
    const bad = rejected.find(({ index }) => index === 9)
    const unsent = rejected.filter(({ index }) => index !== 9)
    expect(bad).toMatchObject({ error: { code: 'missing_time' }, kept: 'kept', retryable: false })
    expect(unsent.length).toBeGreaterThan(0)
    expect(unsent.length + accepted).toBe(9)
    for (const one of unsent) {
      expect(one).toMatchObject({
        error: { code: 'queue_unavailable' },
        dead_letter: null,
        kept: null,
        retryable: true,
      })
    }
    const stored = ports.queue.events.map(({ id }) => id)
    expect([...stored, ...unsent.map(({ id }) => id)].sort()).toEqual(events.map((_, index) => `e-${index}`).sort())
    expect(rejected.map(({ index }) => index)).toEqual(rejected.map(({ index }) => index).sort((a, b) => a - b))
  })

  it('refuses everything: 503, nothing is kept, and each event is named', async () => {
    const { ports, send } = eventsApp()
    ports.queue.faults = ['refuses', 'refuses']
    const response = await send([event(), {}])
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await response.json()).toMatchObject({
      code: 'queue_unavailable',
      errors: [
        { index: 0, error: { code: 'queue_unavailable' }, dead_letter: null, kept: null, retryable: true },
        { index: 1, error: { code: 'missing_time' }, dead_letter: null, kept: null, retryable: false },
      ],
    })
    expect(ports.letters.kept).toEqual([])
  })

  it('hangs is waited for no longer than the deadline', async () => {
    const clock = new ManualClock()
    const { ports, send } = eventsApp({ INGEST_DEADLINE_MILLISECONDS: '400' }, { clock, timers: clock })
    const sendInTime = async (): Promise<number | null> => {
      let status: number | null = null
      void send(event()).then((response) => {
        status = response.status
      })
      for (let waited = 0; waited < 400; waited += 10) {
        // The body is read on the platform's own time.
        await new Promise(setImmediate)
        await clock.advance(10)
      }
      await new Promise(setImmediate)
      return status
    }
    ports.queue.faults = ['hangs', 'hangs']
    expect(await sendInTime()).toBe(503)
    ports.queue.faults = ['hangs']
    expect(await sendInTime()).toBe(202)
  })
})

describe('an event that no message has room for', () => {
  const large = event({ id: 'large', text: '€'.repeat(50_000) })

  it('travels as a reference to its payload, in its place', async () => {
    const { ports, send } = eventsApp()
    expect(await rejections(await send([event({ id: 'a' }), large, event({ id: 'c' })]))).toEqual([])
    const [first, second, third] = ports.queue.events
    expect([first?.id, second?.id, third?.id]).toEqual(['a', 'large', 'c'])
    const payload = second?.payload ?? {}
    if (!('reference' in payload)) throw new Error('no reference')
    expect(payload.reference.key).toMatch(/^payloads\/\d{4}-\d\d-\d\d\/random-\d+-1\.json$/)
    const bytes = ports.objects.stored.get(payload.reference.key)
    expect(bytes?.length).toBe(payload.reference.bytes)
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(large)
  })

  it('is not accepted when the bucket is down, and the others are', async () => {
    const { ports, send } = eventsApp()
    ports.objects.fails = true
    const response = await send([event({ id: 'a' }), large])
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: [
        {
          index: 1,
          id: 'large',
          error: { code: 'archive_unavailable' },
          dead_letter: null,
          kept: null,
          retryable: true,
        },
      ],
    })
    const alone = await send(large)
    expect(alone.status).toBe(503)
    expect(await alone.json()).toMatchObject({ code: 'archive_unavailable' })
  })

  it('holds up the others no longer than the deadline when the bucket hangs', async () => {
    const { ports, send } = eventsApp({ INGEST_DEADLINE_MILLISECONDS: '1000' })
    ports.objects.hangs = true
    expect(await (await send([event({ id: 'a' }), large])).json()).toMatchObject({
      accepted: 1,
      rejected: [{ id: 'large', error: { code: 'archive_unavailable' }, retryable: true }],
    })
  })
})

describe('predictions for the archive', () => {
  const predict = (app: EventsApp, query = '', headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(
      app.app.request(`/v1/predict${query}`, {
        method: 'POST',
        body: JSON.stringify([event({ id: 'a' }), {}]),
        headers,
      }),
    )
  const sent = async ({ ports }: EventsApp): Promise<void> => {
    while (ports.queue.batches.length === 0) await systemTimers.sleep(5)
  }

  it('go with their features, also when the answer has none', async () => {
    const app = eventsApp({ ARCHIVE_PREDICT_SHARE: '1' })
    const { predictions } = await json<{ predictions: Prediction[] }>(await predict(app, '?features=false'))
    expect(predictions[0]?.features).toBeUndefined()
    await sent(app)
    expect(app.ports.queue.events).toMatchObject([
      {
        id: 'a',
        payload: { event: event({ id: 'a' }) },
        prediction: { ...predictions[0], features: { hour_of_day: 21 } },
      },
    ])
  })

  it('are none by default, none of a version asked for by name, none of a look, and none of who asked not to be followed', async () => {
    const app = eventsApp({ ARCHIVE_PREDICT_SHARE: '1' })
    const none = eventsApp()
    await predict(none)
    await predict(app, '', { 'sec-gpc': '1' })
    await app.app.request('/v1/predict?zip=94107')
    await app.app.request('/v1/models/trees/versions/1.0.0/predict', { method: 'POST', body: JSON.stringify(event()) })
    await predict(app)
    await sent(app)
    expect(none.ports.queue.calls).toBe(0)
    expect(app.ports.queue.calls).toBe(1)
  })

  it('that cannot be stored leave the answer alone and a line in the log', async () => {
    const app = eventsApp({ ARCHIVE_PREDICT_SHARE: '1' })
    app.ports.queue.faults = ['refuses', 'refuses']
    expect((await predict(app)).status).toBe(200)
    while (app.log.length === 0) await systemTimers.sleep(5)
    expect(app.log.join()).toMatch(/archiving predictions failed: .*1 of 1: the queue refuses/)
  })
})
