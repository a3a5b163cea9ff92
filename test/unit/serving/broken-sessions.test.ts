import { describe, expect, it } from 'vitest'
import { armOf } from '../../../src/core/release/assign.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { ReferenceProfiles } from '../../../src/serving/ports.ts'
import { json } from '../../support/answer.ts'
import { fakeFiles } from '../../support/fake-runtime.ts'
import { FaultyRuntime } from '../../support/faulty-runtime.ts'
import {
  canaryOf,
  eventOf,
  type IsolateOptions,
  releaseIsolate,
  releaseOf,
  unitsOf,
} from '../../support/release-isolate.ts'

/** Every version's mean is 7; one that is `null` tells none. */
const profiles: ReferenceProfiles = {
  read: (_, version) => Promise.resolve({ manifest: fakeFiles(version).manifest, means: { sum: 7 } }),
}
const isVersion =
  (version: string) =>
  (model: Uint8Array): boolean =>
    new TextDecoder().decode(model) === version

const isolate = (options: IsolateOptions = {}) => {
  const runtimes: FaultyRuntime[] = []
  const made = releaseIsolate({
    profiles,
    decorate: (inner) => {
      runtimes.push(new FaultyRuntime(inner))
      return runtimes[0]
    },
    ...options,
  })
  return { ...made, faulty: runtimes[0] }
}

/** Digests are made in real time. */
const rebuilt = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('a run that throws', () => {
  it('once is run again, and nobody sees it', async () => {
    const { faulty, predict, sessions } = isolate()
    await sessions.preload('adder', '1.0.0')
    faulty.failingRuns = 1
    expect(await predict()).toMatchObject({
      outputs: { sum: 3 },
      warnings: expect.not.arrayContaining(['reference_mean']),
    })
    expect(faulty.opens).toBe(1)
  })

  it.each([1, 2, 7, 100])('for rows of a batch of %i fails these rows and no neighbour', async (count) => {
    const { ask, clock, faulty, memory, sessions } = isolate()
    await sessions.preload('adder', '1.0.0')
    faulty.poison = 13
    const isBad = (index: number): boolean => index % 7 === 0
    const events = Array.from({ length: count }, (_, index) => ({ ...eventOf(`s-${index}`), a: isBad(index) ? 13 : 5 }))
    const { predictions } = await json<{ predictions: object[] }>(await ask(events))
    predictions.forEach((prediction, index) => {
      expect(prediction).toMatchObject(
        isBad(index) ? { error: { code: 'model_failed' } } : { outputs: { sum: 7 }, model_version: '1.0.0' },
      )
    })
    expect(sessions.has('adder', '1.0.0')).toBe(true)
    expect(faulty.opens).toBe(1)
    await clock.advance(2_000)
    const bad = events.filter((_, index) => isBad(index)).length
    expect(memory.counts.versions['adder@1.0.0']).toMatchObject({
      predictions: count - bad,
      errors: { model_failed: bad },
    })
  })

  it('not, but gives NaN, fails that event and breaks nothing', async () => {
    const { ask, faulty, sessions } = isolate()
    await sessions.preload('adder', '1.0.0')
    faulty.isNaNNow = true
    expect(await (await ask(eventOf('s-1'))).json()).toMatchObject({ code: 'model_failed' })
    expect(sessions.has('adder', '1.0.0')).toBe(true)
  })
})

