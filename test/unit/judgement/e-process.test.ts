import { describe, expect, it } from 'vitest'
import { EProcess } from '../../../src/core/judgement/e-process.ts'
import fixture from '../../fixtures/judgement/e-values.json' with { type: 'json' }

interface Case {
  readonly name: string
  readonly lowest: number
  readonly tolerated: number
  readonly votes: readonly number[]
  readonly at: readonly number[]
  readonly log_e_values: { readonly [votes: string]: number }
}
const cases = fixture.cases as unknown as readonly Case[]
const HOUR = fixture.restart_milliseconds

describe('an e-process', () => {
  it.each(cases)('has the e-values of confseq: $name', ({ lowest, tolerated, votes, at, log_e_values }) => {
    const process = new EProcess({ lowest, tolerated }, HOUR)
    const found: Record<string, number> = {}
    for (const [index, vote] of votes.entries()) {
      process.add(vote, at[index])
      if (String(index + 1) in log_e_values) found[index + 1] = process.logEValue
    }
    expect(Object.keys(found)).toEqual(Object.keys(log_e_values))
    for (const [count, expected] of Object.entries(log_e_values)) expect(found[count]).toBeCloseTo(expected, 9)
  })

  it('has the value 1 before the first vote', () => {
    expect(new EProcess({ lowest: -1, tolerated: 0 }, HOUR).logEValue).toBeCloseTo(0, 12)
  })

  it.each([
    ['just tolerated', 0.5, 1],
    ['better than tolerated', 0.4, 0],
  ])('is worth one on average, or less, over every course of 10 votes: %s', (_, shareOfOnes, least) => {
    let mean = 0
    for (let course = 0; course < 2 ** 10; course++) {
      const process = new EProcess({ lowest: -1, tolerated: 0 }, HOUR)
      let probability = 1
      for (let vote = 0; vote < 10; vote++) {
        const isOne = ((course >> vote) & 1) === 1
        probability *= isOne ? shareOfOnes : 1 - shareOfOnes
        // A later start at every other vote.
        process.add(isOne ? 1 : -1, vote * HOUR * 0.5)
      }
      mean += probability * Math.exp(process.logEValue)
    }
    expect(mean).toBeLessThanOrEqual(1 + 1e-9)
    expect(mean).toBeGreaterThanOrEqual(least - 1e-9)
  })

  it('does not depend on the order of votes between two starts', () => {
    const votes = [1, 1, -1, 1, -1, -1, 1, 1]
    const inOrder = new EProcess({ lowest: -1, tolerated: 0 }, HOUR)
    const reversed = new EProcess({ lowest: -1, tolerated: 0 }, HOUR)
    for (const vote of votes) inOrder.add(vote, 5)
    for (const vote of votes.toReversed()) reversed.add(vote, 5)
    expect(reversed.logEValue).toBeCloseTo(inOrder.logEValue, 12)
  })

  it('jumps over a month without a vote as if it had been started at every hour of it', () => {
    const hourly = new EProcess({ lowest: 0, tolerated: 0.5 }, HOUR)
    const atOnce = new EProcess({ lowest: 0, tolerated: 0.5 }, HOUR)
    for (const process of [hourly, atOnce]) process.add(1, 0)
    // A vote at the tolerated mean changes nothing but the time.
    for (let hour = 1; hour <= 720; hour++) hourly.add(0.5, hour * HOUR)
    atOnce.add(0.5, 720 * HOUR)
    expect(atOnce.logEValue).toBeCloseTo(hourly.logEValue, 10)
  })
})
