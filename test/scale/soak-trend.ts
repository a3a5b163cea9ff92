/** How a series of readings goes on: lines through points that a few outliers do not bend. */

export interface Point {
  readonly x: number
  readonly y: number
}

const medianOf = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/**
 * The slope of the line through `points`: the median of the slopes between every two of them with different x, units of y by unit of x
 * (Theil 1950, Sen 1968): up to 29 % of the points may be anywhere. NaN with fewer than two such points.
 */
export const slopeOf = (points: readonly Point[]): number => {
  const slopes: number[] = []
  for (const [index, one] of points.entries()) {
    for (const other of points.slice(index + 1))
      if (other.x !== one.x) slopes.push((other.y - one.y) / (other.x - one.x))
  }
  return medianOf(slopes)
}

/** What y grows by along the line, from the first x to the last; NaN with fewer than two points. */
export const growthOf = (points: readonly Point[]): number => {
  const xs = points.map(({ x }) => x)
  return slopeOf(points) * (Math.max(...xs) - Math.min(...xs))
}

/** The slope of the later half of the points over that of the earlier half: 1 on a line. NaN where one of them has none. */
export const bendOf = (points: readonly Point[]): number => {
  const middle = Math.floor(points.length / 2)
  return slopeOf(points.slice(middle)) / slopeOf(points.slice(0, middle + 1))
}
