/** The watch on the real controllers and statistics shards, with the date in the test's hand. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { canaryEvidence, type EvidenceShards } from '../../../src/adapters/canary-evidence.ts'
import { type ReleaseControllers, releaseControllerClient } from '../../../src/adapters/release-controller-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { parseConfig } from '../../../src/config.ts'
import { DEFAULT_JUDGEMENT } from '../../../src/core/judgement/config.ts'
import type { Evidence, EvidenceSubject } from '../../../src/core/judgement/evidence.ts'
import type { Release } from '../../../src/core/release/release.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { Watch } from '../../../src/durable/watch.ts'
import { releaseHistorySchema } from '../../../src/protocol/admin.ts'
import type { ReleaseControl } from '../../../src/serving/ports/release-control.ts'
import { WATCH_NAME } from '../../../src/serving/ports/watch-duties.ts'
import { CanaryWatcher, type CanaryWatcherParts } from '../../../src/serving/watch-canary.ts'
import { cleanEvidence, failingEvidence } from '../../support/canary-evidence.ts'
import { probabilities } from '../../support/statistics.ts'
import { admin, command, filesOf, newName, publish } from './versions.ts'

const { RELEASE_CONTROLLER, STATS_AGGREGATOR, WATCH } = env as unknown as {
  RELEASE_CONTROLLER: ReleaseControllers
  STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator>
  WATCH: DurableObjectNamespace<Watch>
}
const SHARDS = parseConfig(env).STATS_SHARDS
const shards = STATS_AGGREGATOR as unknown as EvidenceShards

/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11)
const BAKED = START + DEFAULT_JUDGEMENT.bakeMilliseconds

const real: CanaryWatcherParts = {
  control: releaseControllerClient(RELEASE_CONTROLLER, systemTimers),
  evidence: canaryEvidence(shards, SHARDS, systemTimers),
  judgement: DEFAULT_JUDGEMENT,
  promotes: true,
  clock: systemClock,
  log: () => undefined,
}

const historyOf = async (name: string) => releaseHistorySchema.parse(await (await admin(`${name}/release`)).json())

const accepted = async (name: string, body: object): Promise<void> => {
  expect((await command(name, body)).status).toBe(200)
}

const CANARY = { command: 'canary', version: '1.1.0', share: 0.05 } as const

/** A model whose 1.1.0 has become the canary just now. */
const withCanary = async (): Promise<string> => {
  const name = newName()
  for (const version of ['1.0.0', '1.1.0']) expect((await publish(name, filesOf(name, version))).status).toBe(201)
  await accepted(name, CANARY)
  return name
}

const releaseNow = async (name: string): Promise<Release> => {
  const deadline = { remainingMilliseconds: () => 5_000 }
  const { release } = await real.control.read(name, { limit: 0, before: null }, deadline)
  if (release === null) throw new Error(`${name} has no release`)
  return release
}

const subjectOf = (model: string): EvidenceSubject => ({ model, canary: '1.1.0', stable: '1.0.0', since: START })

/** What an isolate sends its shard once it has seen `evidence`. */
const seenBy = async (shard: number, evidence: Evidence): Promise<void> => {
  const builder = new DeltaBuilder(probabilities)
  builder.prediction(evidence.model, evidence.stable, {}, [], Date.now())
  const delta = builder.toDelta({ isolate: crypto.randomUUID(), sequence: 1, codeVersion: 'code-1' })
  await STATS_AGGREGATOR.getByName(`shard-${shard}`).apply({ ...delta, evidence: [evidence] })
}

/** Enough for a verdict also when one shard is missing. */
const PER_SHARD = 300

/** Visitors spread over all shards, for whom both versions answered alike. */
const seenClean = async (model: string): Promise<void> => {
  for (let shard = 0; shard < SHARDS; shard++)
    await seenBy(shard, cleanEvidence(subjectOf(model), PER_SHARD, shard * PER_SHARD))
}

/** A watch of its own on the tables of a real object, whose alarm rings when the test says so. */
class TestWatch {
  private constructor(
    readonly watch: Watch,
    private readonly storage: DurableObjectStorage,
  ) {}

