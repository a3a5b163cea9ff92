import { describe, expect, it } from 'vitest'
import type { Clock, Instant } from '../../../src/core/clock.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { Releases } from '../../../src/serving/ports.ts'
import { json } from '../../support/answer.ts'
import { BAD_INPUT, observed } from '../../support/bad-input.ts'
import { nodeApp } from '../../support/node-app.ts'

const TIME = 1731880381293
const post = (body: string, cf?: object): Request => {
  const request = new Request('https://nearcast.test/v1/predict', { method: 'POST', body })
  return cf === undefined ? request : Object.assign(request, { cf })
}
const event = (over: object = {}): string => JSON.stringify({ createdDateTime: TIME, zipCode: '94107', ...over })

/** Releases that are known while the app is put together and fail when a prediction asks. */
const failingReleases = (whilePutTogether: number): Releases => {
  let asked = 0
  return {
    current: () => {
      if (asked++ >= whilePutTogether) throw new Error('the cause')
      return { revision: 0, stable: '1.0.0', source: 'bundled' }
    },
  }
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
    expect(answer.features?.['cart_value']).toBeNull()
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
      event_time: { epoch_ms: 1731880381000 },
      zip: '10001',
    })
  })

  it('names the stages without a duration when the clock stands still, and counts the latency as unknown', async () => {
    const { app, statistics } = nodeApp('trees', { LATENCY_SAMPLE: '1' }, { clock: frozenClock })
    const response = await app.request(post(event()))
    expect(response.headers.get('server-timing')).toBe('parse, zip, features, infer')
    while (statistics.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
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
    const broken = nodeApp('trees', {}, { releases: failingReleases(2) })
    expect((await app.request('/v1/predict?zip=94107')).status).toBe(200)
    const response = await broken.app.request('/v1/predict?zip=94107', { headers: { 'x-request-id': 'r-9' } })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('the cause')
    expect(broken.log.join()).toMatch(/r-9.*the cause/)
    expect(log).toEqual([])
  })
})
