/** The table a model learns from: rows of float32 features with their labels, in the order of time. */

/** `values` holds the rows one after the other, `names.length` numbers each; NaN is a missing value. */
export interface Matrix {
  readonly names: readonly string[]
  readonly values: Float32Array
  /** 1 where what is predicted came true, else 0. */
  readonly labels: Uint8Array
}

export const rowCount = (matrix: Matrix): number => matrix.labels.length

/** The rows from `start` up to, not including, `end`: a view, no copy. Throws a RangeError outside 0 ≤ start ≤ end ≤ rows. */
export const sliceRows = (matrix: Matrix, start: number, end: number): Matrix => {
  const rows = rowCount(matrix)
  if (!(start >= 0 && start <= end && end <= rows))
    throw new RangeError(`Expected rows within 0..${rows}, got ${start}..${end}.`)
  const width = matrix.names.length
  return {
    names: matrix.names,
    values: matrix.values.subarray(start * width, end * width),
    labels: matrix.labels.subarray(start, end),
  }
}

/** One column, copied. Throws a RangeError for a name the matrix does not have. */
export const columnOf = ({ names, values }: Matrix, name: string): Float32Array => {
  const column = names.indexOf(name)
  if (column < 0) throw new RangeError(`Expected one of ${names.join(', ')}, got "${name}".`)
  return Float32Array.from({ length: values.length / names.length }, (_, row) => values[row * names.length + column])
}

/** The share of rows whose label is 1, in [0, 1]; NaN without rows. */
export const positiveShare = (labels: Uint8Array): number => {
  let positives = 0
  for (const label of labels) positives += label
  return positives / labels.length
}
