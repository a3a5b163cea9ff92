import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countTable, cramersV, gTest, pearsonTest } from '../../../src/core/drift/count-table.ts'
import { adjustedP } from '../../../src/core/drift/false-discovery.ts'
import { jensenShannon } from '../../../src/core/drift/jensen-shannon.ts'
import { binningError, distanceOfCounts, distanceOfSamples } from '../../../src/core/drift/kolmogorov-smirnov.ts'
import { populationStability } from '../../../src/core/drift/population-stability.ts'
import { totalOf } from '../../../src/core/drift/shares.ts'
import { circularWasserstein, wasserstein } from '../../../src/core/drift/wasserstein.ts'

const CLOSE = 1e-9

/** Two rows over the same 1 to 30 bins, each with something in it. */
const rows = fc.integer({ min: 1, max: 30 }).chain((length) => {
  const row = fc
    .array(fc.oneof(fc.constant(0), fc.nat(100_000)), { minLength: length, maxLength: length })
    .filter((counts) => counts.some((count) => count > 0))
  return fc.tuple(row, row)
})

const unitPositions = (length: number): number[] => Array.from({ length }, (_, index) => index)

const MEASURES: Record<string, (a: readonly number[], b: readonly number[]) => number> = {
  'the Kolmogorov–Smirnov distance': distanceOfCounts,
  'the Jensen–Shannon distance': jensenShannon,
  'the Wasserstein distance': (a, b) => wasserstein(a, b, unitPositions(a.length)),
  'the Wasserstein distance on a circle': (a, b) => circularWasserstein(a, b, unitPositions(a.length), a.length),
  'the population stability index': populationStability,
}

describe.each(Object.entries(MEASURES))('%s', (_, measure) => {
  it('is the same from either side, not negative, and nothing between equal shares', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 1000 }), ([a, b], factor) => {
        expect(measure(a, b)).toBeGreaterThanOrEqual(0)
        expect(Math.abs(measure(a, b) - measure(b, a))).toBeLessThan(CLOSE)
        expect(
          measure(
            a,
            a.map((count) => count * factor),
          ),
        ).toBeLessThan(1e-7)
      }),
    )
  })

  it('does not depend on how many were counted', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 1000 }), ([a, b], factor) => {
        const scaled = b.map((count) => count * factor)
        expect(Math.abs(measure(a, scaled) - measure(a, b))).toBeLessThan(1e-7)
      }),
    )
  })

  it('is not made greater by adding the other side', () => {
    fc.assert(
      fc.property(rows, ([a, b]) => {
        expect(
          measure(
            a.map((count, bin) => count + b[bin]),
            b,
          ),
        ).toBeLessThan(measure(a, b) + 1e-7)
      }),
    )
  })

  it('refuses what are no counts, and says where', () => {
    expect(() => measure([1, -1], [1, 1])).toThrow('Expected a count ≥ 0 in bin 1, got -1.')
    expect(() => measure([1, 1], [0, 0])).toThrow('Expected at least one count above 0, got none.')
    expect(() => measure([1, Number.NaN], [0, 1])).toThrow('in bin 1, got NaN')
  })
})

it('counts fit their bins', () => {
  expect(() => totalOf([1, 2], 3)).toThrow('Expected 3 counts, got 2.')
})

describe('distances', () => {
  it('of Jensen and Shannon and of Kolmogorov and Smirnov are within [0, 1], and 1 for what has nothing in common', () => {
    fc.assert(
      fc.property(rows, ([a, b]) => {
        expect(jensenShannon(a, b)).toBeLessThanOrEqual(1)
        expect(distanceOfCounts(a, b)).toBeLessThanOrEqual(1)
        const apart = [...a.map((count) => [count, 0]), ...b.map((count) => [0, count])]
        expect(
          jensenShannon(
            apart.map(([x]) => x),
            apart.map(([, y]) => y),
          ),
        ).toBeCloseTo(1, 9)
        expect(
          distanceOfCounts(
            apart.map(([x]) => x),
            apart.map(([, y]) => y),
          ),
        ).toBeCloseTo(1, 12)
      }),
    )
  })

  it('of Jensen and Shannon keep the triangle', () => {
    fc.assert(
      fc.property(rows, ([a, b]) => {
        const c = a.map((count, bin) => count + 2 * b[a.length - 1 - bin] + 1)
        expect(jensenShannon(a, b)).toBeLessThanOrEqual(jensenShannon(a, c) + jensenShannon(c, b) + CLOSE)
      }),
    )
  })

  it('on a circle do not depend on where it begins, nor exceed half of it or the line', () => {
    fc.assert(
      fc.property(rows, fc.nat(30), ([a, b], steps) => {
        const positions = unitPositions(a.length)
        const turned = (row: readonly number[]): number[] => row.map((_, bin) => row[(bin + steps) % row.length])
        const found = circularWasserstein(a, b, positions, a.length)
        expect(circularWasserstein(turned(a), turned(b), positions, a.length)).toBeCloseTo(found, 8)
        expect(found).toBeLessThanOrEqual(a.length / 2 + CLOSE)
        expect(found).toBeLessThanOrEqual(wasserstein(a, b, positions) + CLOSE)
      }),
    )
  })

  it('along a line want its positions in order, and on a circle within one turn', () => {
    expect(() => wasserstein([1, 1], [1, 1], [2, 1])).toThrow('Expected ascending positions, got 1 at 1.')
    expect(() => wasserstein([1, 1], [1, 1], [1])).toThrow('Expected 2 positions, got 1.')
    expect(() => circularWasserstein([1, 1], [1, 1], [0, 24], 24)).toThrow('within one cycle of 24, got a span of 24')
  })
})