  static use<T>(look: (model: string) => ReturnType<CanaryWatcher['look']>, act: (watch: TestWatch) => Promise<T>) {
    return runInDurableObject(WATCH.getByName(crypto.randomUUID()), (_, state) =>
      act(new TestWatch(new Watch(state, env, { duties: [], look }), state.storage)),
    )
  }

  /** Rings the alarm if one is due, as the platform does: it is no longer set while it rings. */
  async ring(): Promise<void> {
    if (!(await this.isSet())) throw new Error('no alarm is set')
    await this.storage.deleteAlarm()
    await this.watch.alarm()
  }

  async isSet(): Promise<boolean> {
    return (await this.storage.getAlarm()) !== null
  }

  judgement(model: string) {
    return this.watch.judgement(model).judgement
  }
}

const lookWith = (parts: Partial<CanaryWatcherParts>) => {
  const watcher = new CanaryWatcher({ ...real, ...parts })
  return (model: string) => watcher.look(model)
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('the watch of this deployment', () => {
  const ring = () => runDurableObjectAlarm(WATCH.getByName(WATCH_NAME))

  it('reports a canary that baked clean ready to promote, in the answer about its release', async () => {
    const name = await withCanary()
    expect((await historyOf(name)).judgement).toBeNull()
    await ring()
    expect((await historyOf(name)).judgement).toMatchObject({
      verdict: 'collecting',
      units: 0,
      ready_to_promote: false,
    })
    await seenClean(name)
    vi.setSystemTime(BAKED - 1_000)
    await ring()
    expect((await historyOf(name)).judgement).toMatchObject({
      verdict: 'healthy',
      units: SHARDS * PER_SHARD,
      ready_to_promote: false,
      reasons: ['baked for 3599 of 3600 s'],
    })
    vi.setSystemTime(BAKED)
    await ring()
    const { release, judgement } = await historyOf(name)
    expect(judgement).toMatchObject({
      version: '1.1.0',
      at: new Date(BAKED).toISOString(),
      verdict: 'healthy',
      ready_to_promote: true,
      move: null,
    })
    expect(release).toMatchObject({ stable: '1.0.0', canary: { version: '1.1.0' } })
  })

  it('still says how the last canary was judged when it is over', async () => {
    const name = await withCanary()
    await ring()
    await accepted(name, { command: 'rollback', reason: 'enough' })
    await ring()
    expect((await historyOf(name)).judgement).toMatchObject({ version: '1.1.0', at: new Date(START).toISOString() })
  })
})

describe('where canaries are promoted', () => {
  it('one that baked clean becomes stable, by the rule and with what it judged by', async () => {
    const name = await withCanary()
    await seenClean(name)
    await TestWatch.use(lookWith({}), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      expect((await releaseNow(name)).canary).not.toBeNull()
      vi.setSystemTime(BAKED)
      await own.ring()
      expect(own.judgement(name)).toMatchObject({ version: '1.1.0', move: 'promote, revision 3' })
    })
    const { release, history } = await historyOf(name)
    expect(release).toMatchObject({ stable: '1.1.0', canary: null, fallback: '1.0.0' })
    expect(history[0]).toMatchObject({
      revision: 3,
      command: { command: 'promote' },
      by: { kind: 'rule', name: 'canary-judgement' },
      reason: `${SHARDS * PER_SHARD} units compared, no test is a breach`,
      evidence: { verdict: 'healthy', readyToPromote: true },
    })
  })

  it('one that baked clean stays a canary while moves are held, and is promoted after they are resumed', async () => {
    const name = await withCanary()
    await seenClean(name)
    await accepted(name, { command: 'hold', reason: 'a sale' })
    vi.setSystemTime(BAKED)
    await TestWatch.use(lookWith({}), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      await own.ring()
      expect(own.judgement(name)).toMatchObject({ verdict: { readyToPromote: true }, move: null })
      expect(await releaseNow(name)).toMatchObject({ revision: 3, stable: '1.0.0', canary: { version: '1.1.0' } })
      await accepted(name, { command: 'resume' })
      await own.ring()
      expect(own.judgement(name)?.move).toBe('promote, revision 5')
    })
    expect(await releaseNow(name)).toMatchObject({ stable: '1.1.0', canary: null })
  })

  it('an expired hold stops nothing', async () => {
    const name = await withCanary()
    await seenClean(name)
    await accepted(name, { command: 'hold', reason: 'a sale', until: new Date(BAKED).toISOString() })
    await TestWatch.use(lookWith({}), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      vi.setSystemTime(BAKED)
      await own.ring()
    })
    expect(await releaseNow(name)).toMatchObject({ stable: '1.1.0', canary: null, hold: null })
  })
})

