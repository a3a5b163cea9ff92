/** What a boosting run may be told. */

export interface BoostingParameters {
  /** The greatest number of trees. */
  readonly trees: number
  /** The greatest number of leaves of one tree: the leaf with the greatest gain is split first. */
  readonly leaves: number
  /** The greatest number of splits between root and leaf. */
  readonly depth: number
  /** Each tree's answer is multiplied by this, in (0, 1]. */
  readonly learningRate: number
  /** L2 penalty λ on the leaves' values. */
  readonly l2: number
  /** The least sum of second derivatives p(1 − p) in a leaf. */
  readonly minChildWeight: number
  /** A split must lessen the loss by more than this. */
  readonly minGain: number
  /** The share of rows each tree sees, in (0, 1]. */
  readonly rowShare: number
  /** The share of features each tree sees, in (0, 1]; at least one. */
  readonly featureShare: number
  /** Stop after so many trees that did not better the log loss of the validation rows. */
  readonly patience: number
  readonly seed: number
  /** Names of features that may meet on one path from root to leaf; without it, all may. A feature in no group is not used. */
  readonly groups?: readonly (readonly string[])[]
}

export const DEFAULT_PARAMETERS: BoostingParameters = {
  trees: 150,
  leaves: 63,
  depth: 48,
  learningRate: 0.1,
  l2: 1,
  minChildWeight: 10,
  minGain: 0,
  rowShare: 1,
  featureShare: 1,
  patience: 20,
  seed: 1,
}
