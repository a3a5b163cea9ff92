/** How right one output of a version was, by the outcomes that are known: counts that merge, and what they say. */
import {
  type DistributionAccuracy,
  distributionAccuracy,
  distributionReport,
  mergeDistribution,
} from './distribution.ts'
import { type Foretold, misfitOf, type Truth } from './foretold.ts'
import { mergeProbability, type ProbabilityAccuracy, probabilityAccuracy, probabilityReport } from './probability.ts'
import { mergeValue, type ValueAccuracy, valueAccuracy, valueReport } from './value.ts'

export type Accuracy = ProbabilityAccuracy | ValueAccuracy | DistributionAccuracy

/** Of one outcome. Throws a `RangeError` where `misfitOf` has something to say. */
export const accuracyOf = (output: string, foretold: Foretold, truth: Truth): Accuracy => {
  const misfit = misfitOf(output, foretold, truth)
  if (misfit !== null) throw new RangeError(misfit)
  if (foretold.kind === 'distribution') return distributionAccuracy(foretold, typeof truth === 'boolean' ? '' : truth)
  return foretold.kind === 'value'
    ? valueAccuracy(foretold.said, Number(truth))
    : probabilityAccuracy(foretold.said, typeof truth === 'boolean' ? truth : Number(truth))
}

/**
 * Both counts in one. The kind of an output is fixed by its version, so two kinds meet only where several versions are counted as one; then one
 * prevails, whichever comes first, and the outcomes of the other become `unlike`: none is lost, in any order of merging.
 */
export const mergeAccuracy = (a: Accuracy, b: Accuracy): Accuracy => {
  if (a.kind === 'probability' && b.kind === 'probability') return mergeProbability(a, b)
  if (a.kind === 'value' && b.kind === 'value') return mergeValue(a, b)
  if (a.kind === 'distribution' && b.kind === 'distribution') return mergeDistribution(a, b)
  const [kept, other] = a.kind > b.kind ? [a, b] : [b, a]
  return { ...kept, unlike: kept.unlike + other.outcomes + other.unlike }
}

/** What both have of the wire form, whatever the kind. */
interface AccuracyShare {
  readonly outcomes: number
  /** Outcomes among the predictions of the version, in [0, 1]; `null` where none of those is counted. */
  readonly outcome_share: number | null
}

export type AccuracyReport = AccuracyShare &
  (
    | ({ readonly kind: 'probability' } & ReturnType<typeof probabilityReport>)
    | ({ readonly kind: 'value' } & ReturnType<typeof valueReport>)
    | ({ readonly kind: 'distribution' } & ReturnType<typeof distributionReport>)
  )

/** `predictions`: of the same version in the same stretch of time. */
export const accuracyReport = (accuracy: Accuracy, predictions: number): AccuracyReport => {
  const { outcomes } = accuracy
  const share = { outcomes, outcome_share: predictions === 0 ? null : Math.min(1, outcomes / predictions) }
  switch (accuracy.kind) {
    case 'probability':
      return { kind: accuracy.kind, ...share, ...probabilityReport(accuracy) }
    case 'value':
      return { kind: accuracy.kind, ...share, ...valueReport(accuracy) }
    case 'distribution':
      return { kind: accuracy.kind, ...share, ...distributionReport(accuracy) }
  }
}