describe('an operator who changes the release between the look and its command', () => {
  /** The real controllers; each of `changes` is commanded, once, just before the rule's next command comes to them. */
  const overtaken = (name: string, changes: object[]): ReleaseControl => ({
    ...real.control,
    command: async (...call) => {
      const change = changes.shift()
      if (change !== undefined) await accepted(name, change)
      return real.control.command(...call)
    },
  })

  it('is not undone: the rule is refused, and judges anew at the next alarm', async () => {
    const name = await withCanary()
    await seenClean(name)
    vi.setSystemTime(BAKED)
    const control = overtaken(name, [{ ...CANARY, share: 0.5 }])
    await TestWatch.use(lookWith({ control }), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      expect(own.judgement(name)?.move).toBe('promote refused: expectedRevision is 2, but the release is at revision 3')
      expect(await releaseNow(name)).toMatchObject({ revision: 3, canary: { share: 0.5 } })
      await own.ring()
      expect(own.judgement(name)?.move).toBe('promote, revision 4')
    })
  })

  it('and ends the canary has the last word', async () => {
    const name = await withCanary()
    await seenClean(name)
    vi.setSystemTime(BAKED)
    const control = overtaken(name, [{ command: 'rollback', reason: 'enough' }])
    await TestWatch.use(lookWith({ control }), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      await own.ring()
      expect(await own.isSet()).toBe(false)
    })
    expect(await releaseNow(name)).toMatchObject({ revision: 3, stable: '1.0.0', rolledBack: ['1.1.0'] })
  })
})

describe('statistics shards that are down', () => {
  /** The real shards, of which those in `down` do not answer. */
  const shardsWithout = (down: ReadonlySet<string>): EvidenceShards => ({
    getByName: (name) =>
      down.has(name) ? { evidence: () => Promise.reject(new Error(`${name} is down`)) } : shards.getByName(name),
  })
  const all = Array.from({ length: SHARDS }, (_, shard) => `shard-${shard}`)

  it('fail the look, all of them, and it is tried again at the next alarm', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const name = await withCanary()
    await seenBy(0, failingEvidence(subjectOf(name), 60))
    vi.setSystemTime(START + 10_000)
    const down = new Set(all)
    const evidence = canaryEvidence(shardsWithout(down), SHARDS, systemTimers)
    await TestWatch.use(lookWith({ evidence }), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      expect(logged).toHaveBeenCalledWith(expect.stringContaining(`looking at the canary of ${name} failed`))
      expect(own.judgement(name)).toBeNull()
      expect(await releaseNow(name)).toMatchObject({ canary: { version: '1.1.0' } })
      down.clear()
      await own.ring()
      expect(own.judgement(name)?.move).toBe('rollback, revision 3')
    })
  })

  it('keep a canary from promotion, one of them, and not a breach from its rollback', async () => {
    const [clean, bad] = [await withCanary(), await withCanary()]
    await seenClean(clean)
    await seenBy(0, failingEvidence(subjectOf(bad), 60))
    vi.setSystemTime(BAKED)
    const down = new Set(all.slice(-1))
    const evidence = canaryEvidence(shardsWithout(down), SHARDS, systemTimers)
    await TestWatch.use(lookWith({ evidence }), async (own) => {
      for (const name of [clean, bad]) await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      expect(own.judgement(bad)?.move).toBe('rollback, revision 3')
      expect(own.judgement(clean)).toMatchObject({ verdict: { readyToPromote: false }, move: null })
      down.clear()
      await own.ring()
      expect(own.judgement(clean)?.move).toBe('promote, revision 3')
    })
  })

  it('of one model keep no other from being looked at', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const [fine, failing] = [await withCanary(), await withCanary()]
    const look = lookWith({})
    const lookOrFail = (model: string) => (model === failing ? Promise.reject(new Error('down')) : look(model))
    await TestWatch.use(lookOrFail, async (own) => {
      for (const name of [failing, fine]) await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      expect(own.judgement(failing)).toBeNull()
      expect(own.judgement(fine)).toMatchObject({ verdict: { verdict: 'collecting' } })
    })
  })
})

