import { describe, expect, it } from 'vitest'
import type { ReferenceProfiles, ZipPackStore } from '../../../src/serving/ports.ts'
import { fakeFiles } from '../../support/fake-runtime.ts'
import {
  eventOf,
  type IsolateOptions,
  MemoryReleaseStore,
  releaseIsolate,
  releaseOf,
} from '../../support/release-isolate.ts'

const hangs = <T>(): Promise<T> => new Promise(() => undefined)
const hangingZips: ZipPackStore = { read: () => hangs() }
const hangingProfiles: ReferenceProfiles = { read: () => hangs() }
const means: ReferenceProfiles = {
  read: (_, version) => Promise.resolve({ manifest: fakeFiles(version).manifest, means: { sum: 7 } }),
}

/** An isolate whose store of releases, of versions and of zips all hang, `released` 31 s after it last heard of it. */
const hangingIsolate = async (released = releaseOf(1), options: IsolateOptions = {}) => {
  const store = new MemoryReleaseStore()
  const made = releaseIsolate({ store, zipStore: hangingZips, profiles: hangingProfiles, ...options })
  made.published.load = () => hangs()
  await made.sessions.preload('adder', '1.0.0')
  await made.hear(released)
  made.memory.news = []
  await made.clock.advance(31_000)
  store.fault = 'hangs'
  /** Milliseconds until the answer, on the test's clock, and the answer. */
  const ask = async (path = '/v1/predict', body: object = { ...eventOf('s-1'), zipCode: '94107' }) => {
    const start = made.clock.now()
    const { sleeping } = made.clock
    let response: Response | undefined
    const answer = made.ask(body, path)
    void answer.then((value) => {
      response = value
    })
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    // The body is read in turns of the event loop: the clock stands until the first store is waited for, and goes on slowly.
    while (made.clock.sleeping === sleeping && response === undefined) await turn()
    for (let tick = 0; tick <= 1_000 && response === undefined; tick++) {
      await made.clock.advance(1)
      for (let count = 0; count < 5; count++) await turn()
    }
    return { milliseconds: made.clock.now() - start, response: await answer }
  }
  return { ...made, ask }
}

describe('a prediction while every store hangs', () => {
  it('comes from what is in memory, flagged, after the waits for the release and the zip', async () => {
    const { ask } = await hangingIsolate()
    const { milliseconds, response } = await ask()
    expect(await response.json()).toMatchObject({
      model_version: '1.0.0',
      outputs: { sum: 3 },
      warnings: expect.arrayContaining(['release_unknown', 'zip_store_timeout']),
    })
    expect(milliseconds).toBeLessThanOrEqual(55)
  })

  it('comes from the version that stands in within the budget, though the released one never loads', async () => {
    const { ask } = await hangingIsolate(releaseOf(1, { stable: '2.0.0', fallback: '1.0.0' }))
    const { milliseconds, response } = await ask()
    expect(await response.json()).toMatchObject({
      model_version: '1.0.0',
      warnings: expect.arrayContaining(['release_unknown', 'release_fallback', 'zip_store_timeout']),
    })
    expect(milliseconds).toBeLessThanOrEqual(100)
  })

  it('comes from the mean within the budget, where no version stands in', async () => {
    const { ask } = await hangingIsolate(releaseOf(1, { stable: '2.0.0', rolledBack: ['1.0.0'] }), { profiles: means })
    const { milliseconds, response } = await ask()
    expect(await response.json()).toMatchObject({
      model_version: '2.0.0',
      outputs: { sum: 7 },
      warnings: expect.arrayContaining(['release_unknown', 'reference_mean', 'zip_store_timeout']),
    })
    expect(milliseconds).toBeLessThanOrEqual(100)
  })

  it('fails within the budget, where nothing may answer', async () => {
    const { ask } = await hangingIsolate(releaseOf(1, { stable: '2.0.0', rolledBack: ['1.0.0'] }))
    const { milliseconds, response } = await ask()
    expect(response.status).toBe(504)
    expect(milliseconds).toBeLessThanOrEqual(101)
  })

  it('fails within the budget on a version that was asked for by name, and for raw tensors', async () => {
    // Released, so that no token is asked for, whose digest is made in real time.
    const { ask } = await hangingIsolate(releaseOf(1, { stable: '2.0.0', fallback: '1.1.0', rolledBack: ['1.0.0'] }))
    const named = await ask('/v1/models/adder/versions/1.1.0/predict')
    expect(named.response.status).toBe(504)
    expect(named.milliseconds).toBeLessThanOrEqual(101)
    const tensors = await ask('/v2/models/adder/infer', {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
    })
    expect(tensors.response.status).toBe(504)
    expect(tensors.milliseconds).toBeLessThanOrEqual(101)
  })
})
