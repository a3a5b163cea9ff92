/** Splits rows by time: what is learned from lies before what it is judged on. */

/** Row numbers: training [0, validation), validation [validation, test), test [test, rows). */
export interface Split {
  readonly validation: number
  readonly test: number
  readonly rows: number
}

/** The number of the first of the ascending `instants` that is not before `instant`; the number of instants if all are. */
export const firstAtOrAfter = (instants: Float64Array, instant: number): number => {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (instants[middle] < instant) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Cuts ascending `instants` at two instants, epoch milliseconds. Throws a RangeError where one of the three parts would be empty.
 */
export const splitAt = (instants: Float64Array, validationFrom: number, testFrom: number): Split => {
  const split = {
    validation: firstAtOrAfter(instants, validationFrom),
    test: firstAtOrAfter(instants, testFrom),
    rows: instants.length,
  }
  if (!(split.validation > 0 && split.validation < split.test && split.test < split.rows)) {
    throw new RangeError(
      `Expected rows in all three parts, got ${split.validation}, ${split.test - split.validation} and ${split.rows - split.test}.`,
    )
  }
  return split
}