describe('a canary that begins during a look', () => {
  /** Looks as ever, then does `meanwhile`, once, before the look is over. */
  const lookDuring = (meanwhile: () => Promise<void>) => {
    const look = lookWith({})
    let left: typeof meanwhile | null = meanwhile
    return async (model: string) => {
      const judgement = await look(model)
      const act = left
      left = null
      await act?.()
      return judgement
    }
  }

  it.each([
    ['stays watched', false],
    ['stays watched, also when an older release is delivered once more behind it', true],
  ])('of the same model %s', async (_, isDeliveredAgain) => {
    const name = await withCanary()
    const first = await releaseNow(name)
    await accepted(name, { command: 'rollback', reason: 'enough' })
    let watch: Watch | undefined
    const again = async (): Promise<void> => {
      await accepted(name, CANARY)
      await watch?.setRelease(await releaseNow(name))
      if (isDeliveredAgain) await watch?.setRelease(first)
    }
    await TestWatch.use(lookDuring(again), async (own) => {
      watch = own.watch
      await own.watch.setRelease(first)
      await own.ring()
      expect(own.judgement(name)).toBeNull()
      await own.ring()
      expect(own.judgement(name)).toMatchObject({ version: '1.1.0', verdict: { verdict: 'collecting' } })
    })
  })

  it('of another model is watched from then on', async () => {
    const name = await withCanary()
    let watch: Watch | undefined
    let other = ''
    const begin = async (): Promise<void> => {
      other = await withCanary()
      await watch?.setRelease(await releaseNow(other))
    }
    await TestWatch.use(lookDuring(begin), async (own) => {
      watch = own.watch
      await own.watch.setRelease(await releaseNow(name))
      await own.ring()
      expect(own.judgement(other)).toBeNull()
      await own.ring()
      expect(own.judgement(other)).toMatchObject({ version: '1.1.0' })
    })
  })
})

describe('the alarm', () => {
  it('is not set by a release without a canary', async () => {
    const name = newName()
    expect((await publish(name, filesOf(name, '1.0.0'))).status).toBe(201)
    await TestWatch.use(lookWith({}), async (own) => {
      await own.watch.setRelease(await releaseNow(name))
      expect(await own.isSet()).toBe(false)
    })
  })

  it('rings every second while one canary is left, over a restart, and then only for its duties', async () => {
    const [first, second] = [await withCanary(), await withCanary()]
    const id = crypto.randomUUID()
    for (const name of [first, second]) await WATCH.getByName(id).setRelease(await releaseNow(name))
    const due = () => runInDurableObject(WATCH.getByName(id), (_, { storage }) => storage.getAlarm())
    expect(await due()).toBe(START + 1_000)
    await accepted(first, { command: 'rollback', reason: 'enough' })
    vi.setSystemTime(START + 5_000)
    expect(await runDurableObjectAlarm(WATCH.getByName(id))).toBe(true)
    expect(await due()).toBe(START + 6_000)
    // A crash: what the alarm left running would keep the object from an orderly end.
    const crash = runInDurableObject(WATCH.getByName(id), (_, state) => state.abort('crash'))
    await expect(crash).rejects.toThrow('crash')
    await accepted(second, { command: 'promote' })
    expect(await runDurableObjectAlarm(WATCH.getByName(id))).toBe(true)
    // The alerts, which were looked at with the first ring.
    expect(await due()).toBe(START + 15_000)
  })
})