describe('the error that bins add to D', () => {
  const sample = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 })
  const edges = fc.uniqueArray(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 12 })
  const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((x, y) => x - y)

  it('covers what the values show and the counts do not', () => {
    fc.assert(
      fc.property(sample, sample, edges, (a, b, unordered) => {
        const bounds = ascending(unordered)
        const counts = (values: readonly number[]): number[] => {
          const row = new Array(bounds.length + 1).fill(0)
          for (const value of values) row[bounds.filter((edge) => value > edge).length]++
          return row
        }
        const exact = distanceOfSamples(ascending(a), ascending(b))
        const binned = distanceOfCounts(counts(a), counts(b))
        expect(binned).toBeLessThanOrEqual(exact + 1e-12)
        expect(exact).toBeLessThanOrEqual(binned + binningError(counts(a), counts(b)) + 1e-12)
      }),
      { numRuns: 500 },
    )
  })

  it('covers the buckets of a sketch of 1 % relative accuracy', () => {
    const gamma = 1.01 / 0.99
    const positive = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 80 })
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const bucket = (value: number): number => Math.ceil(Math.log(value) / Math.log(gamma))
        const buckets = ascending([...new Set([...a, ...b].map(bucket))])
        const counts = (values: readonly number[]): number[] =>
          buckets.map((index) => values.filter((value) => bucket(value) === index).length)
        const exact = distanceOfSamples(ascending(a), ascending(b))
        const sketched = distanceOfCounts(counts(a), counts(b))
        expect(Math.abs(exact - sketched)).toBeLessThanOrEqual(binningError(counts(a), counts(b)) + 1e-12)
      }),
    )
  })

  it('can be reached: all of one bin before all of the other', () => {
    expect(distanceOfCounts([5], [7])).toBe(0)
    expect(binningError([5], [7])).toBe(1)
    expect(binningError([5, 0], [0, 7])).toBe(0)
  })

  it('is asked of samples in order', () => {
    expect(() => distanceOfSamples([1, 3, 2], [1])).toThrow('Expected ascending numbers, got 2 at 2.')
    expect(() => distanceOfSamples([], [1])).toThrow('Expected at least one value, got none.')
    expect(() => distanceOfSamples([Number.NaN], [1])).toThrow('got NaN at 0')
  })
})

describe('a table of counts', () => {
  it('tests alike from either side and in any order of the cells', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(0, 5), ([a, b], minimum) => {
        const table = countTable(a, b, minimum)
        for (const test of [pearsonTest, gTest]) {
          const { statistic, p } = test(table)
          expect(p).toBeGreaterThanOrEqual(0)
          expect(p).toBeLessThanOrEqual(1)
          expect(test(countTable(b, a, minimum)).statistic).toBeCloseTo(statistic, 4)
          const reversed = test(countTable(a.toReversed(), b.toReversed(), 0)).statistic
          if (minimum === 0) expect(Math.abs(reversed - statistic)).toBeLessThanOrEqual(1e-9 * Math.max(1, statistic))
        }
        expect(cramersV(table)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('loses nothing to the pool, and expects enough in every cell or has no test', () => {
    fc.assert(
      fc.property(rows, ([a, b]) => {
        const sum = (row: readonly number[]): number => row.reduce((total, count) => total + count, 0)
        const table = countTable(a, b, 5)
        expect(sum(table.a)).toBe(sum(a))
        expect(sum(table.b)).toBe(sum(b))
        const least = Math.min(sum(a), sum(b)) / (sum(a) + sum(b))
        if (table.a.length > 1)
          for (const [cell, count] of table.a.entries())
            expect((count + table.b[cell]) * least).toBeGreaterThanOrEqual(5 - CLOSE)
      }),
    )
  })

  it('pools sparse cells with their neighbours', () => {
    expect(countTable([1, 50, 2, 40, 3], [2, 60, 1, 45, 0], 5)).toEqual({ a: [51, 45], b: [62, 46] })
    expect(countTable([1, 1], [1, 1], 5)).toEqual({ a: [2], b: [2] })
    expect(countTable([0, 3, 0], [0, 0, 4], 0)).toEqual({ a: [3, 0], b: [0, 4] })
  })
})

describe('adjusted p-values', () => {
  it('are no smaller than those given, keep their order and do not depend on it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (p) => {
        const adjusted = adjustedP(p)
        for (const [index, value] of adjusted.entries()) {
          expect(value).toBeGreaterThanOrEqual(p[index] * (1 - 1e-12))
          expect(value).toBeLessThanOrEqual(1)
        }
        expect(adjustedP(p.toReversed()).toReversed()).toEqual(adjusted)
      }),
    )
  })
})
