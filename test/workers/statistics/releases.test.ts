import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { bundledRelease, type Release } from '../../../src/core/release/release.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { readEvidenceReply, readReleaseNews } from '../../../src/core/statistics/replies.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { type ReleaseControllers, StatsReleases } from '../../../src/durable/stats-releases.ts'
import format1 from '../../fixtures/statistics/delta-format-1.json' with { type: 'json' }
import { deltaOf, probabilities } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }
const newShard = () => STATS_AGGREGATOR.getByName(crypto.randomUUID())

/** Of a model whose controller has nothing to say. */
const released = (revision: number, changes: Partial<Release> = {}): Release => ({
  ...bundledRelease('pushed', '1.0.0'),
  revision,
  changedAt: 1,
  ...changes,
})

/** Deltas bring the news of every model the shard knows. */
const newsOf = async (shard: DurableObjectStub<StatsAggregator>, model: string, sequence: number) => {
  const reply = await shard.apply(deltaOf('a', sequence, 1, Date.now()))
  return readReleaseNews(reply).find((news) => news.model === model)
}

/** A shard's releases over its own tables, with controllers the test makes up. */
const withControllers = <T>(
  controllers: ReleaseControllers,
  act: (releases: StatsReleases) => Promise<T>,
): Promise<T> => runInDurableObject(newShard(), (_, { storage }) => act(new StatsReleases(storage.sql, controllers)))

const answering = (read: () => Promise<unknown>): ReleaseControllers => ({
  getByName: () => ({ read, loadFailed: async () => undefined }),
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a statistics object', () => {
  it('passes on what a controller pushes, never an older revision, also after a restart', async () => {
    const shard = newShard()
    expect(await shard.setRelease(released(2))).toEqual({ format: 1, applied: true })
    expect(await shard.setRelease(released(1))).toEqual({ format: 1, applied: false })
    expect(await newsOf(shard, 'pushed', 1)).toMatchObject({ release: { revision: 2, stable: '1.0.0' } })
    await evictDurableObject(shard)
    expect(await newsOf(shard, 'pushed', 2)).toMatchObject({ release: { revision: 2 } })
  })

  it('refuses what is no release', async () => {
    await runInDurableObject(newShard(), (instance) => {
      expect(() => instance.setRelease({ format: 9 })).toThrow('this is no release')
    })
  })

  it('asks the controller of each model it counts for', async () => {
    expect(await newsOf(newShard(), 'late-arrival', 1)).toMatchObject({
      model: 'late-arrival',
      age_milliseconds: expect.any(Number),
    })
  })

  it('asks once while its copy is fresh, and again when it is not', async () => {
    let asked = 0
    const controllers = answering(async () => ({ format: 1, release: released(++asked), history: [] }))
    await withControllers(controllers, async (releases) => {
      const now = Date.now()
      expect(await releases.news(['pushed'], now)).toMatchObject([{ release: { revision: 1 }, age_milliseconds: 0 }])
      expect(await releases.news(['pushed'], now + 800)).toMatchObject([
        { release: { revision: 1 }, age_milliseconds: 800 },
      ])
      expect(await releases.news(['pushed'], now + 1_700)).toMatchObject([
        { release: { revision: 2 }, age_milliseconds: 0 },
      ])
    })
  })

  it.each([
    ['does not answer', () => new Promise<never>(() => {})],
    ['fails', () => Promise.reject(new Error('the controller is down'))],
    ['answers what this code cannot read', () => Promise.resolve({ format: 1, release: { format: 9 } })],
  ])('goes on with the copy it has when a controller %s', async (_, read) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await withControllers(answering(read), async (releases) => {
      const now = Date.now()
      releases.push(released(3), now - 5_000)
      expect(await releases.news(['pushed'], now)).toMatchObject([
        { release: { revision: 3 }, age_milliseconds: 5_000 },
      ])
    })
  })

  it('answers a worker of older code in the form it knows', async () => {
    const reply = await newShard().apply(format1)
    expect(reply).toMatchObject({ format: 1, applied: true, releases: expect.any(Array) })
  })

  it('asks again when a question is never answered', async () => {
    let asked = 0
    const controllers = answering(() =>
      ++asked === 1 ? new Promise<never>(() => {}) : Promise.resolve({ format: 1, release: released(2) }),
    )
    await withControllers(controllers, async (releases) => {
      const now = Date.now()
      expect(await releases.news(['pushed'], now)).toEqual([])
      expect(await releases.news(['pushed'], now + 1_000)).toMatchObject([{ release: { revision: 2 } }])
    })
  })

  it('leaves its tables at the step that older code knows, so that it may go back to that', async () => {
    const step = await runInDurableObject(newShard(), (_, { storage }) =>
      storage.sql.exec<{ done: number }>('SELECT count(*) AS done FROM migrations').one(),
    )
    expect(step).toEqual({ done: 1 })
  })

  it('keeps the evidence of each canary, merged over isolates, and takes a repeated delta once', async () => {
    const shard = newShard()
    const at = Date.now()
    const subject = { model: 'late-arrival', canary: '1.1.0', stable: '1.0.0', since: at }
    const deltaWith = (isolate: string, unit: number) => {
      const builder = new DeltaBuilder(probabilities)
      const outputs = [{ name: 'late_probability', range: [0, 1] as const, threshold: 0.5 }]
      const [stable, canary] = [{ outputs: { late_probability: 0.4 } }, { failed: 'model_failed' as const }]
      builder.evidence(subject, outputs, at).pair({ unit, at, canary, stable })
      return builder.toDelta({ isolate, sequence: 1, codeVersion: 'c' })
    }
    await shard.apply(deltaWith('a', 7))
    await shard.apply(deltaWith('b', 9))
    await shard.apply(deltaWith('b', 9))
    await evictDurableObject(shard)
    const [evidence] = readEvidenceReply(await shard.evidence('late-arrival'))
    expect(evidence).toMatchObject({ ...subject, failures: { units: [7, 9], values: [1, 1] } })
    expect(readEvidenceReply(await shard.evidence('another'))).toEqual([])
  })
})
