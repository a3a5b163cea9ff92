/** Medians and quantiles of measurements. */

/** The least value that a share `quantile` in (0, 1] of `values` does not exceed (nearest rank); NaN of none. */
export const quantileOf = (values: ArrayLike<number>, quantile: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN
}

/** The middle value of several runs, with the least and greatest: what a figure stands for and how far it moved. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly greatest: number
}

/** Half way between the two middle values where their number is even. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? Number.NaN
  const high = sorted[Math.ceil(middle)] ?? Number.NaN
  return { median: (low + high) / 2, least: sorted[0] ?? Number.NaN, greatest: sorted.at(-1) ?? Number.NaN }
}

/** `spreadOf`, rounded to `digits` decimals. */
export const roundedSpread = (values: readonly number[], digits: number): Spread => {
  const { median, least, greatest } = spreadOf(values)
  const round = (value: number): number => Number(value.toFixed(digits))
  return { median: round(median), least: round(least), greatest: round(greatest) }
}
