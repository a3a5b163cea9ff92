/** The population stability index of two rows of counts, as credit scoring knows it. */
import { sharesOf } from './shares.ts'

/** Shares under this are lifted to it: an empty bin would be infinite. */
export const PSI_FLOOR = 1e-4

const lifted = (counts: ArrayLike<number>, length: number): Float64Array =>
  sharesOf(
    Float64Array.from(sharesOf(counts, length), (share) => Math.max(share, PSI_FLOOR)),
    length,
  )

/**
 * Σ (p − q) ln(p / q), ≥ 0, of shares that are lifted to `PSI_FLOOR` and made to sum to 1 again. Throws a RangeError for unlike or empty rows.
 * Source: N. Siddiqi, Credit Risk Scorecards, 2006, whose 0.1 and 0.25 take no heed of size and decide nothing here.
 */
export const populationStability = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const [p, q] = [lifted(a, b.length), lifted(b, a.length)]
  return p.reduce((sum, x, bin) => sum + (x - (q[bin] as number)) * Math.log(x / (q[bin] as number)), 0)
}
