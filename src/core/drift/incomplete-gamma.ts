/** The upper tail of the gamma distribution, which the p-values of chi-square and G tests are read from. */

/** Terms after which the next one is below a rounding error for every a ≤ 10⁶; more means that an argument was not a number. */
const MAX_TERMS = 100_000
const SMALLEST = 1e-300
/** From here on six terms of Stirling's series are exact to 10⁻¹³. */
const STIRLING_FROM = 10

/** ln Γ(a + 1) − ln(√(2πa) · (a / e)ᵃ) for a > 0. Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000. */
const stirlingError = (a: number): number => {
  if (a < STIRLING_FROM) return stirlingError(a + 1) + (a + 0.5) * Math.log1p(1 / a) - 1
  const square = a * a
  return (
    (1 / 12 -
      (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360_360 / square) / square) / square) / square) / square) /
    a
  )
}

/** xᵃ e⁻ˣ / Γ(a + 1), with no large numbers that cancel. */
const density = (a: number, x: number): number => {
  const ratio = x / a
  const away = ratio - 1
  const deviance = Math.abs(away) < 0.5 ? away - Math.log1p(away) : away - Math.log(ratio)
  return Math.exp(-a * deviance - stirlingError(a)) / Math.sqrt(2 * Math.PI * a)
}

/** Σ xⁿ / ((a + 1) … (a + n)): P(a, x) = density · sum. */
const lowerSeries = (a: number, x: number): number => {
  let term = 1
  let sum = 1
  for (let n = 1; n < MAX_TERMS && term > sum * Number.EPSILON; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** Q(a, x) / (xᵃ e⁻ˣ / Γ(a)) as a continued fraction, by Lentz's method. */
const upperFraction = (a: number, x: number): number => {
  let b = x + 1 - a
  let c = 1 / SMALLEST
  let d = 1 / b
  let value = d
  for (let n = 1; n < MAX_TERMS; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b || SMALLEST)
    c = b + numerator / c || SMALLEST
    const factor = d * c
    value *= factor
    if (Math.abs(factor - 1) <= Number.EPSILON) break
  }
  return value
}

/**
 * The regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a), in [0, 1]; 0 where it is too small for a double.
 * For a from 0.5 to 10⁵ relatively exact to 10⁻⁹, tails included. Throws a RangeError unless a ≥ 0.5 and x ≥ 0.
 * Source: NIST Digital Library of Mathematical Functions, 8.7.1 (series, for x < a + 1) and 8.9.2 (continued fraction).
 */
export const upperGamma = (a: number, x: number): number => {
  if (!(a >= 0.5) || !(x >= 0)) throw new RangeError(`Expected a ≥ 0.5 and x ≥ 0, got a = ${a} and x = ${x}.`)
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const factor = density(a, x)
  if (x < a + 1) return Math.max(0, 1 - factor * lowerSeries(a, x))
  return factor === 0 ? 0 : Math.min(1, factor * a * upperFraction(a, x))
}

/** The probability that a chi-square variable of `degrees` degrees of freedom is at least `statistic`; 1 for no degrees. Throws a RangeError for a statistic below 0. */
export const chiSquareTail = (statistic: number, degrees: number): number =>
  degrees === 0 ? 1 : upperGamma(degrees / 2, statistic / 2)
