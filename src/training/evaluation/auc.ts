/** Area under the ROC curve. */

/**
 * The probability that a random positive scores higher than a random negative, ties counting one half; in [0, 1], 0.5 is chance, NaN
 * without rows of both kinds. `labels` are 0 or 1, scores any numbers but NaN.
 * Formula: Mann–Whitney U / (positives × negatives). Source: J. A. Hanley and B. J. McNeil, Radiology 143 (1982).
 */
export const areaUnderCurve = (scores: Float32Array, labels: Uint8Array): number => {
  const positives = scores.filter((_, row) => labels[row] === 1).sort()
  const negatives = scores.filter((_, row) => labels[row] === 0).sort()
  let below = 0
  let upTo = 0
  let wins = 0
  for (const score of positives) {
    while (below < negatives.length && negatives[below] < score) below++
    while (upTo < negatives.length && negatives[upTo] <= score) upTo++
    wins += (below + upTo) / 2
  }
  return wins / (positives.length * negatives.length)
}
