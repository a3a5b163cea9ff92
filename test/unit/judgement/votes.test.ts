import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  mergeVotes,
  NO_VOTES,
  thresholdOf,
  UNIT_LIMIT,
  type UnitVotes,
  VotesRecorder,
} from '../../../src/core/judgement/votes.ts'
import { anyUnit } from './arbitrary.ts'

const LIMIT = 4
const anyVote = fc.tuple(anyUnit, fc.integer({ min: 0, max: 3 }), fc.constantFrom(-1, 1, 2))
const votesOf = (votes: readonly [number, number, number][], limit = LIMIT): UnitVotes => {
  const recorder = new VotesRecorder(limit)
  for (const [unit, at, value] of votes) recorder.record(unit, at, value)
  return recorder.toVotes()
}
const anyVotes = fc.array(anyVote, { maxLength: 12 }).map((votes) => votesOf(votes))
const merge = (a: UnitVotes, b: UnitVotes): UnitVotes => mergeVotes(a, b, LIMIT)

describe('votes', () => {
  it('merge to the same in any order and grouping, and a second time without effect', () => {
    fc.assert(
      fc.property(anyVotes, anyVotes, anyVotes, (a, b, c) => {
        const whole = merge(merge(a, b), c)
        expect(merge(a, merge(b, c))).toEqual(whole)
        expect(merge(merge(c, b), a)).toEqual(whole)
        expect(merge(whole, b)).toEqual(whole)
        expect(merge(whole, whole)).toEqual(whole)
        expect(merge(a, NO_VOTES)).toEqual(a)
      }),
      { numRuns: 1_000 },
    )
  })

  it('are the same whether one isolate saw them or three', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyVote, fc.integer({ min: 0, max: 2 })), { maxLength: 20 }), (votes) => {
        // One vote per moment: of one isolate's votes at the same moment the first stands, which three cannot tell.
        const distinct = votes.map(([[unit, , value], isolate], index) => ({
          vote: [unit, index, value] as [number, number, number],
          isolate,
        }))
        const parts = [0, 1, 2].map((isolate) =>
          votesOf(distinct.filter((one) => one.isolate === isolate).map(({ vote }) => vote)),
        )
        expect(parts.reduce(merge)).toEqual(votesOf(distinct.map(({ vote }) => vote)))
      }),
      { numRuns: 500 },
    )
  })

  it('stay within their limit and hold every unit under their threshold', () => {
    fc.assert(
      fc.property(fc.array(anyVote, { maxLength: 30 }), (votes) => {
        const { level, units } = votesOf(votes)
        expect(units.length).toBeLessThanOrEqual(LIMIT)
        const expected = [...new Set(votes.map(([unit]) => unit))].filter((unit) => unit < thresholdOf(level))
        expect(units).toEqual(expected.sort((a, b) => a - b))
      }),
    )
  })

  it('count a unit once, by its earliest vote', () => {
    const earlier = votesOf([[7, 10, -1]])
    const later = votesOf([
      [7, 20, 1],
      [7, 30, 2],
    ])
    expect(merge(later, earlier)).toEqual(earlier)
    expect(later).toEqual({ level: 0, units: [7], at: [20], values: [1] })
  })

  it('of the same millisecond favour neither side', () => {
    const tie = (unit: number): number => merge(votesOf([[unit, 5, 1]]), votesOf([[unit, 5, -1]])).values[0]
    expect([tie(2), tie(3)]).toEqual([1, -1])
  })

  it('of a million units are a uniform sample in bounded memory', () => {
    const recorder = new VotesRecorder(2_048)
    for (let index = 0; index < 1_000_000; index++)
      // A permutation of the range that is as good as random here.
      recorder.record((index * 2_862_933_555_777) % UNIT_LIMIT, index, 1)
    const { level, units } = recorder.toVotes()
    expect(units.length).toBeGreaterThan(900)
    expect(units.length).toBeLessThanOrEqual(2_048)
    expect((units.length * 2 ** level) / 1_000_000).toBeCloseTo(1, 1)
  })

  it.each([-1, 0.5, UNIT_LIMIT, Number.NaN])('refuse %d as a unit', (unit) => {
    expect(() => new VotesRecorder(1).record(unit, 0, 1)).toThrow(`unit is ${unit}, expected a whole number from 0`)
  })
})
