import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { UNKNOWN_DURATION } from '../../../src/core/clock.ts'
import { mergeCounts, type StatisticsCounts } from '../../../src/core/statistics/counts.ts'
import { countsOf } from '../../../src/core/statistics/delta.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import {
  emptySketch,
  LONGEST_MILLISECONDS,
  mergeSketches,
  SHORTEST_MILLISECONDS,
  SKETCH_ACCURACY,
  SKETCH_BINS,
  SketchRecorder,
  sketchCount,
  sketchQuantile,
} from '../../../src/core/statistics/latency-sketch.ts'
import { readDelta } from '../../../src/core/statistics/read-delta.ts'
import { statisticsReport } from '../../../src/core/statistics/report.ts'
import { probabilities } from '../../support/statistics.ts'

interface Case {
  readonly name: string
  readonly milliseconds: readonly number[]
  readonly shares: readonly number[]
  readonly quantiles: readonly number[]
}
const FIXTURE = new URL('../../fixtures/statistics/quantiles.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { readonly cases: readonly Case[] }

const AT = Date.UTC(2026, 10, 1)
const PARTS = 64

/** Everything a request leaves in the counts of its version. */
const observe = (builder: DeltaBuilder, milliseconds: number, index: number): void => {
  const duration = { known: true, milliseconds } as const
  const stages = [
    { name: 'zip', duration },
    { name: 'features', duration: UNKNOWN_DURATION },
  ]
  builder.prediction('m', '1.0.0', { p: (index % 101) / 100 }, index % 7 === 0 ? ['zip_unknown'] : [], AT)
  builder.latency('m', '1.0.0', duration, 16, AT, stages)
}
const countsIn = (builder: DeltaBuilder): StatisticsCounts =>
  countsOf(readDelta(JSON.parse(JSON.stringify(builder.toDelta({ isolate: 'i', sequence: 1, codeVersion: 'c' })))))

/** `parts` merged from first to last, from last to first, and pair by pair. */
const orders: readonly (readonly [string, (parts: readonly StatisticsCounts[]) => StatisticsCounts])[] = [
  ['from first to last', (parts) => parts.reduce(mergeCounts)],
  ['from last to first', (parts) => parts.reduceRight(mergeCounts)],
  [
    'pair by pair',
    (parts) => {
      let level = parts
      while (level.length > 1) {
        level = level.flatMap((part, index) => {
          const next = level[index + 1]
          if (index % 2 === 1) return []
          return [next === undefined ? part : mergeCounts(part, next)]
        })
      }
      return level[0] as StatisticsCounts
    },
  ],
]

describe.each(cases)('$name durations, counted in 64 parts', ({ milliseconds, shares, quantiles }) => {
  const one = new DeltaBuilder(probabilities)
  const builders = Array.from({ length: PARTS }, () => new DeltaBuilder(probabilities))
  for (const [index, value] of milliseconds.entries()) {
    observe(one, value, index)
    observe(builders[(index * 31) % PARTS] as DeltaBuilder, value, index)
  }
  const parts = builders.map(countsIn)

  it.each(orders)('are those of one stream when merged %s', (_, merge) => {
    expect(merge(parts)).toEqual(countsIn(one))
  })

  it('have the quantiles numpy gives, within the stated error, in whole and by stage', () => {
    const frame = { window: '5m', from: 0, asOf: 0, shards: { answered: 1, of: 1 } } as const
    const { stages } = statisticsReport(parts.reduce(mergeCounts), frame).models.m?.versions['1.0.0'] ?? {}
    for (const stage of ['total', 'zip']) {
      const report = stages?.[stage]
      expect(report?.count).toBe(milliseconds.length * 16)
      const sketch = parts.reduce(mergeCounts).versions['m@1.0.0']?.stages?.[stage] ?? emptySketch()
      for (const [index, share] of shares.entries()) {
        const exact = (quantiles[index] as number) / 1_000
        const found = sketchQuantile(sketch, share) as number
        expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(SKETCH_ACCURACY + 1e-9)
      }
    }
  })

  it('are unknown where the clock stood still, not zero', () => {
    const features = parts.reduce(mergeCounts).versions['m@1.0.0']?.stages?.features ?? emptySketch()
    expect(features).toEqual({ ...emptySketch(), unknown: milliseconds.length * 16 })
    expect(sketchQuantile(features, 0.99)).toBeNull()
  })
})

describe('a sketch', () => {
  it('has a bounded number of bins, however short or long the durations', () => {
    const recorder = new SketchRecorder()
    for (let exponent = -300; exponent <= 300; exponent += 0.004)
      recorder.record({ known: true, milliseconds: 10 ** exponent }, 1)
    const sketch = recorder.toSketch()
    expect(sketch.bins.length).toBe(SKETCH_BINS)
    expect(SKETCH_BINS).toBeLessThan(800)
    expect((sketchQuantile(sketch, 0) as number) * 1_000).toBeCloseTo(SHORTEST_MILLISECONDS, 3)
    expect(Math.abs((sketchQuantile(sketch, 1) as number) * 1_000 - LONGEST_MILLISECONDS)).toBeLessThan(
      LONGEST_MILLISECONDS * SKETCH_ACCURACY,
    )
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'takes a duration of %d ms for one that is not known',
    (ms) => {
      const recorder = new SketchRecorder()
      recorder.record({ known: true, milliseconds: ms }, 3)
      expect(recorder.toSketch()).toEqual({ ...emptySketch(), unknown: 3 })
    },
  )

  it('is the same when merged with an empty one', () => {
    const recorder = new SketchRecorder()
    recorder.record({ known: true, milliseconds: 4 }, 16)
    expect(mergeSketches(emptySketch(), recorder.toSketch())).toEqual(recorder.toSketch())
    expect(sketchCount(recorder.toSketch())).toBe(16)
  })
})

describe('a delta with stages', () => {
  const builder = new DeltaBuilder(probabilities)
  observe(builder, 4, 1)
  const delta = builder.toDelta({ isolate: 'i', sequence: 1, codeVersion: 'c' })
  const withZip = (zip: object) => ({
    ...delta,
    versions: { 'm@1.0.0': { ...delta.versions['m@1.0.0'], stages: { zip } } },
  })

  it.each([
    [{ format: 2, bins: [], counts: [], unknown: 0 }, /stages\["zip"\]\.format is 2, expected 1/],
    [{ format: 1, bins: [1, 1], counts: [1, 1], unknown: 0 }, /bins\[1\] is 1, expected a whole number from 2/],
    [{ format: 1, bins: [1e6], counts: [1], unknown: 0 }, /bins\[0\] is 1000000, expected at most/],
    [{ format: 1, bins: [1], counts: [], unknown: 0 }, /the length of .*bins is 1, expected that of counts, 0/],
  ])('%j is refused, naming the place', (zip, message) => {
    expect(() => readDelta(withZip(zip))).toThrow(message)
  })

  it('is read without them where older code wrote it', () => {
    const { stages, ...older } = delta.versions['m@1.0.0'] as NonNullable<(typeof delta.versions)[string]>
    expect(stages).toBeDefined()
    expect(readDelta({ ...delta, versions: { 'm@1.0.0': older } }).versions['m@1.0.0']).toEqual(older)
  })
})
