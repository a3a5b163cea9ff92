import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COST_BLOCK, COST_PAGE, costOf, renderCost, TRAFFICS } from '../../../bench/cost.ts'
import { withBlock } from '../../../bench/figures.ts'
import { readResults } from '../../../bench/results.ts'
import { ROOT } from '../../../bench/root.ts'

describe('the cost of a traffic, on paper', () => {
  it(`stands in ${COST_PAGE} as the committed bench has it`, () => {
    const text = readFileSync(join(ROOT, COST_PAGE), 'utf8')
    expect(text).toBe(withBlock(text, renderCost(readResults()), COST_BLOCK))
  })

  it('grows with the traffic and with the CPU of an event, and needs no shard it does not use', () => {
    const costs = TRAFFICS.map((events) => costOf(events, 0.1))
    for (const [index, cost] of costs.entries()) {
      const before = costs[index - 1]
      if (before === undefined) continue
      expect(cost.predicting).toBeGreaterThan(before.predicting)
      expect(cost.storing).toBeGreaterThan(before.storing)
      expect(cost.shards).toBeGreaterThanOrEqual(before.shards)
    }
    expect(costOf(50, 0.1).shards).toBe(1)
    expect(costOf(1_000, 0.2).predicting).toBeGreaterThan(costOf(1_000, 0.1).predicting)
  })

  it('is what the price list says of requests and CPU alone', () => {
    // 30 days of 1,000 a second are 2,592 million requests, of 0.1 ms each 259.2 million ms.
    const { predicting } = costOf(1_000, 0.1)
    expect(predicting).toBeGreaterThan(2_592 * 0.3 + 259.2 * 0.02)
    expect(predicting).toBeLessThan(1.6 * (2_592 * 0.3 + 259.2 * 0.02))
  })
})
