import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundledRelease } from '../../../src/core/release/release.ts'
import { createApp } from '../../../src/http/app.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { releaseKey } from '../../../src/protocol/store-keys.ts'
import { createServices } from '../../../src/services.ts'
import type { ReleaseStore } from '../../../src/serving/ports.ts'
import { json } from '../../support/answer.ts'
import { seedZips } from './seed.ts'

/** A decorator around the real KV: injects the fault it is set to. */
class FaultyReleaseStore implements ReleaseStore {
  fault: 'none' | 'hang' | 'error' = 'none'
  reads = 0
  constructor(private readonly inner: ReleaseStore) {}
  read(...call: Parameters<ReleaseStore['read']>): ReturnType<ReleaseStore['read']> {
    this.reads++
    if (this.fault === 'hang') return new Promise(() => undefined)
    return this.fault === 'error' ? Promise.reject(new Error('injected')) : this.inner.read(...call)
  }
}

/** An isolate of its own as far as the releases go, which hears of them from the store alone. */
const isolate = () => {
  const stores: FaultyReleaseStore[] = []
  const services = createServices(env, {
    releaseStore: (real) => {
      stores.push(new FaultyReleaseStore(real))
      return stores[0]
    },
    statistics: (real) => ({ send: () => Promise.resolve([]), read: (...call) => real.read(...call) }),
  })
  const app = createApp(() => services)
  const predict = async (): Promise<Prediction> => {
    const body = JSON.stringify({ createdDateTime: 1731880381293, zipCode: '94107' })
    return json<Prediction>(await app.request('/v1/predict', { method: 'POST', body }, env, createExecutionContext()))
  }
  const release = async () =>
    (await json<{ release: object }>(await app.request('/v1/models/late-arrival', {}, env, createExecutionContext())))
      .release
  return { store: stores[0], predict, release }
}

beforeEach(seedZips)
// Other files are served from the same store.
afterEach(() => env.RELEASES.delete(releaseKey('late-arrival')))

describe('a cold isolate', () => {
  it('answers with what the bundle ships, unflagged, where nothing was ever released', async () => {
    const { predict, release } = isolate()
    expect(await predict()).toMatchObject({
      model_version: '1.0.0',
      warnings: expect.not.arrayContaining(['release_unknown']),
    })
    expect(await release()).toMatchObject({ revision: 0, source: 'bundled' })
  })

  it.each([
    ['fails', 'error'],
    ['hangs', 'hang'],
  ] as const)('answers all the same, flagged, when the copy of the release %s, and asks again', async (_, fault) => {
    const { predict, release, store } = isolate()
    store.fault = fault
    expect(await predict()).toMatchObject({
      model_version: '1.0.0',
      warnings: expect.arrayContaining(['release_unknown']),
    })
    await predict()
    expect(store.reads).toBe(1)
    store.fault = 'none'
    await env.RELEASES.put(
      releaseKey('late-arrival'),
      JSON.stringify({ ...bundledRelease('late-arrival', '1.0.0'), revision: 3 }),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect((await predict()).warnings).not.toContain('release_unknown')
    expect(await release()).toMatchObject({ revision: 3 })
  })

  it.each(['not json', '{"format":9}', JSON.stringify(bundledRelease('another', '1.0.0'))])(
    'takes a copy that holds something else (%s) for one that cannot be read',
    async (garbage) => {
      await env.RELEASES.put(releaseKey('late-arrival'), garbage)
      const { predict } = isolate()
      expect(await predict()).toMatchObject({
        model_version: '1.0.0',
        warnings: expect.arrayContaining(['release_unknown']),
      })
    },
  )

  it('serves the fallback, flagged, when the released version cannot be had', async () => {
    const release = { ...bundledRelease('late-arrival', '7.0.0'), revision: 4, fallback: '1.0.0' }
    await env.RELEASES.put(releaseKey('late-arrival'), JSON.stringify(release))
    expect(await isolate().predict()).toMatchObject({
      model_version: '1.0.0',
      warnings: expect.arrayContaining(['release_fallback']),
    })
  })
})
