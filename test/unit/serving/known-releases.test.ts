import { beforeEach, describe, expect, it } from 'vitest'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { Release } from '../../../src/core/release/release.ts'
import { KnownReleases } from '../../../src/serving/known-releases.ts'
import { HeldBackground } from '../../support/background.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemoryReleaseStore, releaseOf } from '../../support/release-isolate.ts'

describe('what an isolate knows of a release', () => {
  let clock: ManualClock
  let store: MemoryReleaseStore
  let background: HeldBackground
  let heard: number[]
  let known: KnownReleases

  beforeEach(() => {
    clock = new ManualClock()
    store = new MemoryReleaseStore()
    background = new HeldBackground()
    heard = []
    known = new KnownReleases([releaseOf(0)], store, clock, clock, {
      deadlineMilliseconds: 25,
      onRelease: ({ revision }) => heard.push(revision),
    })
  })

  const consult = (model = 'adder') => known.consult(model, deadlineIn(clock, 100), background.run)
  const learn = (release: Release | null, age_milliseconds = 0, sentAt = clock.now()): void =>
    known.learn([{ model: 'adder', release, age_milliseconds }], sentAt, background.run)

  it('is read from the store when cold, then used for half a minute', async () => {
    store.release = releaseOf(7)
    expect(known.peek('adder')).toBeUndefined()
    expect(await consult()).toMatchObject({ release: { revision: 7 }, source: 'store', isCertain: true })
    await clock.advance(29_999)
    expect(known.peek('adder')).toMatchObject({ release: { revision: 7 } })
    await clock.advance(1)
    expect(known.peek('adder')).toBeUndefined()
    expect(store.reads).toBe(1)
  })

  it('is what the bundle ships, in no doubt, where the store holds nothing', async () => {
    expect(await consult()).toMatchObject({ release: { revision: 0 }, source: 'bundled', isCertain: true })
  })

  it.each(['hangs', 'fails'] as const)(
    'is what the bundle ships, in doubt, when the store %s; asked again after a second',
    async (fault) => {
      store.fault = fault
      const cold = consult()
      await clock.advance(25)
      expect(await cold).toMatchObject({ release: { revision: 0 }, source: 'bundled', isCertain: false })
      expect(known.peek('adder')).toMatchObject({ isCertain: false })
      store.fault = 'none'
      store.release = releaseOf(3)
      await clock.advance(1_000)
      expect(await consult()).toMatchObject({ release: { revision: 3 }, isCertain: true })
    },
  )

  it('is the last one known, in doubt, when the store fails later', async () => {
    learn(releaseOf(4))
    await clock.advance(30_000)
    store.fault = 'fails'
    expect(await consult()).toMatchObject({ release: { revision: 4 }, source: 'controller', isCertain: false })
  })

  it('takes a value that comes after everybody has given up', async () => {
    const { promise, resolve } = Promise.withResolvers<Release | null>()
    store.read = () => promise
    const hasty = consult()
    await clock.advance(25)
    expect(await hasty).toMatchObject({ isCertain: false })
    resolve(releaseOf(5))
    await clock.advance(0)
    expect(known.peek('adder')).toMatchObject({ release: { revision: 5 }, isCertain: true })
  })

  it('is read once for all who wait, but a read that hangs is joined for a second only', async () => {
    store.fault = 'hangs'
    const waiting = [consult(), consult()]
    await clock.advance(25)
    await Promise.all(waiting)
    expect(store.reads).toBe(1)
    store.fault = 'none'
    await clock.advance(1_000)
    expect(await consult()).toMatchObject({ isCertain: true })
    expect(store.reads).toBe(2)
  })

  it('follows the controller, ignores a lower revision whoever says it, and tells of every hearing', async () => {
    learn(releaseOf(4), 300)
    expect(known.ageMilliseconds(known.known('adder') as never)).toBe(300)
    learn(releaseOf(3))
    expect(known.current('adder')?.revision).toBe(4)
    await clock.advance(500)
    learn(releaseOf(4))
    expect(known.ageMilliseconds(known.known('adder') as never)).toBe(0)
    await clock.advance(30_000)
    store.release = releaseOf(2)
    expect(await consult()).toMatchObject({ release: { revision: 4 }, source: 'controller' })
    expect(known.ageMilliseconds(known.known('adder') as never)).toBe(30_000)
    expect(heard).toEqual([4, 4, 4])
  })

  it('knows what no controller has released from a reply that says so', async () => {
    learn(null)
    expect(known.peek('adder')).toMatchObject({ release: { revision: 0 }, source: 'bundled', isCertain: true })
    expect(store.reads).toBe(0)
  })

  it.each(['m'.repeat(4_000), '..', 'a/b', '', 'A', 'a\nb'])(
    'never asks the store for what no model can be called: %j, which it might refuse, and seem to be down',
    async (name) => {
      expect(await consult(name)).toBeNull()
      expect(store.reads).toBe(0)
    },
  )

  it('learns of models that no bundle has, and does not look for those that nobody has at every request', async () => {
    expect(await consult('nobody')).toBeNull()
    expect(known.peek('nobody')).toBeNull()
    expect(store.reads).toBe(1)
    known.learn(
      [{ model: 'new', release: { ...releaseOf(1), model: 'new' }, age_milliseconds: 0 }],
      clock.now(),
      background.run,
    )
    expect(known.models()).toEqual(['adder', 'new'])
  })
})