describe('a session that broke', () => {
  it('is rebuilt once, and meanwhile the fallback of the release answers, flagged', async () => {
    const { clock, faulty, hear, inMemory, memory, predict } = isolate()
    await hear(releaseOf(1, { stable: '1.1.0', fallback: '1.0.0' }))
    await predict()
    faulty.breakSessions(isVersion('1.1.0'))
    const opens = faulty.opens
    expect(await predict()).toMatchObject({ model_version: '1.0.0', outputs: { sum: 3 } })
    await inMemory(['1.1.0'])
    expect(await predict()).toMatchObject({ model_version: '1.1.0', outputs: { sum: 3 } })
    expect(faulty.opens).toBe(opens + 1)
    await clock.advance(2_000)
    expect(memory.counts.versions['adder@1.1.0']?.errors).toEqual({ model_failed: 1 })
    expect(memory.counts.versions['adder@1.0.0']).toMatchObject({ degraded: { version_fallback: 1 } })
  })

  it('with no other version is stood in for by the mean of its profile, flagged, and kept out of its distributions', async () => {
    const { clock, faulty, hear, inMemory, memory, predict } = isolate()
    await hear(releaseOf(1))
    faulty.breakSessions()
    const answer = await predict()
    expect(answer).toMatchObject({
      model_version: '1.0.0',
      outputs: { sum: 7 },
      features: { a: 1, b: 2 },
      warnings: expect.arrayContaining(['reference_mean']),
    })
    await inMemory(['1.0.0'])
    expect((await predict()).outputs).toEqual({ sum: 3 })
    await clock.advance(2_000)
    const counts = memory.counts.versions['adder@1.0.0']
    expect(counts).toMatchObject({ predictions: 3, errors: { model_failed: 1 }, degraded: { reference_mean: 1 } })
    expect(
      Object.values(counts?.outputs ?? {}).map(({ counts: bins, over }) => bins.reduce((a, b) => a + b, over)),
    ).toEqual([2])
  })

  it('and breaks again whenever it is rebuilt is rebuilt ever more seldom, and answers no wrong number', async () => {
    const { clock, faulty, predict, sessions } = isolate()
    await sessions.preload('adder', '1.0.0')
    faulty.breakSessions()
    faulty.breaksAfterOpening = () => true
    const before = faulty.opens
    const times: number[] = []
    for (let second = 0; second < 150; second++) {
      const opens = faulty.opens
      expect((await predict()).outputs).toEqual({ sum: 7 })
      await rebuilt()
      if (faulty.opens > opens) times.push(second)
      await clock.advance(1_000)
    }
    expect(faulty.opens - before).toBe(times.length)
    expect(times.length).toBeLessThanOrEqual(11)
    expect(times.length).toBeGreaterThan(6)
  }, 60_000)

  it('is answered by the mean while it cannot be opened at all, and serves again once it can', async () => {
    const { clock, faulty, inMemory, predict, sessions } = isolate()
    faulty.startFails = true
    const first = await predict()
    expect(first).toMatchObject({ outputs: { sum: 7 }, warnings: expect.arrayContaining(['reference_mean']) })
    faulty.startFails = false
    await clock.advance(1_000)
    const answer = predict()
    await inMemory(['1.0.0'])
    expect((await answer).outputs).toEqual({ sum: 3 })
    expect(sessions.has('adder', '1.0.0')).toBe(true)
  })

  it('is a 503 that says when to ask again where no profile tells a mean, nothing else may answer, or the policy says so', async () => {
    for (const options of [
      { profiles: undefined },
      { env: { MODEL_FALLBACK: 'version' } },
      { env: { MODEL_FALLBACK: 'refuse' } },
    ]) {
      const { ask, clock, faulty, memory, sessions } = isolate(options as IsolateOptions)
      await sessions.preload('adder', '1.0.0')
      faulty.breakSessions()
      const response = await ask(eventOf('s-1'))
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
      expect(await response.json()).toMatchObject({ code: 'model_unavailable' })
      await clock.advance(2_000)
      expect(memory.counts.versions['adder@1.0.0']).toMatchObject({ predictions: 0, errors: { model_unavailable: 1 } })
    }
  })

  it('is refused, though the release has a fallback, where the policy says so', async () => {
    const { ask, faulty, hear } = isolate({ env: { MODEL_FALLBACK: 'refuse' } })
    await hear(releaseOf(1, { stable: '1.1.0', fallback: '1.0.0' }))
    faulty.breakSessions()
    expect((await ask(eventOf('s-1'))).status).toBe(503)
  })

  it('is never stood in for by a version that was rolled back', async () => {
    const { faulty, hear, inMemory, predict, sessions } = isolate()
    await hear(releaseOf(1, { stable: '1.1.0' }))
    await hear(releaseOf(2, { stable: '1.1.0', rolledBack: ['1.0.0'] }))
    await inMemory(['1.1.0'])
    await sessions.preload('adder', '1.0.0')
    faulty.breaksAfterOpening = isVersion('1.1.0')
    expect(await predict()).toMatchObject({
      model_version: '1.1.0',
      outputs: { sum: 7 },
      warnings: expect.arrayContaining(['reference_mean']),
    })
  })

  it('that was asked for by name is answered by its own mean, never by another version', async () => {
    const { ask, faulty, hear } = isolate()
    await hear(releaseOf(1, { stable: '1.1.0', fallback: '1.0.0' }))
    faulty.breaksAfterOpening = isVersion('1.1.0')
    const answer = await json<Prediction>(await ask(eventOf('s-1'), '/v1/models/adder/versions/1.1.0/predict'))
    expect(answer).toMatchObject({ model_version: '1.1.0', outputs: { sum: 7 } })
  })

  it('of a canary is answered by stable, flagged, and every event of its share counts against it', async () => {
    const { clock, faulty, hear, memory, predictAll, predict } = isolate()
    const release = releaseOf(1, { canary: canaryOf('1.1.0', 0.5) })
    await hear(release)
    faulty.breaksAfterOpening = isVersion('1.1.0')
    const units = unitsOf(100)
    const answers = [...(await predictAll(units)), ...(await predictAll(units))] as Prediction[]
    expect(new Set(answers.map(({ model_version }) => model_version))).toEqual(new Set(['1.0.0']))
    expect(new Set(answers.map(({ outputs }) => outputs.sum))).toEqual(new Set([3]))
    await clock.advance(1_000)
    answers.push(await predict())
    const flagged = answers.filter(({ warnings }) => warnings.includes('version_fallback')).length
    expect(flagged).toBeGreaterThan(50)
    await clock.advance(2_000)
    const { errors } = memory.counts.versions['adder@1.1.0'] ?? { errors: {} }
    expect(Object.values(errors).reduce((sum, count) => sum + count, 0)).toBe(flagged)
    const pair = Object.values(memory.counts.pairs)[0]
    expect(pair).toMatchObject({ other_failed: flagged, first_failed: 0, both_failed: 0 })
  })

  it('of a shadow is rebuilt too, and one of stable counts for no canary', async () => {
    const { clock, faulty, hear, inMemory, predict, sessions } = isolate()
    await hear(releaseOf(1, { shadow: { version: '1.2.0', since: 1 } }))
    const opens = faulty.opens
    faulty.breakSessions(isVersion('1.2.0'))
    await predict()
    await clock.advance(0)
    await inMemory(['1.2.0'])
    await clock.advance(0)
    await inMemory(['1.2.0'])
    expect(sessions.has('adder', '1.2.0')).toBe(true)
    expect(faulty.opens).toBe(opens + 1)

    const other = isolate()
    await other.hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.5) }))
    await other.predictAll(unitsOf(4))
    await other.clock.advance(1_000)
    other.faulty.breakSessions(isVersion('1.0.0'))
    const before = Object.values(other.memory.counts.pairs)[0]?.first_failed ?? 0
    const units = unitsOf(400).filter(
      (unit) => armOf(releaseOf(1, { canary: canaryOf('1.1.0', 0.5) }), unit, 0) === 'canary',
    )
    await other.predictAll(units)
    await other.clock.advance(3_000)
    const after = Object.values(other.memory.counts.pairs)[0]
    expect([before, after?.first_failed]).toEqual([0, 0])
    expect(after?.skipped).toBe(units.length)
  })

  it('is answered by an earlier version for raw tensors too, else by a 503', async () => {
    const infer = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }
    const { ask, faulty, hear } = isolate()
    await hear(releaseOf(1, { stable: '1.1.0', fallback: '1.0.0' }))
    faulty.breaksAfterOpening = isVersion('1.1.0')
    expect(await (await ask(infer, '/v2/models/adder/infer')).json()).toMatchObject({
      model_version: '1.0.0',
      parameters: { version_fallback: true },
    })
    const alone = isolate()
    await alone.sessions.preload('adder', '1.0.0')
    alone.faulty.breakSessions()
    const response = await alone.ask(infer, '/v2/models/adder/infer')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    await alone.clock.advance(2_000)
    expect(alone.memory.counts.versions['adder@1.0.0']?.errors).toEqual({ model_failed: 1 })
  })
})

