import { describe, expect, it, vi } from 'vitest'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { parseConfig } from '../../../src/config.ts'
import type { Clock, Instant } from '../../../src/core/clock.ts'
import { createApp } from '../../../src/http/app.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { json } from '../../support/answer.ts'
import { BAD_INPUT, observed } from '../../support/bad-input.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { nodeApp } from '../../support/node-app.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { graphBytes, storedFixture } from '../../support/onnx-files.ts'
import type { MemoryStatistics } from '../../support/statistics.ts'
import { FaultyZipStore, memoryZipStore } from '../../support/zips.ts'

const TIME = 1731880381293
const post = (body: string, cf?: object): Request => {
  const request = new Request('https://nearcast.test/v1/predict', { method: 'POST', body })
  return cf === undefined ? request : Object.assign(request, { cf })
}
const event = (over: object = {}): string => JSON.stringify({ createdDateTime: TIME, zipCode: '94107', ...over })

/** Waits, in real time, for the first flush. */
const sent = async (statistics: MemoryStatistics): Promise<void> => {
  while (statistics.sent.length === 0) await systemTimers.sleep(20)
}

/** Waits, in real time, for something to wait on the manual clock. */
const untilSleeping = async (clock: ManualClock): Promise<void> => {
  while (clock.sleeping === 0) await systemTimers.sleep(1)
}

/** As in production: it does not move while a request only computes. */
const frozenClock: Clock = { epochMilliseconds: () => TIME, now: () => 0 as Instant }

