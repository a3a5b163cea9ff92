import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { EventMessage, QueuedEvent } from '../../../src/protocol/event-message.ts'
import { PortCalls } from '../../../src/serving/consumer/port-calls.ts'
import { type QueuedOutcome, QueuedPredictor } from '../../../src/serving/consumer/predict-queued.ts'
import { workOf } from '../../../src/serving/consumer/queued-work.ts'
import type { PredictOutcome, PredictRequest } from '../../../src/serving/predict.ts'
import { MemoryObjects } from '../../support/event-ports.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const TIME = 1731880381293
const event = (id: string, over: Partial<QueuedEvent> = {}): QueuedEvent => ({
  id,
  hasIdentity: true,
  receivedAt: TIME + 10,
  sentAt: null,
  payload: { event: { createdDateTime: TIME, zipCode: '94107' } },
  letter: null,
  prediction: null,
  ...over,
})
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const message = (events: readonly QueuedEvent[], isBot = false): EventMessage => ({
  format: 1,
  id: 'm-1',
  receivedAt: TIME + 10,
  model: 'late-arrival',
  edgeZip: '10001',
  isBot,
  isOptedOut: false,
  traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  events,
})
const answer = (id: string): Prediction => ({
  id,
  model_name: 'late-arrival',
  model_version: '1.0.0',
  outputs: { late_probability: 0.5 },
  event_time: { epoch_ms: TIME, method: 'stated', uncertainty_ms: null },
  zip: '94107',
  zip_source: 'event',
  zip_data: '2026-11',
  imputed: [],
  warnings: [],
})

const queued = (predict: (request: PredictRequest) => PredictOutcome[]) => {
  const clock = new ManualClock(TIME)
  const objects = new MemoryObjects()
  const requests: PredictRequest[] = []
  const never = {
    offsetMilliseconds: 300_000,
    farPastMilliseconds: 1e15,
    farFutureMilliseconds: 1e15,
    far: 'flag',
  } as const
  const predictor = new QueuedPredictor({
    predictor: {
      predict: async (request) => {
        requests.push(request)
        return predict(request)
      },
    },
    objects,
    rules: { now: () => TIME, clock: never },
    clock,
    calls: new PortCalls(clock, clock),
  })
  const run = async (events: readonly QueuedEvent[], attempts = 1, isBot = false) => {
    const work = workOf(message(events, isBot), attempts, false, false)
    const outcomes: QueuedOutcome[] = []
    const parts: number[] = []
    const observations = { prediction: () => undefined, failure: () => undefined, zipLookup: () => undefined }
    const deadline = { remainingMilliseconds: () => 1_000 }
    await predictor.each(
      work,
      work.events,
      observations,
      deadline,
      () => undefined,
      async (some, of) => {
        parts.push(some.length)
        outcomes.push(...of)
      },
    )
    return { outcomes, parts }
  }
  return { run, requests, objects }
}
const answering = (request: PredictRequest): PredictOutcome[] =>
  request.items.map(({ id }) => ({ prediction: answer(id ?? '') }))

describe('queued events', () => {
  it('are predicted as of their receipt, under the ids they were accepted with', async () => {
    const { run, requests } = queued(answering)
    await run([event('a'), event('b', { sentAt: TIME + 2, receivedAt: TIME + 9 })])
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      model: 'late-arrival',
      caller: { edgeZip: '10001', isBot: false, isOptedOut: false },
      withFeatures: true,
    })
    expect(requests[0].items).toMatchObject([
      { id: 'a', receivedAt: TIME + 10 },
      { id: 'b', receivedAt: TIME + 9, sentAt: TIME + 2 },
    ])
    expect(requests[0].items[0]).not.toHaveProperty('sentAt')
  })

  it('are archived with the trace they came in', async () => {
    const { run } = queued(answering)
    const { outcomes } = await run([event('a')])
    expect(outcomes).toEqual([{ line: expect.stringContaining(`"trace_id":"${TRACE}"`) }])
  })

  it('are compared at their first delivery only', async () => {
    const { run, requests } = queued(answering)
    for (const attempts of [1, 2, 7]) await run([event('a')], attempts)
    expect(requests.map(({ isCompared }) => isCompared)).toEqual([true, false, false])
  })

  it('with a payload elsewhere come a part at a time, so that memory is bounded', async () => {
    const { run, objects } = queued(answering)
    const text = new TextEncoder().encode('{"createdDateTime":"2024-11-17T21:53:01.293Z"}')
    await objects.put('payloads/x.json', text)
    const large = (id: string) => event(id, { payload: { reference: { key: 'payloads/x.json', bytes: 1_500_000 } } })
    const { outcomes, parts } = await run([event('a'), ...['b', 'c', 'd', 'e', 'f'].map(large), event('g')])
    expect(parts).toEqual([3, 2, 2])
    expect(outcomes.every((outcome) => 'line' in outcome)).toBe(true)
  })

  it('fail each for itself: a payload that is gone, one that cannot be had, a version that failed', async () => {
    const { run, objects } = queued((request) =>
      request.items.map(({ id }) =>
        id === 'bad'
          ? { failure: new Failure('model_failed', 'not a number'), id, version: '1.0.0' }
          : { prediction: answer(id ?? '') },
      ),
    )
    const at = (key: string) => ({ payload: { reference: { key, bytes: 9 } } })
    await objects.put('broken', new TextEncoder().encode('{'))
    const { outcomes } = await run([
      event('gone', at('nothing')),
      event('bad'),
      event('good'),
      event('torn', at('broken')),
    ])
    expect(outcomes).toMatchObject([
      { failure: { code: 'unknown_object' }, version: null },
      { failure: { code: 'model_failed' }, version: '1.0.0' },
      { line: expect.stringContaining('"_id":"good"') },
      { failure: { code: 'invalid_json' }, version: null },
    ])
  })

  it('all fail, to be tried again, when predicting breaks in a way that nobody expected', async () => {
    const { run } = queued(() => {
      throw new TypeError('a bug')
    })
    const { outcomes } = await run([event('a'), event('b', { prediction: answer('b') })])
    expect(outcomes).toMatchObject([
      { failure: { code: 'internal', message: 'unexpected: TypeError: a bug' } },
      { line: expect.stringContaining('"_id":"b"') },
    ])
  })
})
