import { describe, expect, it } from 'vitest'
import { cleanYear, faultRuns, referenceOf } from '../../scale/drift-year-course.ts'

const SEED = 201

describe('the simulated year', () => {
  it('raises nothing in two weeks without a fault, where naive tests fire', () => {
    const { alarms, naive, fired } = cleanYear(referenceOf(SEED), SEED, 2 * 168)
    expect(alarms).toEqual([])
    expect(fired).toEqual({ page: 0, ticket: 0 })
    expect(naive['ks_0.05 day_of_week']).toBeGreaterThan(100)
  })

  it('finds each fault in time, and is the same for the same seed', () => {
    const runs = faultRuns(referenceOf(SEED), SEED)
    for (const { foundAfter, within, before } of runs) {
      expect(foundAfter).not.toBeNull()
      expect(foundAfter).toBeLessThanOrEqual(within)
      expect(before).toBe(0)
    }
    expect(faultRuns(referenceOf(SEED), SEED)).toEqual(runs)
  })
})
