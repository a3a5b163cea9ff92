/** How right probabilities were: Brier score, calibration and the area under the ROC curve, from counts that merge. */

export interface ProbabilityBin {
  readonly outcomes: number
  /** Sum of their probabilities. */
  readonly millionths: number
  /** How many of them happened. */
  readonly happened: number
}

export interface ProbabilityAccuracy {
  readonly kind: 'probability'
  readonly outcomes: number
  /** Sum of Brier's losses in millionths, each rounded: whole numbers add up to the same in any order. */
  readonly brier_millionths: number
  /** By number of the bin; see `binOfProbability`. Empty ones are absent. */
  readonly bins: { readonly [bin: string]: ProbabilityBin }
  /** Outcomes that could not be put into these counts. */
  readonly unlike: number
}

export interface CalibrationPoint {
  readonly outcomes: number
  /** Mean of the probabilities, and share that happened; both in [0, 1]. */
  readonly predicted: number
  readonly observed: number
}

const MILLION = 1_000_000
const BINS_PER_UNIT = 10
const OUTERMOST = 70
/** About as many as the calibration of a model card has. */
const GROUPS = 10

/**
 * The bin of a probability, a whole number in [0, 140]: tenths of its log-odds, so that bins are narrow where probabilities are small: 0.025
 * wide at 0.5, 0.001 at 0.01. What is below 0.0009 or above 0.9991 is in the outermost ones.
 */
export const binOfProbability = (probability: number): number => {
  const tenths = Math.round(Math.log(probability / (1 - probability)) * BINS_PER_UNIT)
  return Math.min(Math.max(tenths, -OUTERMOST), OUTERMOST) + OUTERMOST
}

/** Of one outcome. `happened` is true or false, or the share in which it did, in [0, 1]. */
export const probabilityAccuracy = (said: number, happened: number | boolean): ProbabilityAccuracy => {
  const probability = Math.min(Math.max(said, 0), 1)
  return {
    kind: 'probability',
    outcomes: 1,
    brier_millionths: Math.round((probability - Number(happened)) ** 2 * MILLION),
    bins: {
      [binOfProbability(probability)]: {
        outcomes: 1,
        millionths: Math.round(probability * MILLION),
        happened: Number(happened),
      },
    },
    unlike: 0,
  }
}

/** Exact where each event happened or did not. */
export const mergeProbability = (a: ProbabilityAccuracy, b: ProbabilityAccuracy): ProbabilityAccuracy => {
  const bins: Record<string, ProbabilityBin> = { ...a.bins }
  for (const [bin, more] of Object.entries(b.bins)) {
    const present = bins[bin]
    bins[bin] =
      present === undefined
        ? more
        : {
            outcomes: present.outcomes + more.outcomes,
            millionths: present.millionths + more.millionths,
            happened: present.happened + more.happened,
          }
  }
  return {
    kind: 'probability',
    outcomes: a.outcomes + b.outcomes,
    brier_millionths: a.brier_millionths + b.brier_millionths,
    bins,
    unlike: a.unlike + b.unlike,
  }
}

/** In ascending order of the probability. */
const ascending = ({ bins }: ProbabilityAccuracy): readonly ProbabilityBin[] =>
  Object.entries(bins)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, bin]) => bin)

/**
 * The probability that a random event that happened had been given more than a random one that did not, equal ones counting one half; in
 * [0, 1], `null` without both. Two events of one bin are taken for equal, so that of the very probabilities lies within `error` of it:
 * sum over the bins of happened × not, over twice the product of both totals. An event that happened in part is so much of each.
 */
export const areaOf = (accuracy: ProbabilityAccuracy): { readonly auc: number; readonly error: number } | null => {
  let [happened, not, wins, ties] = [0, 0, 0, 0]
  for (const { outcomes, happened: here } of ascending(accuracy)) {
    const against = outcomes - here
    wins += here * (not + against / 2)
    ties += here * against
    happened += here
    not += against
  }
  const pairs = happened * not
  return pairs > 0 ? { auc: wins / pairs, error: ties / (2 * pairs) } : null
}

/** Neighbouring bins in at most ten groups of about equal size. */
export const calibrationOf = (accuracy: ProbabilityAccuracy): readonly CalibrationPoint[] => {
  const points: CalibrationPoint[] = []
  let [outcomes, millionths, happened, done] = [0, 0, 0, 0]
  for (const bin of ascending(accuracy)) {
    outcomes += bin.outcomes
    millionths += bin.millionths
    happened += bin.happened
    if ((done + outcomes) * GROUPS < accuracy.outcomes * (points.length + 1)) continue
    points.push({ outcomes, predicted: millionths / MILLION / outcomes, observed: happened / outcomes })
    done += outcomes
    ;[outcomes, millionths, happened] = [0, 0, 0]
  }
  return points
}

/** Mean over the groups, by their size, of |predicted − observed|, in [0, 1]. Source: M. Naeini et al., AAAI 2015. */
const calibrationError = (points: readonly CalibrationPoint[], outcomes: number): number =>
  points.reduce((sum, point) => sum + (point.outcomes / outcomes) * Math.abs(point.predicted - point.observed), 0)

/** `outcomes` must not be 0. */
export const probabilityReport = (accuracy: ProbabilityAccuracy) => {
  const { outcomes, brier_millionths } = accuracy
  const calibration = calibrationOf(accuracy)
  const area = areaOf(accuracy)
  const bins = ascending(accuracy)
  return {
    brier_score: brier_millionths / MILLION / outcomes,
    predicted_share: bins.reduce((sum, bin) => sum + bin.millionths, 0) / MILLION / outcomes,
    happened_share: bins.reduce((sum, bin) => sum + bin.happened, 0) / outcomes,
    auc: area?.auc ?? null,
    auc_error: area?.error ?? null,
    calibration_error: calibrationError(calibration, outcomes),
    calibration,
  }
}
