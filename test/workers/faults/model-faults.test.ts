/** Sessions of the real ONNX Runtime that fail, and versions in the real R2 that are not what they should be. */
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { r2ModelRepository } from '../../../src/adapters/r2-model-repository.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { bundledRelease } from '../../../src/core/release/release.ts'
import { createApp } from '../../../src/http/app.ts'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'
import { releaseKey, versionFileKey } from '../../../src/protocol/store-keys.ts'
import { createServices } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { FaultyRuntime } from '../../support/faulty-runtime.ts'
import { seedZips } from '../http/seed.ts'
import { filesOf, newName } from '../release/versions.ts'

const EVENT = { createdDateTime: 1731880381293, zipCode: '94107' }
/** By the bundled model's reference profile. */
const MEAN = 0.20651710948104218

/** Sessions of its own over the real runtime; the shared machine may take longer than a deployment's deadline. */
const isolate = (variables: object = {}) => {
  const runtimes: FaultyRuntime[] = []
  const own = { ...env, PREDICT_DEADLINE_MILLISECONDS: '30000', ...variables } as Env
  const services = createServices(own, {
    runtime: (real) => {
      runtimes.push(new FaultyRuntime(real))
      return runtimes[0]
    },
  })
  const app = createApp(() => services)
  const ask = async (body: object, query = ''): Promise<Response> => {
    const init = { method: 'POST', body: JSON.stringify(body) }
    return app.request(`/v1/predict${query}`, init, own, createExecutionContext())
  }
  const predict = async (query = ''): Promise<Prediction> => json<Prediction>(await ask(EVENT, query))
  /** The first answer that nothing stood in for: what is rebuilt meanwhile comes in its own time. */
  const answersAgain = async (): Promise<Prediction> => {
    for (let tries = 0; tries < 500; tries++) {
      const answer = await predict()
      if (answer.warnings.length === 0) return answer
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('it never answers again')
  }
  const get = (path: string): Promise<Response> => Promise.resolve(app.request(path, {}, own, createExecutionContext()))
  return { answersAgain, ask, faulty: runtimes[0], get, predict }
}

beforeEach(seedZips)

describe('a session of the real runtime', () => {
  it('that throws once is run again', async () => {
    const { faulty, predict } = isolate()
    const { outputs } = await predict()
    faulty.failingRuns = 1
    const again = await predict()
    expect(again.outputs).toEqual(outputs)
    expect(again.warnings).toEqual([])
  })

  it('that broke is stood in for by the mean, flagged, and rebuilt: then it answers as before', async () => {
    const { answersAgain, faulty, predict } = isolate()
    const { outputs } = await predict()
    faulty.breakSessions()
    expect(await predict()).toMatchObject({
      model_version: '1.0.0',
      outputs: { late_probability: MEAN },
      warnings: ['reference_mean'],
    })
    expect((await answersAgain()).outputs).toEqual(outputs)
    expect(faulty.opens).toBe(2)
  })

  it('that always throws never gives a wrong number, and is not rebuilt for each event', async () => {
    const { faulty, predict } = isolate()
    await predict()
    faulty.breakSessions()
    faulty.breaksAfterOpening = () => true
    for (let event = 0; event < 20; event++) {
      expect((await predict()).outputs).toEqual({ late_probability: MEAN })
    }
    expect(faulty.opens).toBeLessThan(10)
  })

  it('that throws on one row fails that event of a batch and none of its neighbours', async () => {
    const { ask, faulty, predict } = isolate()
    await predict()
    // 21 UTC; the others are an hour later.
    faulty.poison = 21
    const later = { ...EVENT, createdDateTime: EVENT.createdDateTime + 3_600_000 }
    const { predictions } = await json<Batch>(await ask([later, later, EVENT, later]))
    expect(predictions.map((one) => 'outputs' in one)).toEqual([true, true, false, true])
    expect(predictions[2]).toMatchObject({ error: { code: 'model_failed' } })
    expect(faulty.opens).toBe(1)
  })

  it('that gives NaN fails the event', async () => {
    const { ask, faulty, predict } = isolate()
    await predict()
    faulty.isNaNNow = true
    const response = await ask(EVENT)
    expect([response.status, (await json<{ code: string }>(response)).code]).toEqual([500, 'model_failed'])
  })

  it('that cannot be started is stood in for by the mean, and the isolate is not ready', async () => {
    const { faulty, get, predict } = isolate()
    faulty.startFails = true
    expect(await predict()).toMatchObject({ outputs: { late_probability: MEAN }, warnings: ['reference_mean'] })
    expect((await get('/readyz')).status).toBe(503)
    const refused = isolate({ MODEL_FALLBACK: 'refuse' })
    refused.faulty.startFails = true
    const response = await refused.ask(EVENT)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  })

  it('is not opened where inference is switched off', async () => {
    const { faulty, get, predict } = isolate({ MODE: 'fallback' })
    expect(await predict()).toMatchObject({
      outputs: { late_probability: MEAN },
      warnings: ['inference_off', 'reference_mean'],
    })
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, reasons: [], mode: 'fallback' })
    expect(faulty.opens).toBe(0)
  })
})

describe('a published version', () => {
  /** Its files in R2 and its release in KV, as a cold isolate finds them. */
  const published = async (fallback: string | null = null): Promise<string> => {
    const name = newName()
    const soon = deadlineIn(systemClock, 10_000)
    for (const version of ['1.0.0', ...(fallback === null ? [] : [fallback])]) {
      await r2ModelRepository(env.MODELS, systemTimers).write(name, version, filesOf(name, version), soon)
    }
    const release = { ...bundledRelease(name, '1.0.0'), revision: 2, fallback }
    await env.RELEASES.put(releaseKey(name), JSON.stringify(release))
    return name
  }

  it.each([
    ['graph is other bytes', 'model', 'no graph'],
    ['manifest is no JSON', 'manifest', '{"name"'],
    ['manifest is none', 'manifest', '{}'],
  ] as const)('whose %s is answered by the fallback, flagged', async (_, file, bytes) => {
    const name = await published('0.9.0')
    await env.MODELS.put(versionFileKey(name, '1.0.0', file), bytes)
    expect(await isolate().predict(`?model=${name}`)).toMatchObject({
      model_version: '0.9.0',
      warnings: expect.arrayContaining(['release_fallback']),
    })
  })

  it('whose graph is other bytes is answered by the mean of its profile where there is no fallback', async () => {
    const name = await published()
    const healthy = isolate()
    const { outputs } = await healthy.predict(`?model=${name}`)
    await env.MODELS.put(versionFileKey(name, '1.0.0', 'model'), 'no graph')
    const answer = await isolate().predict(`?model=${name}`)
    expect(answer).toMatchObject({
      model_version: '1.0.0',
      warnings: expect.arrayContaining(['reference_mean']),
    })
    expect(Object.keys(answer.outputs)).toEqual(Object.keys(outputs))
    // What is in memory goes on.
    expect((await healthy.predict(`?model=${name}`)).outputs).toEqual(outputs)
  })

  it.each([
    ['is missing', null],
    ['is garbage', '{'],
    ['is of another version', JSON.stringify({ format: 1, model: 'x', version: '1', fields: [], outputs: [] })],
  ])('that cannot be loaded is a 503 where its profile %s', async (_, profile) => {
    const name = await published()
    await env.MODELS.put(versionFileKey(name, '1.0.0', 'model'), 'no graph')
    const key = versionFileKey(name, '1.0.0', 'reference')
    if (profile === null) await env.MODELS.delete(key)
    else await env.MODELS.put(key, profile)
    const response = await isolate().ask(EVENT, `?model=${name}`)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  })
})
