/** When people are at a shop: by the hour of their own day, and by the day of the week. Made up, in the shape every shop's traffic has. */

/** Relative, by hour of the local day: least before dawn, most in the evening. */
// biome-ignore format: a table
export const HOUR_WEIGHTS: readonly number[] = [
  0.55, 0.32, 0.20, 0.14, 0.12, 0.16, 0.30, 0.52, 0.78, 1.00, 1.15, 1.22,
  1.25, 1.22, 1.18, 1.15, 1.15, 1.18, 1.25, 1.42, 1.62, 1.65, 1.38, 0.95,
]

/** Relative, Monday = 0. */
export const WEEKDAY_WEIGHTS: readonly number[] = [1.12, 1.06, 1.04, 1.02, 0.96, 0.84, 0.96]

const HOURLY_SUM = HOUR_WEIGHTS.reduce((sum, weight) => sum + weight, 0)

/** How much is going on at an hour (with minutes) of a local day, over a day's mean: straight lines between the middles of hours. */
export const rhythmAt = (hour: number): number => {
  const at = hour - 0.5
  const before = Math.floor(at)
  const weight = (index: number): number => HOUR_WEIGHTS[(index + 24) % 24]
  const share = at - before
  return ((weight(before) * (1 - share) + weight(before + 1) * share) * 24) / HOURLY_SUM
}