describe('the HTTP surface in plain Node', () => {
  it('predicts as the model’s own fixture says', async () => {
    const { app } = nodeApp('trees')
    const answer = await json<Prediction>(await app.request(post(event({ cart_value: 3 }))))
    expect(answer).toMatchObject({ model_name: 'trees', zip_source: 'event', imputed: [], warnings: [] })
    expect(answer.features).toMatchObject({
      hour_of_day: 21,
      day_of_week: 6,
      day_of_year: 322,
      latitude: 37.7621,
      cart_value: 3,
    })
  })

  it.each(BAD_INPUT.filter(({ body }) => body.length < 100_000))(
    'ends bad input as documented: $name',
    async ({ body, headers = {}, query = '', status, code }) => {
      const { app } = nodeApp('trees')
      const request = new Request(`https://nearcast.test/v1/predict${query}`, {
        method: 'POST',
        body: body as string,
        headers,
      })
      const response = await app.request(request)
      const seen = observed(response.status, await response.json())
      expect({ status: seen.status, code: seen.code }).toEqual({ status, code })
    },
  )

  it('flags a field of the event that is missing, and does not answer NaN', async () => {
    const { app } = nodeApp('trees')
    const answer = await json<Prediction>(await app.request(post(event())))
    expect(answer.imputed).toEqual(['cart_value'])
    expect(answer.features?.cart_value).toBeNull()
  })

  it('uses the zip of the edge only when told to, for US callers, and says so', async () => {
    const request = (): Request =>
      post(JSON.stringify({ createdDateTime: TIME }), { country: 'US', postalCode: '10001' })
    const off = await json<Prediction>(await nodeApp('trees').app.request(request()))
    expect(off).toMatchObject({ zip: null, zip_source: 'none' })
    const { app } = nodeApp('trees', { ZIP_FROM_EDGE: 'true' })
    expect(await json<Prediction>(await app.request(request()))).toMatchObject({
      zip: '10001',
      zip_source: 'edge',
      features: { latitude: 40.7484 },
    })
    const abroad = post(JSON.stringify({ createdDateTime: TIME }), { country: 'DE', postalCode: '10001' })
    expect(await json<Prediction>(await app.request(abroad))).toMatchObject({ zip: null, zip_source: 'none' })
    const foreignZip = post(event({ zipCode: 'K1A 0B1' }), { country: 'US', postalCode: '10001' })
    expect(await json<Prediction>(await app.request(foreignZip))).toMatchObject({ zip: null, zip_source: 'none' })
  })

  it('reads time and zip where the configuration says', async () => {
    const { app } = nodeApp('trees', { TIME_PATH: 'meta.at', TIME_UNIT: 's', ZIP_PATH: 'ship.to' })
    const body = JSON.stringify({ meta: { at: 1731880381 }, ship: { to: '10001' } })
    expect(await json<Prediction>(await app.request(post(body)))).toMatchObject({
      event_time: { epoch_ms: 1731880381000, method: 'stated', uncertainty_ms: null },
      zip: '10001',
    })
  })

  it('names the stages without a duration when the clock stands still, and counts the latency as unknown', async () => {
    const { app, statistics } = nodeApp('trees', { LATENCY_SAMPLE: '1' }, { clock: frozenClock })
    const response = await app.request(post(event()))
    expect(response.headers.get('server-timing')).toBe('parse, zip, features, infer')
    await sent(statistics)
    const version = statistics.counts.versions['trees@1.0.0']
    expect(version?.latency.unknown).toBe(1)
    expect(version?.latency.counts.every((count) => count === 0)).toBe(true)
  })

  it('keeps a row whose output is not finite from failing the others', async () => {
    const { app } = nodeApp('logarithm')
    const record = (cart_value: number): object => ({ createdDateTime: TIME, cart_value })
    const response = await app.request(post(JSON.stringify([record(1), record(-1), record(2)])))
    const { predictions } = await json<{ predictions: object[] }>(response)
    expect(predictions[0]).toHaveProperty('outputs')
    expect(predictions[1]).toMatchObject({ index: 1, error: { code: 'model_failed' } })
    expect(predictions[2]).toHaveProperty('outputs')
  })

  it('answers 500 without the cause when something fails that should not, and logs it under the request id', async () => {
    const { app, log } = nodeApp('trees')
    const broken = nodeApp(
      'trees',
      {},
      {
        randomId: () => {
          throw new Error('the cause')
        },
      },
    )
    expect((await app.request('/v1/predict?zip=94107')).status).toBe(200)
    const response = await broken.app.request('/v1/predict?zip=94107', { headers: { 'x-request-id': 'r-9' } })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('the cause')
    expect(broken.log.join()).toMatch(/r-9.*the cause/)
    expect(log).toEqual([])
  })

  it('takes an event without what the model cannot do without for the caller’s failure, not the model’s', async () => {
    const { app, statistics } = nodeApp('named')
    const response = await app.request(post(JSON.stringify({ createdDateTime: TIME })))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'invalid_feature',
      errors: [{ index: 0, error: { path: expect.any(String) } }],
    })
    await sent(statistics)
    expect(statistics.counts.rejected).toEqual({ invalid_feature: 1 })
    expect(statistics.counts.versions).toEqual({})
  })

  describe('when the model itself cannot answer', () => {
    const brokenSessions = () =>
      new SessionRegistry(
        memoryModels([{ manifest: storedFixture('trees').manifest, model: new ArrayBuffer(3) }]),
        onnxRuntime,
        systemClock,
        systemTimers,
      )
    const quiet = (): object => ({ sessions: brokenSessions() })

    it('answers one event with the failure’s status and counts it against the version', async () => {
      const { app, statistics } = nodeApp('trees', {}, quiet())
      const response = await app.request(post(event()))
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({ code: 'model_unavailable' })
      await sent(statistics)
      expect(statistics.counts.versions['trees@1.0.0']?.errors).toEqual({ model_unavailable: 1 })
      expect(statistics.counts.rejected).toEqual({})
    })

    it('answers a whole batch with that status, and names every event', async () => {
      const { app, statistics } = nodeApp('trees', {}, quiet())
      const response = await app.request(post(`[${event()},${event()}]`))
      expect(response.status).toBe(503)
      expect((await json<{ errors: object[] }>(response)).errors).toHaveLength(2)
      await sent(statistics)
      expect(statistics.counts.versions['trees@1.0.0']?.errors).toEqual({ model_unavailable: 2 })
    })

    it('still tells bad events of a batch from those it could not answer', async () => {
      const { app } = nodeApp('trees', {}, quiet())
      const response = await app.request(post(`[${event()},{}]`))
      expect(response.status).toBe(200)
      const { predictions } = await json<{ predictions: object[] }>(response)
      expect(predictions).toMatchObject([{ error: { code: 'model_unavailable' } }, { error: { code: 'missing_time' } }])
    })
  })

  describe('within its deadline', () => {
    it('answers after 25 ms, flagged, when the zip store hangs', async () => {
      const clock = new ManualClock()
      const store = new FaultyZipStore(memoryZipStore())
      const { app } = nodeApp('trees', {}, { clock, timers: clock, zipStore: store })
      expect(
        (await json<Prediction>(await app.request(post(event({ zipCode: '10001', cart_value: 1 }))))).imputed,
      ).toEqual([])
      store.fault = 'hang'
      let answered = false
      const response = Promise.resolve(app.request(post(event({ cart_value: 1 })))).then((answer) => {
        answered = true
        return answer
      })
      await untilSleeping(clock)
      await clock.advance(24)
      expect(answered).toBe(false)
      await clock.advance(1)
      expect(await json<Prediction>(await response)).toMatchObject({
        imputed: ['latitude', 'longitude'],
        warnings: ['zip_store_timeout', 'zip3_mean'],
      })
    })

    it('says after 100 ms that the model did not come in time', async () => {
      const clock = new ManualClock()
      const models = memoryModels([{ manifest: storedFixture('trees').manifest, model: graphBytes('trees').buffer }])
      const never = { ...models, load: () => new Promise<never>(() => undefined) }
      const sessions = new SessionRegistry(never, onnxRuntime, clock, clock)
      const { app } = nodeApp('trees', { PREDICT_DEADLINE_MILLISECONDS: '100' }, { clock, timers: clock, sessions })
      const response = Promise.resolve(app.request(post(event())))
      await untilSleeping(clock)
      await clock.advance(100)
      expect((await response).status).toBe(504)
      expect(await (await response).json()).toMatchObject({ code: 'deadline_exceeded' })
    })
  })

  it('answers 503 when a variable cannot be used, and names it in the log only', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const app = createApp(() => {
      parseConfig({ MAX_EVENTS: 'many' })
      throw new Error('not reached')
    })
    const response = await app.request('/livez')
    expect(response.status).toBe(503)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.json()).toMatchObject({
      code: 'misconfigured',
      detail: expect.not.stringContaining('MAX_EVENTS'),
    })
    expect(log.mock.calls.join()).toContain('MAX_EVENTS')
    log.mockRestore()
  })

  it('says so when the body ends too soon', async () => {
    const torn = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('connection lost')),
    })
    const request = new Request('https://nearcast.test/v1/predict', { method: 'POST', body: torn, duplex: 'half' })
    const response = await nodeApp('trees').app.request(request)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'incomplete_body' })
  })

  it('does not wait for ever for a body that stalls', async () => {
    const clock = new ManualClock()
    const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
    const request = new Request('https://nearcast.test/v1/predict', { method: 'POST', body: stalled, duplex: 'half' })
    const response = Promise.resolve(nodeApp('trees', {}, { clock, timers: clock }).app.request(request))
    await untilSleeping(clock)
    await clock.advance(10_000)
    expect((await response).status).toBe(408)
  })
})
