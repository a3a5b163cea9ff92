import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deadlineIn } from '../../../src/core/clock.ts'
import { meanOfCounts } from '../../../src/core/profile/output-mean.ts'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { MeanModels } from '../../../src/serving/mean-models.ts'
import type { VersionProfile } from '../../../src/serving/ports.ts'
import { referenceMeans } from '../../../src/serving/reference-means.ts'
import { HeldBackground } from '../../support/background.ts'
import { fakeFiles } from '../../support/fake-runtime.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

const ROOT = join(import.meta.dirname, '../../..')
const SERVED = join(ROOT, 'test/fixtures/foreign/served')
const read = (folder: string): { manifest: Manifest; profile: Record<string, unknown> } => {
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  return { manifest: json('manifest.json'), profile: json('reference.json') }
}

/** A profile of `fakeFiles('1.0.0')` whose one output was counted so. */
const profileOf = (output: object): object => ({
  format: 1,
  model: 'adder',
  version: '1.0.0',
  hour_of_week: null,
  fields: [],
  outputs: [{ name: 'sum', layout: { lowest: 0, highest: 10, bins: 5 }, counts: [[1, -3, 3]], ...output }],
  background: { fields: [], rows: [] },
})
const manifestOf = (changes: Partial<Manifest> = {}): Manifest => fakeFiles('1.0.0', changes).manifest

describe('the mean of a reference profile', () => {
  it('takes each value for the middle of its bin, over all slices', () => {
    const layout = { lowest: 0, highest: 10, bins: 5 }
    expect(meanOfCounts({ layout, counts: [[1, -3, 3], [-5], [-1, 4, -3]] })).toBe((1 + 3 * 9 + 4 * 3) / 8)
    expect(meanOfCounts({ layout, counts: [[-5]] })).toBeNull()
  })

  it('of the bundled model is within half a bin of what it says of itself', () => {
    const { manifest, profile } = read(join(ROOT, 'model/late-arrival/1.0.0'))
    // The share of late flights of the training rows is 0.21: see its model card.
    expect(referenceMeans(manifest, profile)?.late_probability).toBeCloseTo(0.2065, 3)
  })

  it('of a distribution has its labels, probabilities that add up to one, and quantiles', () => {
    const { manifest, profile } = read(join(SERVED, 'days/1.0.0'))
    const mean = referenceMeans(manifest, profile)?.delivery_days
    if (typeof mean !== 'object') throw new Error('expected a distribution')
    expect(mean.probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    expect(mean).toMatchObject({ p50: expect.any(Number), p90: expect.any(Number) })
    expect(mean.labels).toHaveLength(15)
  })

  it('is none of a distribution whose profile has only its likeliest labels', () => {
    const { manifest, profile } = read(join(SERVED, 'days/1.0.0'))
    const outputs = (profile.outputs as object[]).map((output) => ({ ...output, mean: undefined }))
    expect(referenceMeans(manifest, { ...profile, outputs })).toBeNull()
  })

  it('is none of a value that was counted without knowing its range, unless it is stated', () => {
    expect(referenceMeans(manifestOf(), profileOf({}))).toBeNull()
    expect(referenceMeans(manifestOf(), profileOf({ mean: 4.5 }))).toEqual({ sum: 4.5 })
    expect(referenceMeans(manifestOf({ coverage: { sum: [0, 10] } }), profileOf({}))).toEqual({ sum: 7 })
  })

  it.each([
    ['no profile', null],
    ['a profile of another version', { ...profileOf({ mean: 1 }), version: '2.0.0' }],
    ['one without that output', profileOf({ name: 'other', mean: 1 })],
    ['one with a mean that is no number', profileOf({ mean: 'many' })],
    ['one whose counts do not fit', profileOf({ counts: [[1]] })],
  ])('is none of %s', (_, profile) => {
    expect(referenceMeans(manifestOf(), profile)).toBeNull()
  })
})

describe('means in memory', () => {
  const make = (answer: () => Promise<VersionProfile | null>) => {
    const clock = new ManualClock()
    const background = new HeldBackground()
    let reads = 0
    const means = new MeanModels(
      {
        read: () => {
          reads++
          return answer()
        },
      },
      clock,
      clock,
    )
    const get = () => means.get('adder', '1.0.0', deadlineIn(clock, 100), background.run)
    return { clock, get, means, reads: () => reads, background }
  }
  const known: VersionProfile = { manifest: manifestOf(), means: { sum: 7 } }

  it('are read once', async () => {
    const { clock, get, reads } = make(() => Promise.resolve(known))
    const first = await get()
    expect(await first?.loaded.predictRows({ numbers: new Float64Array(4), strings: null })).toEqual([
      { sum: 7 },
      { sum: 7 },
    ])
    await clock.advance(1_000_000)
    expect(await get()).toBe(first)
    expect(reads()).toBe(1)
  })

  it('are asked for again where the store failed or had none, and not for each event', async () => {
    let answer: () => Promise<VersionProfile | null> = () => Promise.reject(new Error('down'))
    const { clock, get, reads } = make(() => answer())
    expect([await get(), await get()]).toEqual([null, null])
    expect(reads()).toBe(1)
    answer = () => Promise.resolve(null)
    await clock.advance(1_000)
    expect([await get(), await get()]).toEqual([null, null])
    expect(reads()).toBe(2)
    answer = () => Promise.resolve(known)
    await clock.advance(60_000)
    expect(await get()).not.toBeNull()
  })

  it('are not waited for beyond the deadline, and a late read still fills the memory', async () => {
    let arrive: (profile: VersionProfile) => void = () => undefined
    const { clock, get, means } = make(() => new Promise((resolve) => (arrive = resolve)))
    const answer = get()
    await clock.advance(100)
    expect(await answer).toBeNull()
    arrive(known)
    await settle()
    expect(means.has('adder', '1.0.0')).toBe(true)
  })
})
