/** How right distributions over days were on orders whose delivery is known, beside what the generator itself knew. */
import { distributionAccuracy, mergeDistribution } from '../../core/accuracy/distribution.ts'
import { DAY_LABELS, quantileDay } from './transit.ts'

export interface DayFigures {
  readonly orders: number
  /** The share of orders that came by the quantile, and the chance that was given for it. */
  readonly p50: { readonly share: number; readonly expected: number }
  readonly p90: { readonly share: number; readonly expected: number }
  /** Mean ranked probability score, days: 0 is certain and right. */
  readonly rankedScore: number
  readonly meanP50: number
  readonly meanP90: number
}

/** `shares`: `DAY_LABELS.length` chances an order; `days`: what became of each. There must be an order. */
export const judgeDays = (shares: ArrayLike<number>, days: ArrayLike<number>): DayFigures => {
  const labels = DAY_LABELS
  const rows = Array.from({ length: days.length }, (_, row) =>
    Array.from({ length: labels.length }, (_, day) => shares[row * labels.length + day]),
  )
  const sum = rows
    .map((probabilities, row) => distributionAccuracy({ kind: 'distribution', labels, probabilities }, days[row]))
    .reduce(mergeDistribution)
  const of = ({ hits, expected }: { hits: number; expected: number }) => ({
    share: hits / sum.ranked,
    expected: expected / sum.ranked,
  })
  const meanDay = (share: number): number =>
    rows.reduce((total, row) => total + quantileDay(row, share), 0) / rows.length
  return {
    orders: rows.length,
    p50: of(sum.p50),
    p90: of(sum.p90),
    rankedScore: sum.ranked_sum / sum.ranked,
    meanP50: meanDay(0.5),
    meanP90: meanDay(0.9),
  }
}

/** The share of orders for which two distributions have the same day as their quantile, and for which they lie a day or less apart. */
export const quantileAgreement = (
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  share: number,
): { readonly same: number; readonly withinADay: number } => {
  const width = DAY_LABELS.length
  const orders = a.length / width
  let same = 0
  let near = 0
  for (let at = 0; at < a.length; at += width) {
    const apart = Math.abs(
      quantileDay(a.subarray(at, at + width), share) - quantileDay(b.subarray(at, at + width), share),
    )
    if (apart === 0) same++
    if (apart <= 1) near++
  }
  return { same: same / orders, withinADay: near / orders }
}
