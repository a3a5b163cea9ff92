/** The 1-Wasserstein distance of two rows of counts on a line and on a circle: how far a value has moved on average. */
import { sharesOf } from './shares.ts'

/** F − G after each bin but the last, where it is 0. */
const differences = (a: ArrayLike<number>, b: ArrayLike<number>): number[] => {
  const [p, q] = [sharesOf(a, b.length), sharesOf(b, a.length)]
  const found: number[] = []
  let difference = 0
  for (let bin = 0; bin + 1 < p.length; bin++) {
    difference += (p[bin] as number) - (q[bin] as number)
    found.push(difference)
  }
  return found
}

const checkPositions = (positions: ArrayLike<number>, length: number): void => {
  if (positions.length !== length) throw new RangeError(`Expected ${length} positions, got ${positions.length}.`)
  for (let bin = 1; bin < length; bin++) {
    if (!((positions[bin - 1] as number) <= (positions[bin] as number)))
      throw new RangeError(`Expected ascending positions, got ${positions[bin]} at ${bin}.`)
  }
}

/**
 * Σ |F − G| · (gap to the next position), in the unit of `positions`: one per bin, ascending. With positions in the middle of bins it is off by no more than the
 * width of the widest bin. Throws a RangeError for unlike or empty rows. As `scipy.stats.wasserstein_distance`.
 */
export const wasserstein = (a: ArrayLike<number>, b: ArrayLike<number>, positions: ArrayLike<number>): number => {
  checkPositions(positions, a.length)
  return differences(a, b).reduce(
    (sum, difference, bin) =>
      sum + Math.abs(difference) * ((positions[bin + 1] as number) - (positions[bin] as number)),
    0,
  )
}

/** The value with half of the weight on either side of it; `pairs` are [value, weight]. */
const weightedMedian = (pairs: readonly (readonly [number, number])[]): number => {
  const ordered = [...pairs].sort(([x], [y]) => x - y)
  let left = ordered.reduce((sum, [, weight]) => sum + weight, 0) / 2
  for (const [value, weight] of ordered) {
    left -= weight
    if (left <= 0) return value
  }
  return 0
}

/**
 * The same on a circle of length `cycle`, so that 23 h and 1 h are two hours apart: Σ |F − G − median| · gap, the last gap being that across the
 * origin. In the unit of `positions`, at most cycle / 2. Throws a RangeError for unlike or empty rows and positions beyond one cycle.
 * Source: C. Cabrelli and U. Molter, "The Kantorovich Metric for Probability Measures on the Circle", 1995.
 */
export const circularWasserstein = (
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  positions: ArrayLike<number>,
  cycle: number,
): number => {
  checkPositions(positions, a.length)
  const span = (positions[positions.length - 1] as number) - (positions[0] as number)
  if (!(span < cycle)) throw new RangeError(`Expected positions within one cycle of ${cycle}, got a span of ${span}.`)
  const pairs = [...differences(a, b), 0].map((difference, bin, { length }) => {
    const next = bin + 1 < length ? (positions[bin + 1] as number) : (positions[0] as number) + cycle
    return [difference, next - (positions[bin] as number)] as const
  })
  const median = weightedMedian(pairs)
  return pairs.reduce((sum, [difference, gap]) => sum + Math.abs(difference - median) * gap, 0)
}

/** The standard deviation of counts at `positions`, in their unit. Throws a RangeError for unlike or empty rows. */
export const deviationOf = (counts: ArrayLike<number>, positions: ArrayLike<number>): number => {
  const shares = sharesOf(counts, positions.length)
  const mean = shares.reduce((sum, share, bin) => sum + share * (positions[bin] as number), 0)
  return Math.sqrt(shares.reduce((sum, share, bin) => sum + share * ((positions[bin] as number) - mean) ** 2, 0))
}
