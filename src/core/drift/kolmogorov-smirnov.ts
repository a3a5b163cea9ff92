/** The two-sample Kolmogorov–Smirnov test: the greatest distance between two distribution functions. */
import { totalOf } from './shares.ts'

/** Below this the theta series converges faster, above it the alternating one; both are exact there. */
const SWITCH = 0.82

/**
 * The probability that √n times the distance D of n draws from their continuous distribution exceeds x, as n → ∞:
 * 2 Σ (−1)ᵏ⁻¹ exp(−2k²x²), in [0, 1]. Relatively exact to 10⁻⁹ above 10⁻³⁰⁰. Throws a RangeError for x < 0 or NaN.
 * Source: A. Kolmogorov, 1933; `scipy.special.kolmogorov`. Small x: the theta function's other series.
 */
export const kolmogorovTail = (x: number): number => {
  if (!(x >= 0)) throw new RangeError(`Expected x ≥ 0, got ${x}.`)
  if (x === 0) return 1
  let sum = 0
  if (x < SWITCH) {
    for (let k = 1; k <= 9; k += 2) sum += Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x))
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum
  }
  for (let k = 1; k <= 6; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  return Math.min(1, sum)
}

/** p of distance `d` between samples of n and m: `kolmogorov(√(nm / (n + m)) · d)`. n and m are sizes > 0, also effective ones. */
export const kolmogorovSmirnovP = (d: number, n: number, m: number): number =>
  kolmogorovTail(Math.sqrt((n * m) / (n + m)) * d)

/**
 * D of two samples, each ascending: the greatest |F(x) − G(x)|, in [0, 1]; equal values are taken together.
 * Throws a RangeError for an empty sample or one that is not ascending.
 */
export const distanceOfSamples = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  checkAscending(a)
  checkAscending(b)
  let i = 0
  let j = 0
  let greatest = 0
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] as number, b[j] as number)
    while (i < a.length && (a[i] as number) === value) i++
    while (j < b.length && (b[j] as number) === value) j++
    // Whole numbers: exact as long as both sizes multiply to less than 2⁵³.
    greatest = Math.max(greatest, Math.abs(i * b.length - j * a.length))
  }
  return greatest / (a.length * b.length)
}

const checkAscending = (sample: ArrayLike<number>): void => {
  if (sample.length === 0) throw new RangeError('Expected at least one value, got none.')
  for (let index = 0; index < sample.length; index++) {
    const value = sample[index] as number
    if (!(index === 0 ? !Number.isNaN(value) : (sample[index - 1] as number) <= value))
      throw new RangeError(`Expected ascending numbers, got ${value} at ${index}.`)
  }
}

/**
 * D of two rows of counts over the same ordered support. Counts ≥ 0, whole or not; only shares matter.
 * Exact where a bin is one value; over bins of many values the least D can be, see `binningError`. Throws a RangeError for unlike or empty rows.
 */
export const distanceOfCounts = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const [n, m] = [totalOf(a, b.length), totalOf(b, a.length)]
  let [sumA, sumB, greatest] = [0, 0, 0]
  for (let bin = 0; bin < a.length; bin++) {
    sumA += a[bin] as number
    sumB += b[bin] as number
    greatest = Math.max(greatest, Math.abs(sumA * m - sumB * n))
  }
  return Math.min(1, greatest / (n * m))
}

/**
 * By how much D of the values behind two rows of counts may exceed D of the counts, in [0, 1]: 0 ≤ D − D(counts) ≤ error. The same holds
 * for the buckets of a sketch. Inside bin b, F − G can be no more than before the bin plus a's share of the bin, nor more than after
 * the bin plus b's share; likewise for G − F. Throws a RangeError for unlike or empty rows.
 */
export const binningError = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const [n, m] = [totalOf(a, b.length), totalOf(b, a.length)]
  let [before, greatest] = [0, 0]
  for (let bin = 0; bin < a.length; bin++) {
    const [p, q] = [(a[bin] as number) / n, (b[bin] as number) / m]
    const after = before + p - q
    greatest = Math.max(greatest, Math.min(before + p, after + q), Math.min(q - before, p - after))
    before = after
  }
  return Math.max(0, greatest - distanceOfCounts(a, b))
}