describe('MODE=fallback', () => {
  const infer = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }

  it('answers by the flagged mean without a session', async () => {
    const { app, ask, faulty, hear, predict } = isolate({ env: { MODE: 'fallback' } })
    await hear(releaseOf(1, { stable: '1.1.0', fallback: '1.0.0', canary: canaryOf('1.2.0', 0.5) }))
    expect(await predict()).toMatchObject({
      model_version: '1.1.0',
      outputs: { sum: 7 },
      warnings: expect.arrayContaining(['inference_off', 'reference_mean']),
    })
    expect(await (await app.request('/readyz')).json()).toEqual({ ready: true, reasons: [], mode: 'fallback' })
    for (const path of ['/v2/health/ready', '/v2/models/adder/ready']) {
      expect((await app.request(path)).status).toBe(503)
    }
    const refused = await ask(infer, '/v2/models/adder/infer')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(faulty.opens).toBe(0)
  })

  it('answers nobody where the policy is to refuse, and says so', async () => {
    const { app, ask, faulty } = isolate({ env: { MODE: 'fallback', MODEL_FALLBACK: 'refuse' } })
    const response = await ask(eventOf('s-1'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    const ready = await app.request('/readyz')
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await ready.json()).toMatchObject({ ready: false, mode: 'fallback' })
    expect(faulty.opens).toBe(0)
  })
})
