/** Seeded draws of the simulated year: normal, binomial, multinomial, and processes that wander. */
import { seededRandom } from '../../../src/training/random.ts'

export class Dice {
  readonly uniform: () => number
  constructor(seed: number) {
    this.uniform = seededRandom(seed)
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Exact for few expected successes, by the normal distribution for many. */
  binomial(n: number, p: number): number {
    if (n <= 0 || p <= 0) return 0
    if (p >= 1) return n
    if (p > 0.5) return n - this.binomial(n, 1 - p)
    if (n * p > 30) {
      const draw = Math.round(n * p + Math.sqrt(n * p * (1 - p)) * this.normal())
      return Math.min(n, Math.max(0, draw))
    }
    let [count, passed] = [-1, 0]
    while (passed <= n) {
      passed += Math.floor(Math.log(1 - this.uniform()) / Math.log(1 - p)) + 1
      count++
    }
    return count
  }

  multinomial(n: number, shares: readonly number[]): number[] {
    let [left, rest] = [n, 1]
    return shares.map((share, index) => {
      const count = index === shares.length - 1 ? left : this.binomial(left, Math.min(1, share / rest))
      left -= count
      rest = Math.max(rest - share, Number.EPSILON)
      return count
    })
  }
}

/** An AR(1) process of mean 0 and the given standard deviation, a value an hour. */
export const wandering = (dice: Dice, deviation: number, memoryHours: number): (() => number) => {
  const kept = Math.exp(-1 / memoryHours)
  let value = deviation * dice.normal()
  return () => {
    value = kept * value + Math.sqrt(1 - kept * kept) * deviation * dice.normal()
    return value
  }
}
