import { describe, expect, it } from 'vitest'
import { countTable, cramersV, gTest, pearsonTest, type TableTest } from '../../../src/core/drift/count-table.ts'
import { adjustedP } from '../../../src/core/drift/false-discovery.ts'
import { chiSquareTail, upperGamma } from '../../../src/core/drift/incomplete-gamma.ts'
import { jensenShannon } from '../../../src/core/drift/jensen-shannon.ts'
import {
  distanceOfCounts,
  distanceOfSamples,
  kolmogorovSmirnovP,
  kolmogorovTail,
} from '../../../src/core/drift/kolmogorov-smirnov.ts'
import { PSI_FLOOR, populationStability } from '../../../src/core/drift/population-stability.ts'
import { circularWasserstein, deviationOf, wasserstein } from '../../../src/core/drift/wasserstein.ts'
import adjusted from '../../fixtures/drift/adjusted.json' with { type: 'json' }
import distances from '../../fixtures/drift/distances.json' with { type: 'json' }
import gamma from '../../fixtures/drift/gamma.json' with { type: 'json' }
import tables from '../../fixtures/drift/tables.json' with { type: 'json' }
import twoSample from '../../fixtures/drift/two-sample.json' with { type: 'json' }

/** Doubles below this have fewer digits. */
const SMALLEST_NORMAL = 2.3e-308

const expectRelatively = (found: number, expected: number, tolerance: number): void => {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected) + SMALLEST_NORMAL)
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

describe('tails', () => {
  it('of gamma are those of scipy, to 1e-9 of each', () => {
    for (const [a, x, expected] of gamma.gammaincc) expectRelatively(upperGamma(a, x), expected, 1e-9)
    expect(gamma.gammaincc.length).toBeGreaterThan(400)
  })

  it('of gamma refuse what they are not exact for', () => {
    expect(() => upperGamma(0.25, 1)).toThrow('Expected a ≥ 0.5 and x ≥ 0, got a = 0.25 and x = 1.')
    expect(() => upperGamma(1, -1)).toThrow('x = -1')
    expect(() => upperGamma(Number.NaN, 1)).toThrow('NaN')
    expect(upperGamma(1, Number.POSITIVE_INFINITY)).toBe(0)
    expect(chiSquareTail(0, 0)).toBe(1)
  })

  it('of Kolmogorov are those of scipy, to 1e-9 of each', () => {
    for (const [x, expected] of gamma.kolmogorov) expectRelatively(kolmogorovTail(x), expected, 1e-9)
    expect(() => kolmogorovTail(-1)).toThrow('Expected x ≥ 0, got -1.')
  })
})

describe('the Kolmogorov–Smirnov test', () => {
  it.each(twoSample.samples)('of samples is that of scipy: $name', ({ a, b, d, p }) => {
    const found = distanceOfSamples(a, b)
    expect(Math.abs(found - d)).toBeLessThanOrEqual(1e-12)
    expect(Math.abs(kolmogorovSmirnovP(found, a.length, b.length) - p)).toBeLessThanOrEqual(1e-9)
  })

  it.each(twoSample.counts)('of counts is that of scipy: $name', ({ a, b, d, p }) => {
    const found = distanceOfCounts(a, b)
    expect(Math.abs(found - d)).toBeLessThanOrEqual(1e-12)
    expect(Math.abs(kolmogorovSmirnovP(found, sum(a), sum(b)) - p)).toBeLessThanOrEqual(1e-9)
  })
})

describe('tables of counts', () => {
  const expectTest = (found: TableTest, expected: TableTest): void => {
    expect(found.degrees).toBe(expected.degrees)
    expect(Math.abs(found.statistic - expected.statistic)).toBeLessThanOrEqual(1e-9 * Math.max(1, expected.statistic))
    expect(Math.abs(found.p - expected.p)).toBeLessThanOrEqual(1e-9)
  }

  it.each(tables.tables)('have the tests of scipy: $name', ({ a, b, pearson, g, cramers_v }) => {
    const table = countTable(a, b, 0)
    expectTest(pearsonTest(table), pearson)
    expectTest(gTest(table), g)
    expect(Math.abs(cramersV(table) - cramers_v)).toBeLessThanOrEqual(1e-12)
  })
})

describe('distances', () => {
  it.each(distances.cases)('are those of scipy: $name', (expected) => {
    const { a, b, positions, cycle } = expected
    expect(PSI_FLOOR).toBe(distances.psi_floor)
    expect(jensenShannon(a, b)).toBeCloseTo(expected.jensen_shannon, 7)
    expect(jensenShannon(a, b) ** 2).toBeCloseTo(expected.jensen_shannon ** 2, 14)
    expectRelatively(wasserstein(a, b, positions), expected.wasserstein, 1e-12)
    expect(Math.abs(circularWasserstein(a, b, positions, cycle) - expected.circular_wasserstein)).toBeLessThan(1e-8)
    expectRelatively(deviationOf(b, positions), expected.standard_deviation, 1e-12)
    expect(populationStability(a, b)).toBeCloseTo(expected.psi, 12)
  })

  it.each(twoSample.samples.filter(({ a, b }) => [...a, ...b].every((value) => Math.abs(value) < 1000)))(
    'of samples are those of scipy: $name',
    ({ a, b, wasserstein: expected }) => {
      const positions = [...new Set([...a, ...b])].sort((x, y) => x - y)
      const countsOf = (sample: readonly number[]): number[] =>
        positions.map((position) => sample.filter((value) => value === position).length)
      expect(wasserstein(countsOf(a), countsOf(b), positions)).toBeCloseTo(expected, 12)
    },
  )
})

describe('adjusted p-values', () => {
  it.each(adjusted.families)('are those of scipy: $p.length tests', ({ p, adjusted: expected }) => {
    for (const [index, value] of adjustedP(p).entries()) expectRelatively(value, expected[index], 1e-12)
  })

  it('want probabilities', () => {
    expect(() => adjustedP([0.1, 1.5])).toThrow('Expected a p in [0, 1], got 1.5 at 1.')
    expect(adjustedP([])).toEqual([])
  })
})
