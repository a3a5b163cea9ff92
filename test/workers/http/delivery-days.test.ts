/** The synthetic model of the bundle, behind the whole worker: opened when it is asked for, never by default. */
import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../../model/delivery-days/1.0.0/manifest.json'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'
import { json } from '../../support/answer.ts'
import { seedZips } from './seed.ts'

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(new Request(`https://nearcast.test${path}`, init))
const predict = (body: unknown, query = '?model=delivery-days'): Promise<Response> =>
  call(`/v1/predict${query}`, { method: 'POST', body: JSON.stringify(body) })

const EVENT = { createdDateTime: 1731880381293, zipCode: '94107' }

interface Days {
  readonly labels: readonly number[]
  readonly probabilities: readonly number[]
  readonly p50: number
  readonly p90: number
}
const daysOf = ({ outputs }: Prediction): Days => outputs.delivery_days as unknown as Days

beforeAll(seedZips)

describe('delivery-days', () => {
  it('answers a distribution over 0 to 14 days with p50 and p90, from the distance to where it is shipped from', async () => {
    const response = await predict({ ...EVENT, shipFromZip: '10001' })
    expect(response.status).toBe(200)
    const answer = await json<Prediction>(response)
    expect(answer).toMatchObject({ model_name: 'delivery-days', model_version: '1.0.0', imputed: [], warnings: [] })
    expect(answer.features?.distance_km).toBeCloseTo(4_130, -2)
    const { labels, probabilities, p50, p90 } = daysOf(answer)
    expect(labels).toEqual(Array.from({ length: 15 }, (_, day) => day))
    expect(probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4)
    // A Sunday afternoon: out on Monday, then five open days.
    expect([p50, p90]).toEqual([6, 8])
  })

  it('says sooner for what is shipped from nearby', async () => {
    const { predictions } = await json<Batch>(
      await predict([
        { ...EVENT, shipFromZip: '94107' },
        { ...EVENT, shipFromZip: '10001' },
      ]),
    )
    const [near, far] = predictions.map((prediction) => daysOf(prediction as Prediction))
    expect(near?.p50).toBeLessThan(far?.p50 ?? 0)
  })

  it.each([
    ['no shipFromZip', EVENT, ['distance_km']],
    ['one that is no zip', { ...EVENT, shipFromZip: 'the moon' }, ['distance_km']],
    ['one that no zip is like', { ...EVENT, shipFromZip: '00000' }, ['distance_km']],
    [
      'no zip to go to',
      { createdDateTime: EVENT.createdDateTime, shipFromZip: '10001' },
      ['local_day_of_year', 'local_day_of_week', 'local_minute_of_day', 'distance_km'],
    ],
  ])('flags what it does not know and answers all the same: %s', async (_, event, imputed) => {
    const answer = await json<Prediction>(await predict(event))
    expect(answer.imputed).toEqual(imputed)
    expect(answer.features?.distance_km).toBeNull()
    const { p50, p90 } = daysOf(answer)
    expect(p50).toBeGreaterThanOrEqual(3)
    expect(p90).toBeGreaterThan(p50)
  })

  it('is never asked by default', async () => {
    expect(await json<Prediction>(await predict(EVENT, ''))).toMatchObject({ model_name: 'late-arrival' })
    const byGet = await call('/v1/predict?zip=94107')
    expect(await json<Prediction>(byGet)).toMatchObject({ model_name: 'late-arrival' })
  })

  it('is listed as synthetic, behind what has real evidence', async () => {
    const { models } = await json<{ models: { name: string; manifest: { evidence: string } }[] }>(
      await call('/v1/models'),
    )
    // Behind the bundled ones stand those that other tests have published.
    expect(models.slice(0, 2).map(({ name, manifest: { evidence } }) => [name, evidence])).toEqual([
      ['late-arrival', 'real'],
      ['delivery-days', 'synthetic'],
    ])
  })

  it('gives its golden rows by the Open Inference Protocol', async () => {
    type Field = keyof (typeof manifest.golden)[0]['inputs']
    const fields = manifest.feature_view.fields.map(({ name }) => name as Field)
    const known = manifest.golden.filter(({ inputs }) => Object.values(inputs).every((value) => value !== null))
    expect(known.length).toBe(8)
    const data = known.map(({ inputs }) => fields.map((field) => inputs[field]))
    const response = await call('/v2/models/delivery-days/infer', {
      method: 'POST',
      body: JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [data.length, 4], data }] }),
    })
    expect(response.status).toBe(200)
    const { outputs } = await json<{ outputs: { name: string; shape: number[]; data: number[] }[] }>(response)
    expect(outputs[0]).toMatchObject({ name: 'delivery_days', shape: [8, 15] })
    const expected = known.flatMap(({ outputs: golden }) => golden.delivery_days)
    expect(Math.max(...expected.map((share, at) => Math.abs(share - (outputs[0]?.data[at] ?? 2))))).toBeLessThan(1e-5)
  })
})
