import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Accuracy, accuracyOf, accuracyReport, mergeAccuracy } from '../../../src/core/accuracy/accuracy.ts'
import type { Foretold, Truth } from '../../../src/core/accuracy/foretold.ts'
import { emptyCounts, mergeCounts, type StatisticsCounts } from '../../../src/core/statistics/counts.ts'
import { emptyLatency } from '../../../src/core/statistics/latency-histogram.ts'
import { statisticsReport } from '../../../src/core/statistics/report.ts'
import { statisticsReportSchema } from '../../../src/protocol/statistics.ts'

/** Eighths add up exactly, so that any order of merging gives the very same numbers. */
const eighth = fc.nat({ max: 8 }).map((eighths) => eighths / 8)

const anyOutcome: fc.Arbitrary<readonly [Foretold, Truth]> = fc.oneof(
  fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }).map((said): Foretold => ({ kind: 'probability', said })),
    fc.oneof(fc.boolean(), eighth),
  ),
  fc.tuple(
    eighth.map((said): Foretold => ({ kind: 'value', said })),
    eighth,
  ),
  fc.tuple(
    fc.tuple(eighth, eighth).map(
      ([a, b]): Foretold => ({
        kind: 'distribution',
        labels: [0, 1, 2],
        probabilities: [a / 2, b / 2, 1 - (a + b) / 2],
      }),
    ),
    fc.integer({ min: -1, max: 4 }),
  ),
)
const anyAccuracy = anyOutcome.map(([foretold, truth]) => accuracyOf('an output', foretold, truth))
const totalOf = ({ outcomes, unlike }: Accuracy): number => outcomes + unlike

describe('merging accuracy', () => {
  it('gives the same in any order and grouping, and loses no outcome', () => {
    fc.assert(
      fc.property(fc.array(anyAccuracy, { minLength: 1, maxLength: 64 }), fc.nat(), (parts, split) => {
        const whole = parts.reduce(mergeAccuracy)
        expect(totalOf(whole)).toBe(parts.length)
        expect([...parts].reverse().reduce(mergeAccuracy)).toEqual(whole)
        const at = 1 + (split % parts.length)
        const halves = [parts.slice(0, at), parts.slice(at)].filter((half) => half.length > 0)
        expect(halves.map((half) => half.reduce(mergeAccuracy)).reduce(mergeAccuracy)).toEqual(whole)
      }),
    )
  })

  it('bounds what a version holds, whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 400 }), (said) => {
        const all = said.map((one) => accuracyOf('p', { kind: 'probability', said: one }, one > 0))
        const bins = all.reduce(mergeAccuracy)
        expect(bins.kind === 'probability' && Object.keys(bins.bins).length).toBeLessThanOrEqual(141)
      }),
      { numRuns: 20 },
    )
  })

  it('refuses a truth that is none', () => {
    const [probability, value] = [{ kind: 'probability', said: 0.5 } as const, { kind: 'value', said: 2 } as const]
    const days = { kind: 'distribution', labels: [1, 2], probabilities: [0.5, 0.5] } as const
    const classes = { kind: 'distribution', labels: ['a', 'b'], probabilities: [0.5, 0.5] } as const
    const bad: readonly [Foretold, Truth, string][] = [
      [probability, 2, 'value is 2; "x" is a probability: send true or false, or a number from 0 to 1'],
      [probability, 'yes', 'value is "yes"; "x" is a probability'],
      [value, true, 'value is true; "x" is a value: send a number'],
      [days, 'a', 'value is "a"; "x" is a distribution over numbers: send a number'],
      [classes, 'c', 'value is "c"; "x" is a distribution over "a", "b": send one of them'],
    ]
    for (const [foretold, truth, message] of bad) expect(() => accuracyOf('x', foretold, truth)).toThrow(message)
    expect(accuracyOf('x', days, 9).outcomes).toBe(1)
  })
})

describe('the statistics report', () => {
  const counts = (predictions: number, accuracy?: Accuracy): StatisticsCounts => ({
    ...emptyCounts(),
    versions: {
      'm@1.0.0': {
        predictions,
        errors: {},
        degraded: {},
        latency: emptyLatency(),
        outputs: {},
        fields: {},
        ...(accuracy === undefined ? {} : { accuracy: { p: accuracy } }),
      },
    },
  })
  const frame = { window: '5m', from: 0, asOf: 1, shards: { answered: 1, of: 1 } } as const

  it('shows accuracy by version and output where there are outcomes, in the form the schema says', () => {
    const outcomes = anyAccuracy
    fc.assert(
      fc.property(fc.array(outcomes, { minLength: 1, maxLength: 20 }), (parts) => {
        const report = statisticsReport(
          [counts(40), ...parts.map((part) => counts(0, part))].reduce(mergeCounts),
          frame,
        )
        expect(statisticsReportSchema.parse(report)).toEqual(report)
        const whole = parts.reduce(mergeAccuracy)
        expect(report.models.m.versions['1.0.0'].accuracy).toEqual({ p: accuracyReport(whole, 40) })
      }),
      { numRuns: 50 },
    )
    expect(statisticsReport(counts(40), frame).models.m.versions['1.0.0']).not.toHaveProperty('accuracy')
  })
})
