import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OTHER, OTHER_VERSION, type StatisticsCounts } from '../../../src/core/statistics/counts.ts'
import { latencyCount } from '../../../src/core/statistics/latency-histogram.ts'
import type { LatencySketch } from '../../../src/core/statistics/latency-sketch.ts'
import {
  addTotals,
  emptyTotals,
  type StatisticsTotals,
  TOTAL_KEYS,
  totalsOf,
} from '../../../src/core/statistics/totals.ts'
import { anyCounts } from '../../support/statistics.ts'

/** Every number that becomes a counter, by a name of its own. */
const numbersOf = (value: unknown, path = ''): [string, number][] => {
  if (typeof value === 'number') return path.endsWith('.counted_at') ? [] : [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  // The bins of a sketch are names of its counts.
  if ('bins' in value && 'counts' in value) {
    const { bins, counts, unknown } = value as LatencySketch
    return [
      [`${path}.unknown`, unknown],
      ...bins.map((bin, index): [string, number] => [`${path}.bin ${bin}`, counts[index] as number]),
    ]
  }
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${path}.${key}`))
}

const sumOf = (parts: readonly StatisticsCounts[]): StatisticsTotals =>
  parts.map((counts, minute) => totalsOf(counts, minute * 60_000)).reduce(addTotals, emptyTotals())

describe('totals', () => {
  it('never fall, whatever comes next', () => {
    fc.assert(
      fc.property(fc.array(anyCounts, { maxLength: 4 }), anyCounts, (parts, next) => {
        const before = sumOf(parts)
        const grown = new Map(numbersOf(sumOf([...parts, next])))
        for (const [name, value] of numbersOf(before)) expect(grown.get(name)).toBeGreaterThanOrEqual(value)
      }),
      { numRuns: 50 },
    )
  })

  it('are exact, and the same in parts', () => {
    fc.assert(
      fc.property(fc.array(anyCounts, { minLength: 1, maxLength: 5 }), fc.nat({ max: 5 }), (parts, cut) => {
        const whole = sumOf(parts)
        const halves = addTotals(sumOf(parts.slice(0, cut)), sumOf(parts.slice(cut)))
        expect(new Map(numbersOf(halves))).toEqual(new Map(numbersOf(whole)))
        const counted = (of: (version: { predictions: number; latency: { counts: readonly number[] } }) => number) => [
          Object.values(whole.versions).reduce((sum, version) => sum + of(version), 0),
          parts.flatMap(({ versions }) => Object.values(versions)).reduce((sum, version) => sum + of(version), 0),
        ]
        const [predictions, allPredictions] = counted(({ predictions: count }) => count)
        expect(predictions).toBe(allPredictions)
        const [timed, allTimed] = counted(({ latency }) =>
          latencyCount({ ...latency, sum_microseconds: 0, unknown: 0 }),
        )
        expect(timed).toBe(allTimed)
        expect(whole.lost).toBe(parts.reduce((sum, { lost }) => sum + lost, 0))
      }),
      { numRuns: 50 },
    )
  })

  it('keep the key that has a place, and count later ones as other', () => {
    const many = Object.fromEntries(Array.from({ length: TOTAL_KEYS }, (_, i) => [`m@2.0.${i}`, 1]))
    const full: StatisticsTotals = { ...emptyTotals(), load_failures: many }
    const next = addTotals(full, { ...emptyTotals(), load_failures: { 'a@1.0.0': 5, 'm@2.0.7': 1 } })
    expect(Object.keys(next.load_failures)).toHaveLength(TOTAL_KEYS + 1)
    expect(next.load_failures).toMatchObject({ 'm@2.0.7': 2, [OTHER]: 5 })
    const version = {
      counted_at: 0,
      predictions: 1,
      errors: {},
      degraded: {},
      latency: { counts: [], sum_microseconds: 0, unknown: 0 },
    }
    const versions = Object.fromEntries(Object.keys(many).map((key) => [key, version]))
    const one = { ...emptyTotals(), versions: { 'a@1.0.0': version } }
    expect(addTotals({ ...emptyTotals(), versions }, one).versions[OTHER_VERSION]?.predictions).toBe(1)
  })
})
