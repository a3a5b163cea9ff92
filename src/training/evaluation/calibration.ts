/** Whether what is predicted to happen three times in ten does. */

/** Rows whose predicted probabilities fall into one tenth. */
export interface CalibrationGroup {
  readonly rows: number
  /** Mean predicted probability. */
  readonly predicted: number
  /** Share of rows with label 1. */
  readonly observed: number
}

/** The number at share `share` of the sorted numbers, by linear interpolation (type 7 of Hyndman and Fan 1996, numpy's default). */
const quantile = (sorted: Float32Array, share: number): number => {
  const position = share * (sorted.length - 1)
  const low = Math.floor(position)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low)
}

/**
 * Predicted against observed in `groups` groups of about equal size, cut at the quantiles of the predictions; equal predictions stay
 * together, so a group may be empty and is then left out. Same cuts as scikit-learn's `calibration_curve(strategy="quantile")`.
 */
export const calibrationGroups = (probabilities: Float32Array, labels: Uint8Array, groups = 10): CalibrationGroup[] => {
  const sorted = probabilities.slice().sort()
  const cuts = Array.from({ length: groups - 1 }, (_, index) => quantile(sorted, (index + 1) / groups))
  const rows = new Float64Array(groups)
  const predicted = new Float64Array(groups)
  const observed = new Float64Array(groups)
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row]
    let group = 0
    while (group < cuts.length && cuts[group] < probability) group++
    rows[group]++
    predicted[group] += probability
    observed[group] += labels[row]
  }
  return Array.from(rows, (count, group) => ({
    rows: count,
    predicted: predicted[group] / count,
    observed: observed[group] / count,
  })).filter((group) => group.rows > 0)
}

/**
 * Expected calibration error: the mean over groups, weighted by rows, of |predicted − observed|; in [0, 1].
 * Source: M. Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning" (AAAI 2015), with groups of equal size.
 */
export const expectedCalibrationError = (groups: readonly CalibrationGroup[]): number => {
  const total = groups.reduce((sum, group) => sum + group.rows, 0)
  return groups.reduce((sum, group) => sum + (group.rows / total) * Math.abs(group.predicted - group.observed), 0)
}
