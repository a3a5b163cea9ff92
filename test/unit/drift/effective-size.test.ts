import { describe, expect, it } from 'vitest'
import type { Compared, ComparedRow } from '../../../src/core/drift/compared-series.ts'
import { effectiveSizes, persistence, wanderOf } from '../../../src/core/drift/effective-size.ts'
import { seededRandom } from '../../../src/training/random.ts'
import { HOUR } from './small-profile.ts'

const SHARES = [0.4, 0.3, 0.2, 0.1]

const rowOf = (hour: number, observed: readonly number[], expected: readonly number[] = SHARES): ComparedRow => ({
  startsAt: hour * HOUR,
  size: observed.reduce((sum, count) => sum + count, 0),
  observed,
  of: expected.reduce((sum, share) => sum + share, 0),
  expected,
  slice: hour % 168,
  referenceRows: 10_000,
})
const comparedOf = (rows: readonly ComparedRow[]): Compared => ({
  rows,
  size: rows.reduce((sum, { size }) => sum + size, 0),
  referenceRows: 10_000,
})
const even = (hours: number, size = 1000) =>
  comparedOf(
    Array.from({ length: hours }, (_, hour) =>
      rowOf(
        hour,
        SHARES.map((share) => share * size),
      ),
    ),
  )

describe('persistence', () => {
  it('is 1 for one hour and the variance of an AR(1) mean for many', () => {
    expect(persistence(even(1), 24)).toBe(1)
    const kept = Math.exp(-1 / 24)
    let expected = 0
    for (let t = 0; t < 50; t++) for (let u = 0; u < 50; u++) expected += kept ** Math.abs(t - u) / 2500
    expect(persistence(even(50), 24)).toBeCloseTo(expected, 12)
    const reversed = { ...even(50), rows: even(50).rows.toReversed() }
    expect(persistence(reversed, 24)).toBeCloseTo(expected, 12)
  })
})

describe('effective sizes', () => {
  it('are the sizes themselves where nothing wanders, and never more', () => {
    expect(effectiveSizes(even(24), 0, 24, 17)).toEqual({ current: 24_000, reference: 10_000 })
    const { current, reference } = effectiveSizes(even(24), 0.001, 24, 17)
    expect(current).toBeLessThan(24_000)
    expect(reference).toBeLessThan(10_000)
    expect(reference / 10_000).toBeGreaterThan(current / 24_000)
  })

  it('are bounded by the wander, however many events there are', () => {
    expect(effectiveSizes(even(1, 1e9), 0.001, 24, 17).current).toBeCloseTo(1000, 2)
    expect(effectiveSizes(comparedOf([]), 0.001, 24, 17)).toEqual({ current: 0, reference: 0 })
  })
})

describe('the wander of shares', () => {
  const bounds = { least: 0, greatest: 1, memoryHours: 1e-6 }
  const random = seededRandom(11)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  /** Counts of two cells whose share varies between hours by `deviation`. */
  const hours = (count: number, size: number, share: number, deviation: number) =>
    comparedOf(
      Array.from({ length: count }, (_, hour) => {
        const own = share + deviation * normal()
        const first = Math.round(size * own + Math.sqrt(size * own * (1 - own)) * normal())
        return rowOf(hour, [first, size - first], [0.5, 0.5])
      }),
    )

  it('is nothing for independent draws', () => {
    expect(wanderOf(hours(2000, 5000, 0.5, 0), bounds)).toBeLessThan(2e-5)
  })

  it('is the variance of the share in units of p (1 − p)', () => {
    const found = wanderOf(hours(4000, 5000, 0.5, 0.05), bounds)
    expect(found / (0.05 ** 2 / 0.25)).toBeGreaterThan(0.85)
    expect(found / (0.05 ** 2 / 0.25)).toBeLessThan(1.15)
  })

  it('is not made greater by a steady drift', () => {
    expect(wanderOf(hours(2000, 5000, 0.8, 0), bounds)).toBeLessThan(2e-5)
  })

  it('is not made greater by a fault in a few of the hours', () => {
    const { rows } = hours(168, 5000, 0.5, 0)
    const stuck = Array.from({ length: 5 }, (_, index) => rowOf(168 + index, [5000, 0], [0.5, 0.5]))
    expect(wanderOf(comparedOf([...rows, ...stuck]), bounds)).toBeLessThan(0.002)
  })

  it('is kept between its bounds, and is the least where hours tell nothing', () => {
    const limits = { least: 0.0005, greatest: 0.02, memoryHours: 24 }
    expect(wanderOf(even(48), limits)).toBe(0.0005)
    expect(wanderOf(even(1), limits)).toBe(0.0005)
    expect(wanderOf(comparedOf([]), limits)).toBe(0.0005)
    const torn = comparedOf([rowOf(0, [1000, 0, 0, 0]), rowOf(1, [0, 0, 0, 1000])])
    expect(wanderOf(torn, limits)).toBe(0.02)
  })
})
