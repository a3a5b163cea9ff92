import { describe, expect, it } from 'vitest'
import { armOf } from '../../../src/core/release/assign.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { json } from '../../support/answer.ts'
import {
  canaryOf,
  eventOf,
  MemoryReleaseStore,
  releaseIsolate,
  releaseOf,
  unitsOf,
} from '../../support/release-isolate.ts'

const WRITE = { authorization: 'Bearer the-write-token-of-the-tests' }
const versionsOf = (predictions: readonly object[]): string[] =>
  predictions.map((prediction) => ('model_version' in prediction ? String(prediction.model_version) : 'none'))

describe('a prediction while a canary is live', () => {
  it('is answered by the version of its unit, batches in order, whatever versions they need', async () => {
    const { hear, predictAll } = releaseIsolate()
    const release = releaseOf(1, { canary: canaryOf('1.1.0', 0.3) })
    await hear(release)
    const units = unitsOf(200)
    const wanted = units.map((unit) => (armOf(release, unit, 0) === 'canary' ? '1.1.0' : '1.0.0'))
    expect(new Set(wanted).size).toBe(2)
    const answers = await predictAll(units)
    expect(versionsOf(answers)).toEqual(wanted)
    expect(versionsOf(await predictAll(units))).toEqual(wanted)
  })

  it('stays with the canary when the share is raised', async () => {
    const { hear, predictAll } = releaseIsolate()
    const units = unitsOf(300)
    await hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.1) }))
    const before = versionsOf(await predictAll(units))
    await hear(releaseOf(2, { canary: canaryOf('1.1.0', 0.4) }))
    const after = versionsOf(await predictAll(units))
    expect(before.filter((version, unit) => version === '1.1.0' && after[unit] !== '1.1.0')).toEqual([])
    expect(after.filter((version) => version === '1.1.0').length).toBeGreaterThan(60)
  })

  it('goes to stable once the knowledge of it is ten seconds old, or came from the store', async () => {
    const { clock, hear, memory, predictAll } = releaseIsolate()
    await hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.5) }))
    memory.news = []
    const units = unitsOf(50)
    await clock.advance(8_000)
    expect(versionsOf(await predictAll(units))).toContain('1.1.0')
    await clock.advance(2_000)
    expect(versionsOf(await predictAll(units))).not.toContain('1.1.0')

    const store = new MemoryReleaseStore()
    store.release = releaseOf(1, { canary: canaryOf('1.1.0', 0.5) })
    const cold = releaseIsolate({ store })
    await cold.sessions.preload('adder', '1.0.0')
    await cold.predict()
    await cold.clock.advance(100)
    await cold.inMemory(['1.1.0'])
    expect(cold.sessions.has('adder', '1.1.0')).toBe(true)
    expect(versionsOf(await cold.predictAll(units))).not.toContain('1.1.0')
  })

  it('goes to stable, unflagged, when the canary cannot be loaded, and the statistics say so', async () => {
    const { clock, hear, memory, predictAll, runtime } = releaseIsolate()
    runtime.broken.add('1.1.0')
    await hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.5) }))
    const answers = (await predictAll(unitsOf(50))) as Prediction[]
    expect(new Set(versionsOf(answers))).toEqual(new Set(['1.0.0']))
    expect(answers.flatMap(({ warnings }) => warnings)).not.toContain('release_fallback')
    await clock.advance(2_000)
    expect(memory.counts.load_failures['adder@1.1.0']).toBeGreaterThan(0)
    expect(memory.counts.versions['adder@1.0.0']?.errors).toEqual({})
    expect(memory.counts.versions['adder@1.1.0']).toBeUndefined()
  })

  it('is tried again, ever more seldom, and served once it loads', async () => {
    const { clock, hear, inMemory, predict, predictAll, published, runtime } = releaseIsolate()
    runtime.broken.add('1.1.0')
    await hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.5) }))
    for (let second = 0; second < 60; second++) {
      await predict()
      await clock.advance(1_000)
    }
    expect(published.loads.length).toBeLessThanOrEqual(7)
    runtime.broken.clear()
    for (let second = 0; second < 64; second++) {
      await predict()
      await clock.advance(1_000)
    }
    await inMemory(['1.1.0'])
    expect(versionsOf(await predictAll(unitsOf(50)))).toContain('1.1.0')
  })
})

