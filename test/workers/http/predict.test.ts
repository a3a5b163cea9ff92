import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'
import golden from '../../fixtures/golden-sessions.json' with { type: 'json' }
import { json } from '../../support/answer.ts'
import { BAD_INPUT, observed } from '../../support/bad-input.ts'
import { seedZips } from './seed.ts'

const TIME = 1731880381293
const post = (body: BodyInit, init: RequestInit & { query?: string } = {}): Promise<Response> =>
  exports.default.fetch(
    new Request(`https://nearcast.test/v1/predict${init.query ?? ''}`, { method: 'POST', body, ...init }),
  )
const event = (over: object = {}): string => JSON.stringify({ createdDateTime: TIME, zipCode: '94107', ...over })

beforeAll(seedZips)

describe('POST /v1/predict', () => {
  it('answers one event in the shape of the contract, with the zip’s own features and no flag', async () => {
    const response = await post(event({ session_id: 's-1' }))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    const answer = await json<Prediction>(response)
    expect(answer).toMatchObject({
      model_name: 'late-arrival',
      model_version: '1.0.0',
      event_time: { epoch_ms: TIME, method: 'stated', uncertainty_ms: null },
      zip: '94107',
      zip_source: 'event',
      zip_data: '2026-11',
      imputed: [],
    })
    expect(answer.features).toMatchObject({
      hour_of_day: 21,
      day_of_week: 6,
      day_of_year: 322,
      latitude: 37.7621,
      longitude: -122.3971,
    })
    expect(answer.outputs.late_probability).toBeGreaterThan(0)
    expect(answer.outputs.late_probability).toBeLessThan(1)
    expect(answer.warnings.filter((warning) => warning !== 'outside_training_range')).toEqual([])
  })

  it('answers the nine golden records in order, 322 / 6 / 21 each, with their ids', async () => {
    const response = await post(JSON.stringify(golden))
    expect(response.status).toBe(200)
    const { predictions } = await json<{ predictions: Prediction[] }>(response)
    expect(predictions.map(({ id }) => id)).toEqual(golden.map(({ _id }) => _id))
    for (const { features } of predictions)
      expect(features).toMatchObject({ day_of_year: 322, day_of_week: 6, hour_of_day: 21 })
  })

  it('gives the same content the same id, and leaves the features out on request', async () => {
    const [first, second] = await Promise.all([post(event()), post(event(), { query: '?features=false' })])
    const [a, b] = [await json<Prediction>(first), await json<Prediction>(second)]
    expect(a.id).toBe(b.id)
    expect(b.features).toBeUndefined()
    expect(b.outputs).toEqual(a.outputs)
  })

  it.each([
    ['an array', `[${event()}]`, {}, ''],
    ['{"events":[…]}', `{"events":[${event()}]}`, {}, ''],
    ['two lines', `${event()}\n${event()}\n`, {}, ''],
    ['one line of NDJSON', event(), { 'content-type': 'application/x-ndjson' }, ''],
    ['one event with ?batch=true', event(), {}, '?batch=true'],
  ])('answers a batch to %s', async (_, body, headers, query) => {
    const { predictions } = await json<Batch>(await post(body, { headers, query }))
    expect(predictions.length).toBeGreaterThan(0)
    for (const prediction of predictions) expect(prediction).toHaveProperty('outputs')
  })

  it.each([undefined, 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/json'])(
    'reads JSON whatever the content type says: %s',
    async (type) => {
      const response = await post(
        new TextEncoder().encode(event()),
        type === undefined ? {} : { headers: { 'content-type': type } },
      )
      expect(response.status).toBe(200)
    },
  )

  it('never lets one bad event fail its neighbours', async () => {
    const { predictions } = await json<Batch>(await post(`[${event()},{"_id":"x","zip":"1"},${event()}]`))
    expect(predictions).toHaveLength(3)
    expect(predictions[0]).toHaveProperty('outputs')
    expect(predictions[1]).toMatchObject({ index: 1, id: 'x', error: { code: 'missing_time' } })
    expect(predictions[2]).toHaveProperty('outputs')
  })

  it('answers a batch of nothing but bad events with 200', async () => {
    const response = await post('[{},{}]')
    expect(response.status).toBe(200)
    expect((await json<Batch>(response)).predictions).toHaveLength(2)
  })

  it('answers 1,000 events with 1,000 results, in order', async () => {
    const events = Array.from({ length: 1_000 }, (_, index) => ({
      _id: `e${index}`,
      _source: { createdDateTime: TIME + index, zipCode: '94107' },
    }))
    const { predictions } = await json<{ predictions: Prediction[] }>(await post(JSON.stringify(events)))
    expect(predictions.map(({ id }) => id)).toEqual(events.map(({ _id }) => _id))
    expect(predictions.every(({ outputs }) => Number.isFinite(outputs.late_probability))).toBe(true)
  })

  it('echoes request id and traceparent, and names the stages', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const response = await post(event(), { headers: { 'x-request-id': 'r-1', traceparent } })
    expect(response.headers.get('x-request-id')).toBe('r-1')
    expect(response.headers.get('traceparent')).toBe(traceparent)
    expect(response.headers.get('server-timing')).toMatch(
      /^parse(;dur=[\d.]+)?, zip(;dur=[\d.]+)?, features(;dur=[\d.]+)?, infer(;dur=[\d.]+)?$/,
    )
    const odd = await post(event(), { headers: { 'x-request-id': 'with blanks in it', traceparent: 'zero' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(odd.headers.get('traceparent')).toBeNull()
  })

  describe('with bad input', () => {
    it.each(BAD_INPUT)('$name: $status $code', async ({ body, headers = {}, query = '', status, code, says }) => {
      const response = await post(body as BodyInit, { headers, query })
      const seen = observed(response.status, await response.json())
      expect({ status: seen.status, code: seen.code }).toEqual({ status, code })
      if (says !== undefined) expect(seen.message).toMatch(says)
      const next = await post(event())
      expect(next.status).toBe(200)
    })

    it('answers problem details with the error in item form', async () => {
      const response = await post('{"_id":"x","createdDateTime":"x"}')
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json()).toMatchObject({
        status: 422,
        code: 'invalid_time',
        errors: [{ index: 0, id: 'x', error: { code: 'invalid_time', path: 'createdDateTime' } }],
      })
    })
  })
})

describe('GET /v1/predict', () => {
  it('scores an event that happens now at this zip', async () => {
    const before = Date.now()
    const answer = await json<Prediction>(await exports.default.fetch('https://nearcast.test/v1/predict?zip=94107'))
    expect(answer).toMatchObject({ zip: '94107', imputed: [], event_time: { method: 'received', uncertainty_ms: 0 } })
    expect(answer.event_time.epoch_ms).toBeGreaterThanOrEqual(before)
    expect(answer.event_time.epoch_ms).toBeLessThanOrEqual(Date.now())
  })

  it('takes unknown, malformed and missing zips for the normal cases they are', async () => {
    const ask = async (query: string): Promise<Prediction> =>
      json<Prediction>(await exports.default.fetch(`https://nearcast.test/v1/predict${query}`))
    expect(await ask('?zip=94199')).toMatchObject({
      zip: '94199',
      zip_source: 'event',
      warnings: expect.arrayContaining(['zip_unknown', 'zip3_mean']),
    })
    expect(await ask('?zip=K1A0B1')).toMatchObject({
      zip: null,
      zip_source: 'none',
      warnings: expect.arrayContaining(['zip_malformed', 'national_mean']),
    })
    expect(await ask('')).toMatchObject({
      zip: null,
      zip_source: 'none',
      warnings: expect.arrayContaining(['zip_missing', 'national_mean']),
    })
  })
})
