import { beforeEach, describe, expect, it } from 'vitest'
import { deadlineIn } from '../../../src/core/clock.ts'
import { type ResolvedZip, ZipLookup } from '../../../src/serving/zip-lookup.ts'
import type { ZipReadOutcome } from '../../../src/serving/zip-pack-cache.ts'
import { HeldBackground } from '../../support/background.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'
import { FaultyZipStore, MEANS, memoryZipStore, PACKS } from '../../support/zips.ts'

describe('zip lookup', () => {
  let clock: ManualClock
  let store: FaultyZipStore
  let background: HeldBackground
  let lookup: ZipLookup

  const make = (capacity = 10): ZipLookup =>
    new ZipLookup(store, MEANS, clock, clock, { capacity, deadlineMilliseconds: 25, refreshMilliseconds: 3_600_000 })
  /** From memory, else from the store, as a prediction does it. */
  const resolve = async (zip: string, milliseconds = 100): Promise<ResolvedZip> => {
    const known = lookup.peek(zip, background.run)
    if (known !== undefined) return known
    const resolved = (await lookup.resolve([zip], deadlineIn(clock, milliseconds), background.run)).get(zip)
    if (resolved === undefined) throw new Error(`${zip} was not resolved`)
    return resolved
  }

  beforeEach(() => {
    clock = new ManualClock()
    store = new FaultyZipStore(memoryZipStore())
    background = new HeldBackground()
    lookup = make()
  })

  it('answers from the store first and from memory afterwards, unflagged', async () => {
    const first = await resolve('94107')
    expect(first).toMatchObject({ outcome: 'store', warnings: [], features: { level: 'exact', data: '2026-11' } })
    await settle()
    const second = await resolve('94107')
    expect(second).toMatchObject({ outcome: 'memory', warnings: [] })
    expect(second.features.values).toEqual([37.7621, -122.3971, 'CA', 'America/Los_Angeles'])
    expect(store.reads).toBe(1)
  })

  it('tells once of every pack that was read, and of none that memory had', async () => {
    const reads: ZipReadOutcome[] = []
    const onRead = (outcome: ZipReadOutcome): void => void reads.push(outcome)
    lookup = new ZipLookup(store, MEANS, clock, clock, {
      ...{ capacity: 10, deadlineMilliseconds: 25, refreshMilliseconds: 3_600_000 },
      onRead,
    })
    await Promise.all([resolve('94107'), resolve('94107'), resolve('94103')])
    await resolve('94107')
    expect(reads).toEqual(['hit'])
    await resolve('00001')
    expect(reads).toEqual(['hit', 'miss'])
    store.fault = 'error'
    await resolve('10001')
    expect(reads).toEqual(['hit', 'miss', 'error'])
    store.fault = 'hang'
    await clock.advance(2_000)
    const hung = resolve('10001')
    await clock.advance(999)
    expect(reads).toHaveLength(3)
    await clock.advance(1)
    expect((await hung).outcome).toBe('timeout')
    expect(reads).toEqual(['hit', 'miss', 'error', 'timeout'])
  })

  it('reads once for two requests for the same cold prefix', async () => {
    const [a, b] = await Promise.all([resolve('94107'), resolve('94107')])
    expect(store.reads).toBe(1)
    expect([a.outcome, b.outcome]).toEqual(['store', 'store'])
  })

  it.each([
    ['error', 'zip_store_error'],
    ['corrupt', 'zip_store_corrupt'],
  ] as const)('falls back to the mean of the prefix when the store gives %s', async (fault, warning) => {
    expect((await resolve('10001')).warnings).toEqual([])
    store.fault = fault
    const answer = await resolve('94107')
    expect(answer).toMatchObject({ outcome: fault, warnings: [warning, 'zip3_mean'], features: { level: 'zip3_mean' } })
    expect(answer.features.values).toEqual(MEANS.zip3['941'])
  })

  it('waits 25 ms for a store that hangs, then answers with the mean', async () => {
    expect((await resolve('10001')).warnings).toEqual([])
    store.fault = 'hang'
    const answer = resolve('94107')
    let settled = false
    void answer.then(() => {
      settled = true
    })
    await clock.advance(24)
    expect(settled).toBe(false)
    await clock.advance(1)
    expect(await answer).toMatchObject({ outcome: 'timeout', warnings: ['zip_store_timeout', 'zip3_mean'] })
  })

  it('waits no longer than what is left of the whole deadline', async () => {
    store.fault = 'hang'
    const answer = resolve('94107', 5)
    await clock.advance(5)
    expect(await answer).toMatchObject({ outcome: 'timeout' })
  })

  it('answers unflagged within two seconds after the store hung once and recovered', async () => {
    store.fault = 'hang'
    const hung = resolve('94107')
    await clock.advance(25)
    expect((await hung).outcome).toBe('timeout')
    store.fault = 'none'
    await clock.advance(1_001)
    expect(await resolve('94107')).toMatchObject({ outcome: 'store', warnings: [] })
  })

  it('keeps a value that came too late for the request that asked', async () => {
    const slow = new FaultyZipStore({
      read: async () => {
        await clock.sleep(200)
        return new Map([['941', PACKS['941'] ?? null]])
      },
    })
    lookup = new ZipLookup(slow, MEANS, clock, clock, {
      capacity: 10,
      deadlineMilliseconds: 25,
      refreshMilliseconds: 3_600_000,
    })
    const answer = resolve('94107')
    await clock.advance(25)
    expect((await answer).outcome).toBe('timeout')
    await clock.advance(200)
    expect(await resolve('94107')).toMatchObject({ outcome: 'memory', warnings: [] })
    expect(slow.reads).toBe(1)
  })

  it('lets go of the background after a second when the store never answers', async () => {
    store.fault = 'hang'
    void resolve('94107')
    await clock.advance(1_000)
    await background.settled()
    expect(background.failures).toEqual([])
  })

  it('takes an unseeded store for what it is, and looks again a second later', async () => {
    store = new FaultyZipStore(memoryZipStore({}))
    lookup = make()
    expect(await resolve('94107')).toMatchObject({ outcome: 'unseeded', warnings: ['zip_store_unseeded', 'zip3_mean'] })
    await resolve('94107')
    expect(store.reads).toBe(1)
    await clock.advance(1_001)
    await resolve('94107')
    expect(store.reads).toBe(2)
  })

  it('gives the mean of the prefix to a zip nobody knows, and the mean of the country to an unknown prefix', async () => {
    expect(await resolve('94199')).toMatchObject({ outcome: 'unknown', warnings: ['zip_unknown', 'zip3_mean'] })
    expect(await resolve('00000')).toMatchObject({ outcome: 'unknown', warnings: ['zip_unknown', 'national_mean'] })
    expect(lookup.none('zip_missing')).toMatchObject({ outcome: 'missing', warnings: ['zip_missing', 'national_mean'] })
  })

  it('keeps no more packs than it may, dropping the one used longest ago', async () => {
    lookup = make(1)
    await resolve('94107')
    await settle()
    await resolve('10001')
    await settle()
    await resolve('94107')
    expect(store.reads).toBe(3)
  })

  it('reads the packs of many zips together, and waits for all of them no longer than for one', async () => {
    const zips = Array.from({ length: 250 }, (_, index) => `${String(index + 100)}01`)
    store.fault = 'hang'
    const resolved = lookup.resolve(zips, deadlineIn(clock, 100), background.run)
    await clock.advance(25)
    expect((await resolved).size).toBe(250)
    expect(store.reads).toBe(3)
  })

  it('tries an old pack again once a second while its refresh fails, whatever the traffic', async () => {
    lookup = new ZipLookup(store, MEANS, clock, clock, {
      capacity: 10,
      deadlineMilliseconds: 25,
      refreshMilliseconds: 60_000,
    })
    await resolve('94107')
    store.fault = 'error'
    await clock.advance(60_001)
    for (let request = 0; request < 200; request++) await resolve('94107')
    expect(store.reads).toBe(2)
    await clock.advance(1_001)
    expect((await resolve('94107')).warnings).toEqual([])
    expect(store.reads).toBe(3)
  })

  it('reads an old pack again in the background and answers from memory meanwhile', async () => {
    lookup = new ZipLookup(store, MEANS, clock, clock, {
      capacity: 10,
      deadlineMilliseconds: 25,
      refreshMilliseconds: 60_000,
    })
    await resolve('94107')
    await clock.advance(60_001)
    store.fault = 'error'
    expect(await resolve('94107')).toMatchObject({ outcome: 'memory', warnings: [] })
    await background.settled()
    expect(store.reads).toBe(2)
    expect(background.failures[0]).toContain('reading zip pack 941')
  })
})
