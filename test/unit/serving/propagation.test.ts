import { describe, expect, it } from 'vitest'
import type { Release } from '../../../src/core/release/release.ts'
import { emptyCounts, mergeCounts } from '../../../src/core/statistics/counts.ts'
import { countsOf, type StatisticsDelta } from '../../../src/core/statistics/delta.ts'
import { ReleaseCopies } from '../../../src/core/statistics/release-copies.ts'
import { type ReleaseNews, readReleaseNews } from '../../../src/core/statistics/replies.ts'
import { statisticsReport } from '../../../src/core/statistics/report.ts'
import type { Statistics } from '../../../src/serving/ports.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { canaryOf, releaseIsolate, releaseOf, unitsOf } from '../../support/release-isolate.ts'

/** A controller and a shard with its copies, over the wire form of the reply. */
class Shard implements Statistics {
  released: Release = releaseOf(1)
  controllerIsReachable = true
  counts = emptyCounts()
  readonly copies = new ReleaseCopies()
  constructor(private readonly clock: ManualClock) {}

  /** What the controller does with a command: it is decided here, and pushed if the push arrives. */
  command(release: Release, isPushed: boolean): void {
    this.released = release
    if (isPushed) this.copies.put('adder', release, this.clock.epochMilliseconds())
  }

  async send(delta: StatisticsDelta): Promise<readonly ReleaseNews[]> {
    this.counts = mergeCounts(this.counts, countsOf(delta))
    const now = this.clock.epochMilliseconds()
    if (this.controllerIsReachable && this.copies.stale(['adder'], now).length > 0) {
      this.copies.put('adder', this.released, now)
    }
    return readReleaseNews(JSON.parse(JSON.stringify({ format: 1, releases: this.copies.news(now) })))
  }

  read: Statistics['read'] = async (window) =>
    statisticsReport(this.counts, { window, from: 0, asOf: 0, shards: { answered: 1, of: 1 } })
}

/** An isolate that is asked every 50 ms, and the time until it answers as `wanted` says. */
const busy = () => {
  const clock = new ManualClock()
  const shard = new Shard(clock)
  const isolate = releaseIsolate({ clock, statistics: shard })
  const units = unitsOf(40)
  const versions = async (): Promise<Set<string>> => {
    const answers = await isolate.predictAll(units)
    return new Set(answers.map((answer) => ('model_version' in answer ? answer.model_version : 'failed')))
  }
  const follows = async (wanted: (versions: ReadonlySet<string>) => boolean): Promise<number> => {
    const start = clock.now()
    while (!wanted(await versions())) {
      await clock.advance(50)
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (clock.now() - start > 60_000) throw new Error('the isolate does not follow')
    }
    return clock.now() - start
  }
  return { ...isolate, shard, follows, versions }
}

const withCanary = releaseOf(2, { canary: canaryOf('1.1.0', 0.5) })
const rolledBack = releaseOf(3, { rolledBack: ['1.1.0'] })

describe('a busy isolate', () => {
  it.each([
    ['pushed', true],
    ['not pushed: the shard asks', false],
  ])('follows a canary and a rollback within two seconds, %s', async (_, isPushed) => {
    const { clock, shard, follows, versions } = busy()
    await follows((seen) => seen.has('1.0.0'))
    await clock.advance(1_500)
    shard.command(withCanary, isPushed)
    expect(await follows((seen) => seen.has('1.1.0'))).toBeLessThanOrEqual(2_000)
    await clock.advance(1_500)
    shard.command(rolledBack, isPushed)
    expect(await follows((seen) => !seen.has('1.1.0'))).toBeLessThanOrEqual(2_000)
    expect(await versions()).toEqual(new Set(['1.0.0']))
  })

  it('sends a canary nobody ten seconds after its shard last heard from the controller', async () => {
    const { clock, shard, follows } = busy()
    shard.command(withCanary, true)
    await follows((seen) => seen.has('1.1.0'))
    shard.controllerIsReachable = false
    const after = await follows((seen) => !seen.has('1.1.0'))
    expect(after).toBeGreaterThan(5_000)
    expect(after).toBeLessThanOrEqual(10_000)
    shard.controllerIsReachable = true
    shard.command(rolledBack, false)
    await clock.advance(2_000)
  })
})

describe('the copies of a shard', () => {
  it('never go back to a lower revision, and tell how old they are', () => {
    const copies = new ReleaseCopies()
    expect(copies.put('adder', releaseOf(4), 1_000)).toBe(true)
    expect(copies.put('adder', releaseOf(3), 2_000)).toBe(false)
    expect(copies.put('adder', releaseOf(4), 3_000)).toBe(false)
    expect(copies.put('adder', null, 9_000)).toBe(false)
    expect(copies.news(3_250)).toEqual([{ model: 'adder', release: releaseOf(4), age_milliseconds: 250 }])
  })

  it('are asked for when nearly a second old, as are models that are new', () => {
    const copies = new ReleaseCopies()
    copies.put('adder', releaseOf(1), 1_000)
    expect(copies.stale(['adder', 'new'], 1_900)).toEqual(['new'])
    expect(copies.stale([], 1_901)).toEqual(['adder'])
    // A clock that was set back says nothing about age.
    expect(copies.stale([], -1)).toEqual(['adder'])
  })

  it('are bounded in number', () => {
    const copies = new ReleaseCopies()
    for (let model = 0; model < 100; model++) copies.put(`m-${model}`, null, 0)
    expect(copies.news(0)).toHaveLength(64)
  })
})

describe('the reply to a delta', () => {
  it('brings nothing from an object of older code, nor what this code cannot read', () => {
    expect(readReleaseNews({ format: 1, applied: true, releases: [] })).toEqual([])
    expect(readReleaseNews({ format: 1, applied: true })).toEqual([])
    expect(readReleaseNews(undefined)).toEqual([])
    const future = { model: 'adder', release: { format: 9 }, age_milliseconds: 0 }
    const other = { model: 'other', release: releaseOf(1), age_milliseconds: 0 }
    const good = { model: 'adder', release: releaseOf(1), age_milliseconds: 5, mood: 'good' }
    expect(readReleaseNews({ releases: [future, other, null, 7, good] })).toEqual([
      { model: 'adder', release: releaseOf(1), age_milliseconds: 5 },
    ])
  })
})
