/** What isolates ask of the statistics objects, scaled down; `npm run isolates` has the whole. */
import { expect, it } from 'vitest'
import { busiestShard, followIsolate, MOST_CALLS_PER_SECOND, shardsFor } from '../../scale/isolates-course.ts'

it.each([1, 100, 1_000])(
  'an isolate of %d events a second calls once a second at most, with little',
  async (eventsPerSecond) => {
    const { callsPerSecond, mostBytes } = await followIsolate(1, { eventsPerSecond, seconds: 3, fields: 20 })
    expect(callsPerSecond).toBeLessThanOrEqual(1)
    expect(callsPerSecond).toBeGreaterThan(0)
    expect(mostBytes).toBeLessThan(20_000)
  },
)

it('as many shards as it says are enough, and one fewer is not', () => {
  const seeds = [1, 2, 3, 4, 5]
  const shards = shardsFor(1_000, 1, seeds)
  const busiest = (count: number): number => Math.max(...seeds.map((seed) => busiestShard(1_000, count, 1, seed)))
  expect(busiest(shards)).toBeLessThanOrEqual(MOST_CALLS_PER_SECOND)
  expect(busiest(shards - 1)).toBeGreaterThan(MOST_CALLS_PER_SECOND)
})
