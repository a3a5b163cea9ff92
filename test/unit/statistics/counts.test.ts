import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  binOf,
  binTotal,
  labelLayout,
  MAX_BINS,
  mergeBins,
  PROBABILITY_LAYOUT,
} from '../../../src/core/statistics/bin-counts.ts'
import {
  emptyCounts,
  eventsIn,
  LIMITS,
  mergeCounts,
  OTHER,
  OTHER_VERSION,
} from '../../../src/core/statistics/counts.ts'
import { countsOf } from '../../../src/core/statistics/delta.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { readDelta } from '../../../src/core/statistics/read-delta.ts'
import { anyCounts, deltaOf, probabilities } from '../../support/statistics.ts'

const AT = Date.UTC(2026, 10, 1)
const header = { isolate: 'i', sequence: 1, codeVersion: 'c' }

describe('merging counts', () => {
  it('gives the same in any order and any grouping, also where there are too many keys', () => {
    fc.assert(
      fc.property(
        fc.array(anyCounts, { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (parts, cut, seed) => {
          const whole = parts.reduce(mergeCounts)
          const shuffled = parts
            .map((part, i) => ({ part, key: ((i + 1) * 7919 + seed) % 101 }))
            .sort((a, b) => a.key - b.key)
          expect(shuffled.map(({ part }) => part).reduce(mergeCounts)).toEqual(whole)
          const left = parts.slice(0, cut).reduce(mergeCounts, emptyCounts())
          const right = parts.slice(cut).reduce(mergeCounts, emptyCounts())
          expect(mergeCounts(left, right)).toEqual(whole)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('loses no event and keeps within its limits', () => {
    fc.assert(
      fc.property(anyCounts, anyCounts, (a, b) => {
        const whole = mergeCounts(a, b)
        expect(eventsIn(whole)).toBe(eventsIn(a) + eventsIn(b))
        expect(Object.keys(whole.versions).length).toBeLessThanOrEqual(LIMITS.versions + 1)
        expect(Object.keys(whole.rejected).length).toBeLessThanOrEqual(LIMITS.keys + 1)
      }),
    )
  })

  it('equals one stream when 64 isolates counted it in parts', () => {
    const one = new DeltaBuilder(probabilities)
    const parts = Array.from({ length: 64 }, () => new DeltaBuilder(probabilities))
    for (let event = 0; event < 6_400; event++) {
      const part = parts[(event * 31) % 64] as DeltaBuilder
      for (const builder of [one, part]) {
        if (event % 10 === 0) builder.failure('m', '1.0.0', 'model_failed', AT)
        else
          builder.prediction(
            'm',
            `1.0.${event % 3}`,
            { p: (event % 101) / 100 },
            event % 7 === 0 ? ['zip_unknown'] : [],
            AT,
          )
        if (event % 16 === 0) builder.latency('m', '1.0.0', { known: true, milliseconds: 1 + (event % 50) }, 16, AT)
      }
    }
    const merged = parts.map((part) => countsOf(part.toDelta(header))).reduce(mergeCounts)
    expect(merged).toEqual(countsOf(one.toDelta(header)))
  })

  it('keeps every value of two layouts, the finer one prevailing', () => {
    const counts = { lowest: 0, highest: 1, under: 1, over: 0, non_finite: 2, unlike: 0 }
    const coarse = { ...counts, counts: [5, 5] }
    const fine = { ...counts, counts: [1, 1, 1] }
    const merged = mergeBins(coarse, fine)
    expect(merged).toEqual({ ...fine, unlike: 13 })
    expect(mergeBins(fine, coarse)).toEqual(merged)
    expect(binTotal(merged)).toBe(binTotal(coarse) + binTotal(fine))
  })
})

describe('bins', () => {
  it('hold their lower edge, the last one both', () => {
    expect([0, 0.05, 0.0499, 0.95, 1].map((value) => binOf(PROBABILITY_LAYOUT, value))).toEqual([0, 1, 0, 19, 19])
    expect([-0.001, 1.001].map((value) => binOf(PROBABILITY_LAYOUT, value))).toEqual([-1, 20])
  })

  it('put the most probable label of a distribution at its index, and what is past the last bin over it', () => {
    const builder = new DeltaBuilder(probabilities)
    const days = { labels: [1, 2, 3], probabilities: [0.2, 0.7, 0.1], p50: 2 }
    const long = { labels: [], probabilities: Array.from({ length: MAX_BINS + 10 }, (_, i) => i) }
    builder.prediction('m', '1.0.0', { days, long, p: Number.NaN }, [], AT)
    const { outputs } = builder.toDelta(header).versions['m@1.0.0']
    expect(outputs.days).toMatchObject({ lowest: 0, highest: 3, counts: [0, 1, 0] })
    expect(outputs.long.over).toBe(1)
    expect(outputs.p.non_finite).toBe(1)
    expect(labelLayout(0).bins).toBe(1)
  })
})

describe('a delta that grows', () => {
  it('counts what would be one key too many as other, and stays within bounds', () => {
    const builder = new DeltaBuilder(probabilities)
    for (let i = 0; i < 10_000; i++) {
      const outputs = Object.fromEntries(Array.from({ length: 20 }, (_, o) => [`o${o}_${i % 5}`, 0.5]))
      builder.prediction('m', `1.0.${i % 100}`, outputs, [`flag_${i}`], AT)
      builder.rejected(`code_${i}`, AT)
    }
    const delta = builder.toDelta(header)
    expect(eventsIn(delta)).toBe(20_000)
    expect(delta.versions[OTHER_VERSION].predictions).toBe(10_000 - 32 * 100)
    expect(delta.rejected[OTHER]).toBe(10_000 - LIMITS.keys)
    expect(JSON.stringify(delta).length).toBeLessThan(200_000)
    expect(readDelta(structuredClone(delta))).toEqual(delta)
  })

  it('tells when its first and last observation were', () => {
    const builder = new DeltaBuilder(probabilities)
    expect(builder.isEmpty).toBe(true)
    builder.zipLookup('memory', AT)
    builder.rejected('invalid_json', AT + 700)
    expect(builder.isEmpty).toBe(false)
    expect(builder.toDelta(header)).toMatchObject({ from: AT, to: AT + 700 })
  })

  it('is small when one version is served', () => {
    expect(JSON.stringify(deltaOf(crypto.randomUUID(), 1, 1_000, AT)).length).toBeLessThan(800)
  })
})