describe('a released version', () => {
  it('is loaded as soon as the isolate hears of it, before the first request is sent to it', async () => {
    const { hear, predict, published, sessions } = releaseIsolate()
    await hear(releaseOf(1, { stable: '1.1.0', fallback: '1.0.0' }))
    expect(sessions.has('adder', '1.1.0')).toBe(true)
    expect(published.loads).toEqual(['1.1.0'])
    expect(await predict()).toMatchObject({
      model_version: '1.1.0',
      warnings: expect.not.arrayContaining(['release_fallback']),
    })
  })

  it('that cannot be had is stood in for by the fallback, flagged and counted against no arm', async () => {
    const { clock, hear, memory, predict, published } = releaseIsolate()
    published.isDown = true
    await hear(releaseOf(2, { stable: '2.0.0', fallback: '1.0.0' }))
    const answer = await predict()
    expect(answer).toMatchObject({ model_version: '1.0.0', warnings: expect.arrayContaining(['release_fallback']) })
    await clock.advance(2_000)
    expect(memory.counts.versions['adder@2.0.0']).toBeUndefined()
    expect(memory.counts.versions['adder@1.0.0']?.degraded.release_fallback).toBe(1)
    expect(memory.counts.load_failures['adder@2.0.0']).toBeGreaterThan(0)
  })

  it('that is only late is waited for within the deadline', async () => {
    const { clock, hear, predict, published } = releaseIsolate()
    const load = published.load.bind(published)
    published.load = async (version) => {
      await clock.sleep(40)
      return load(version)
    }
    await hear(releaseOf(2, { stable: '2.0.0', fallback: '1.0.0' }))
    const answer = predict()
    await clock.advance(45)
    expect((await answer).model_version).toBe('2.0.0')
  })

  it('is never stood in for by one that was rolled back', async () => {
    const { hear, ask, published } = releaseIsolate()
    published.isDown = true
    await hear(releaseOf(3, { stable: '2.0.0', rolledBack: ['1.0.0'] }))
    expect((await ask(eventOf('s-1'))).status).toBe(503)
  })

  it('is let go of when no release names it any more, and kept as the fallback', async () => {
    const { clock, hear, runtime, sessions } = releaseIsolate()
    await hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.5) }))
    await hear(releaseOf(2, { stable: '1.1.0', fallback: '1.0.0' }))
    expect(sessions.inMemory('adder')).toEqual(['1.0.0', '1.1.0'])
    await hear(releaseOf(3, { stable: '2.0.0', fallback: '1.1.0' }))
    await clock.advance(0)
    expect([...sessions.inMemory('adder')].sort()).toEqual(['1.1.0', '2.0.0'])
    expect(runtime.opened - runtime.released).toBe(2)
  })

  it('keeps memory bounded over 500 publish, canary, promote and switch cycles, and fails no request', async () => {
    const versions = Array.from({ length: 500 }, (_, number) => `2.${number}.0`)
    const { hear, predict, runtime, sessions } = releaseIsolate({ published: versions })
    let most = 0
    let revision = 0
    let stable = '1.0.0'
    for (const version of versions) {
      await hear(releaseOf(++revision, { stable, canary: canaryOf(version, 0.5) }))
      await hear(releaseOf(++revision, { stable: version, fallback: stable }))
      stable = version
      expect((await predict()).model_version).toBe(version)
      most = Math.max(most, runtime.opened - runtime.released)
    }
    // A version that is released anew while it is being retired is opened twice; how often depends on how fast digests are made.
    expect(runtime.opened).toBeGreaterThanOrEqual(501)
    expect(runtime.opened - runtime.released).toBe(2)
    expect(most).toBeLessThanOrEqual(3)
    expect(sessions.inMemory('adder')).toHaveLength(2)
  })

  it('answers on while its release cannot be read, and says so', async () => {
    const store = new MemoryReleaseStore()
    store.fault = 'fails'
    const { predict } = releaseIsolate({ store })
    expect(await predict()).toMatchObject({
      model_version: '1.0.0',
      warnings: expect.arrayContaining(['release_unknown']),
    })
  })
})

describe('POST /v1/models/{model}/versions/{version}/predict', () => {
  const path = (version: string, model = 'adder'): string => `/v1/models/${model}/versions/${version}/predict`

  it('answers with exactly that version, open to all while the release lets it answer', async () => {
    const { ask, hear } = releaseIsolate()
    await hear(releaseOf(2, { canary: canaryOf('1.1.0', 0.01), shadow: { version: '1.2.0', since: 1 } }))
    for (const version of ['1.0.0', '1.1.0']) {
      expect(await json<Prediction>(await ask(eventOf('s-1'), path(version)))).toMatchObject({ model_version: version })
    }
    expect((await ask(eventOf('s-1'), path('1.2.0'))).status).toBe(401)
  })

  it('wants the write token for a version that is not released, and lets go of it afterwards', async () => {
    const { ask, clock, hear, sessions } = releaseIsolate()
    expect((await ask(eventOf('s-1'), path('2.0.0'))).status).toBe(401)
    const response = await ask([eventOf('s-1'), {}], path('2.0.0'), WRITE)
    expect(await response.json()).toMatchObject({
      predictions: [{ model_version: '2.0.0' }, { error: { code: 'missing_time' } }],
    })
    await hear(releaseOf(1))
    await clock.advance(0)
    expect(sessions.has('adder', '2.0.0')).toBe(false)
  })

  it('knows neither versions nor models that are nowhere, and counts nothing against a version', async () => {
    const { ask, clock, memory } = releaseIsolate()
    const nowhere = await ask(eventOf('s-1'), path('9.9.9'), WRITE)
    expect(nowhere.status).toBe(404)
    expect(await nowhere.json()).toMatchObject({ code: 'unknown_version' })
    expect(await (await ask(eventOf('s-1'), path('1.0.0', 'nobody'), WRITE)).json()).toMatchObject({
      code: 'unknown_model',
    })
    await clock.advance(2_000)
    expect(memory.counts.versions).toEqual({})
  })
})

describe('GET /v1/models', () => {
  it('tells the release and who said so', async () => {
    const { app, hear } = releaseIsolate()
    expect(await (await app.request('/v1/models/adder')).json()).toMatchObject({
      release: { revision: 0, stable: '1.0.0', source: 'bundled' },
    })
    await hear(releaseOf(5, { stable: '1.1.0', fallback: '1.0.0', canary: canaryOf('1.2.0', 0.05) }))
    expect(await (await app.request('/v1/models/adder')).json()).toMatchObject({
      versions: ['1.0.0', '1.1.0', '1.2.0'],
      release: {
        revision: 5,
        stable: '1.1.0',
        fallback: '1.0.0',
        canary: { version: '1.2.0', share: 0.05 },
        source: 'controller',
      },
      manifest: { version: '1.1.0' },
    })
  })
})
