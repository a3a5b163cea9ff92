/** The Jensen–Shannon distance of two rows of counts. */
import { sharesOf } from './shares.ts'

const part = (share: number, mean: number): number => (share === 0 ? 0 : share * Math.log2(share / mean))

/**
 * √(½ KL(p ‖ m) + ½ KL(q ‖ m)) with m the mean of the shares p and q, logarithms to base 2: a metric in [0, 1], 0 for equal shares and 1 for
 * rows that have no bin in common. Throws a RangeError for unlike or empty rows.
 * Source: D. Endres and J. Schindelin, "A New Metric for Probability Distributions", 2003; `scipy.spatial.distance.jensenshannon(base=2)`.
 */
export const jensenShannon = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const [p, q] = [sharesOf(a, b.length), sharesOf(b, a.length)]
  let divergence = 0
  for (let bin = 0; bin < p.length; bin++) {
    const [x, y] = [p[bin] as number, q[bin] as number]
    divergence += part(x, (x + y) / 2) + part(y, (x + y) / 2)
  }
  return Math.sqrt(Math.min(1, Math.max(0, divergence / 2)))
}
