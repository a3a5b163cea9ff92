/** Proper scores of predicted probabilities: how far they are from what happened. */

/** Keeps the logarithm finite; the machine epsilon of float32, as scikit-learn 1.9 takes for float32 probabilities. */
const LEAST_PROBABILITY = 2 ** -23

/** Mean of −ln p(label), nats, ≥ 0; probabilities are kept within [2^−23, 1 − 2^−23]. NaN without rows. */
export const logLoss = (probabilities: Float32Array, labels: Uint8Array): number => {
  let sum = 0
  for (let row = 0; row < labels.length; row++) {
    const bounded = Math.min(Math.max(probabilities[row], LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)
    sum -= Math.log(labels[row] === 1 ? bounded : 1 - bounded)
  }
  return sum / labels.length
}

/** Mean of (p − label)², in [0, 1]. NaN without rows. Source: G. W. Brier, Monthly Weather Review 78 (1950). */
export const brierScore = (probabilities: Float32Array, labels: Uint8Array): number => {
  let sum = 0
  for (let row = 0; row < labels.length; row++) sum += (probabilities[row] - labels[row]) ** 2
  return sum / labels.length
}
