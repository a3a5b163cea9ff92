/** Rows of counts over the same bins, and their shares. */

/**
 * The sum of `counts`, a row of `length` numbers ≥ 0 that need not be whole.
 * Throws a RangeError that names the place for a negative or infinite number, for another length, and where nothing was counted.
 */
export const totalOf = (counts: ArrayLike<number>, length: number): number => {
  if (counts.length !== length) throw new RangeError(`Expected ${length} counts, got ${counts.length}.`)
  let total = 0
  for (let bin = 0; bin < length; bin++) {
    const count = counts[bin] as number
    if (!(count >= 0) || count === Number.POSITIVE_INFINITY)
      throw new RangeError(`Expected a count ≥ 0 in bin ${bin}, got ${count}.`)
    total += count
  }
  if (total === 0) throw new RangeError('Expected at least one count above 0, got none.')
  return total
}

/** `counts` divided by their sum. Throws a RangeError as `totalOf` does. */
export const sharesOf = (counts: ArrayLike<number>, length: number): Float64Array => {
  const total = totalOf(counts, length)
  const shares = new Float64Array(length)
  for (let bin = 0; bin < length; bin++) shares[bin] = (counts[bin] as number) / total
  return shares
}
