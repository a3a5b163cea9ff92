/** Finds the cut of one leaf that lessens the loss most. */

export interface Split {
  readonly feature: number
  /** Codes up to this one go left. */
  readonly code: number
  readonly missingLeft: boolean
  /** By how much the second-order loss falls, before the factor ½. */
  readonly gain: number
}

/** The sums of a leaf: first derivatives G, second derivatives H, and both per bin, interleaved, a block of `stride` bins per feature. */
export interface LeafSums {
  readonly gradient: number
  readonly hessian: number
  readonly histogram: Float64Array
}

export interface SplitLimits {
  readonly l2: number
  readonly minChildWeight: number
  readonly minGain: number
}

/** Less than any real sum of missing rows, more than what rounding leaves where one histogram was subtracted from another. */
const LEAST_MISSING_WEIGHT = 1e-6

/**
 * The best split of a leaf by gain = G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ), both children with H ≥ `minChildWeight`, missing values
 * tried on either side; without missing values in the leaf they will go to the heavier child. `undefined` if no gain exceeds `minGain`.
 * `binCounts` holds each feature's number of bins without the missing one, whose sums follow them in the block of `stride` bins.
 * The first of equal gains wins, so the result does not depend on the machine.
 * Source: T. Chen and C. Guestrin, "XGBoost: A Scalable Tree Boosting System" (KDD 2016), equation 7 and algorithm 3.
 */
export const bestSplit = (
  leaf: LeafSums,
  features: readonly number[],
  binCounts: readonly number[],
  stride: number,
  limits: SplitLimits,
): Split | undefined => {
  const { histogram, gradient, hessian } = leaf
  const { l2, minChildWeight } = limits
  const whole = (gradient * gradient) / (hessian + l2)
  let best: Split | undefined
  let bestGain = limits.minGain

  for (const feature of features) {
    const bins = binCounts[feature]
    const block = feature * stride * 2
    const missingGradient = histogram[block + bins * 2]
    const missingHessian = histogram[block + bins * 2 + 1]
    const hasMissing = missingHessian > LEAST_MISSING_WEIGHT
    for (const missingLeft of hasMissing ? [false, true] : [false]) {
      let leftGradient = missingLeft ? missingGradient : 0
      let leftHessian = missingLeft ? missingHessian : 0
      // The last code leaves nothing but missing values on the right: worth trying only where there are some.
      const lastCode = hasMissing && !missingLeft ? bins - 1 : bins - 2
      for (let code = 0; code <= lastCode; code++) {
        leftGradient += histogram[block + code * 2]
        leftHessian += histogram[block + code * 2 + 1]
        if (leftHessian < minChildWeight) continue
        const rightHessian = hessian - leftHessian
        if (rightHessian < minChildWeight) break
        const rightGradient = gradient - leftGradient
        const gain =
          (leftGradient * leftGradient) / (leftHessian + l2) +
          (rightGradient * rightGradient) / (rightHessian + l2) -
          whole
        if (gain > bestGain) {
          bestGain = gain
          best = { feature, code, missingLeft: hasMissing ? missingLeft : leftHessian >= rightHessian, gain }
        }
      }
    }
  }
  return best
}
