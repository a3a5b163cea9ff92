import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { zipPackKey } from '../../../src/protocol/store-keys.ts'
import { createServices } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { FaultyZipStore } from '../../support/zips.ts'
import { seedZips } from './seed.ts'

const ZIP_FIELDS = ['latitude', 'longitude']

/** An isolate of its own as far as the zips go, with a store around the real KV whose fault the test chooses. */
const isolate = () => {
  let store: FaultyZipStore | undefined
  const services = createServices(env, {
    zipStore: (real) => {
      store = new FaultyZipStore(real)
      return store
    },
  })
  const app = createApp(() => services)
  const predict = async (zip: string) => {
    const context = createExecutionContext()
    const started = performance.now()
    const response = await app.request(
      '/v1/predict',
      { method: 'POST', body: JSON.stringify({ createdDateTime: 1731880381293, zipCode: zip }) },
      env,
      context,
    )
    const elapsed = performance.now() - started
    return {
      response,
      elapsed,
      answer: await json<Prediction>(response),
      settled: () => waitOnExecutionContext(context),
    }
  }
  if (store === undefined) throw new Error('the store was not decorated')
  return { store, predict }
}

const flagged = ({ imputed }: Prediction): boolean => ZIP_FIELDS.every((field) => imputed.includes(field))

beforeEach(seedZips)

describe('a prediction whose zip store', () => {
  it.each([
    ['fails', 'error', 'zip_store_error'],
    ['hangs', 'hang', 'zip_store_timeout'],
  ] as const)('%s still comes, flagged; without the fault it is not flagged', async (_, fault, warning) => {
    const { store, predict } = isolate()
    expect((await predict('10001')).answer.imputed).toEqual([])
    store.fault = fault
    const { response, answer, elapsed } = await predict('94107')
    expect(response.status).toBe(200)
    expect(flagged(answer)).toBe(true)
    expect(answer.warnings).toEqual(expect.arrayContaining([warning, 'zip3_mean']))
    expect(answer.outputs.late_probability).toBeGreaterThan(0)
    // No figure, only that nothing waited for the store for ever: the deadline itself is tested on an injected clock.
    expect(elapsed).toBeLessThan(10_000)
  })

  it.each(['not json', '{"format":99}', '[]', '{"format":1,"data":"x","columns":["a"],"zips":{}}'])(
    'holds garbage (%s) still comes, flagged',
    async (garbage) => {
      const healthy = isolate()
      expect((await healthy.predict('10001')).answer.imputed).toEqual([])
      await env.ZIP_FEATURES.put(zipPackKey('941'), garbage)
      const { response, answer } = await isolate().predict('94107')
      expect(response.status).toBe(200)
      expect(flagged(answer)).toBe(true)
      expect(answer.warnings).toEqual(expect.arrayContaining(['zip_store_corrupt', 'zip3_mean']))
    },
  )

  it('holds nothing still comes, flagged, and says that it was not seeded', async () => {
    await env.ZIP_FEATURES.delete(zipPackKey('941'))
    const { answer } = await isolate().predict('94107')
    expect(answer.warnings).toEqual(expect.arrayContaining(['zip_store_unseeded', 'zip3_mean']))
  })

  it('hung once is asked again: the same zip is answered unflagged within two seconds by the same isolate', async () => {
    const { store, predict } = isolate()
    store.fault = 'hang'
    expect(flagged((await predict('94107')).answer)).toBe(true)
    store.fault = 'none'
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect((await predict('94107')).answer.imputed).toEqual([])
  })

  it('is slow is read once for two requests, and neither waits for the end of the other', async () => {
    const { store, predict } = isolate()
    const [a, b] = await Promise.all([predict('94107'), predict('94107')])
    expect(store.reads).toBe(1)
    expect([a.answer.imputed, b.answer.imputed]).toEqual([[], []])
    await Promise.all([a.settled(), b.settled()])
  })
})
