/** How right distributions were: ranked probability score, quantiles that hold, likeliest labels that are true. */
import { type Foretold, type Label, orderedLabels } from './foretold.ts'

type Distribution = Extract<Foretold, { kind: 'distribution' }>

/** How often the truth was at most the quantile, and the sum of the probabilities that it would be. */
export interface Coverage {
  readonly hits: number
  readonly expected: number
}

const NONE: Coverage = { hits: 0, expected: 0 }

export interface DistributionAccuracy {
  readonly kind: 'distribution'
  readonly outcomes: number
  /** Outcomes whose likeliest label was the true one. */
  readonly likeliest: number
  readonly brier_sum: number
  /** Outcomes of labels that are numbers in ascending order; the rest is of those. */
  readonly ranked: number
  readonly ranked_sum: number
  readonly p50: Coverage
  readonly p90: Coverage
  readonly unlike: number
}

/**
 * ∫ (F(x) − [truth ≤ x])² dx, in the unit of the labels, ≥ 0: 0 is certain and right. For labels 0, 1, 2 … it is the ranked probability score
 * of E. Epstein, Journal of Applied Meteorology 8 (1969), not divided by their number. `labels` ascend; the truth may lie outside of them.
 */
export const rankedScore = (labels: readonly number[], probabilities: readonly number[], truth: number): number => {
  let [score, below] = [0, 0]
  let previous = Math.min(truth, labels[0] ?? truth)
  const add = (until: number): void => {
    const split = Math.min(Math.max(truth, previous), until)
    score += (split - previous) * below ** 2 + (until - split) * (1 - below) ** 2
    previous = until
  }
  labels.forEach((label, at) => {
    add(label)
    below += probabilities[at] ?? 0
  })
  if (truth > previous) score += (truth - previous) * below ** 2
  return score
}

const coverage = (
  labels: readonly number[],
  probabilities: readonly number[],
  share: number,
  truth: number,
): Coverage => {
  let below = 0
  for (const [at, label] of labels.entries()) {
    below += probabilities[at] ?? 0
    // The last label is the quantile where rounding keeps the sum from reaching it.
    if (below >= share || at === labels.length - 1)
      return { hits: truth <= label ? 1 : 0, expected: Math.min(below, 1) }
  }
  return NONE
}

/** Sum over the labels of (probability − [it is the true one])², in [0, 2]; a truth that is no label is missed with all of it. */
const brierOf = (labels: readonly Label[], probabilities: readonly number[], truth: Label): number =>
  labels.reduce(
    (sum: number, label, at) => sum + ((probabilities[at] ?? 0) - (label === truth ? 1 : 0)) ** 2,
    labels.includes(truth) ? 0 : 1,
  )

/** Of one outcome. */
export const distributionAccuracy = (foretold: Distribution, truth: Label): DistributionAccuracy => {
  const { labels, probabilities } = foretold
  const ordered = typeof truth === 'number' ? orderedLabels(labels) : null
  const ranks =
    ordered === null || typeof truth !== 'number'
      ? { ranked: 0, ranked_sum: 0, p50: NONE, p90: NONE }
      : {
          ranked: 1,
          ranked_sum: rankedScore(ordered, probabilities, truth),
          p50: coverage(ordered, probabilities, 0.5, truth),
          p90: coverage(ordered, probabilities, 0.9, truth),
        }
  const likeliest = labels[probabilities.indexOf(Math.max(...probabilities))]
  return {
    kind: 'distribution',
    outcomes: 1,
    likeliest: likeliest === truth ? 1 : 0,
    brier_sum: brierOf(labels, probabilities, truth),
    ...ranks,
    unlike: 0,
  }
}

const both = (a: Coverage, b: Coverage): Coverage => ({ hits: a.hits + b.hits, expected: a.expected + b.expected })

export const mergeDistribution = (a: DistributionAccuracy, b: DistributionAccuracy): DistributionAccuracy => ({
  kind: 'distribution',
  outcomes: a.outcomes + b.outcomes,
  likeliest: a.likeliest + b.likeliest,
  brier_sum: a.brier_sum + b.brier_sum,
  ranked: a.ranked + b.ranked,
  ranked_sum: a.ranked_sum + b.ranked_sum,
  p50: both(a.p50, b.p50),
  p90: both(a.p90, b.p90),
  unlike: a.unlike + b.unlike,
})

/** `outcomes` must not be 0. */
export const distributionReport = ({ outcomes, ranked, p50, p90, ...sums }: DistributionAccuracy) => {
  const shares = ({ hits, expected }: Coverage) => ({ share: hits / ranked, expected: expected / ranked })
  return {
    likeliest_share: sums.likeliest / outcomes,
    brier_score: sums.brier_sum / outcomes,
    ranked_probability_score: ranked === 0 ? null : sums.ranked_sum / ranked,
    p50: ranked === 0 ? null : shares(p50),
    p90: ranked === 0 ? null : shares(p90),
  }
}
