/** Cuts each column into at most 254 bins, so that a tree compares small integers instead of numbers. */
import { columnOf, type Matrix } from '../matrix.ts'

/** One byte per value: 254 bins of numbers and one code for what is missing. */
const MAX_BINS = 254

/**
 * A matrix in bins. Value x of column c has the code of the first edge with x ≤ edge, or `edges[c].length` above the last; NaN has
 * `edges[c].length + 1`. `codes` is row-major like the matrix.
 */
export interface BinnedMatrix {
  readonly edges: readonly Float32Array[]
  readonly codes: Uint8Array
}

/**
 * A float32 threshold t with low ≤ t < high, near the middle: `x <= t` then splits the two exactly, as ONNX's BRANCH_LEQ will.
 * Both arguments are float32 values, low < high.
 */
export const thresholdBetween = (low: number, high: number): number => {
  const middle = Math.fround(low / 2 + high / 2)
  return middle >= low && middle < high ? middle : low
}

/**
 * The edges that cut `column` into bins of about equal counts, ascending; every distinct value has its own bin where there are at most
 * `maxBins` of them. NaN is left out. A value more frequent than a bin's fair share closes its bin.
 */
export const binEdges = (column: Float32Array, maxBins = MAX_BINS): Float32Array => {
  const sorted = column.filter((value) => !Number.isNaN(value)).sort()
  const values: number[] = []
  const counts: number[] = []
  for (const value of sorted) {
    if (values.length > 0 && value === values[values.length - 1]) counts[counts.length - 1]++
    else {
      values.push(value)
      counts.push(1)
    }
  }
  const edges: number[] = []
  const oneEach = values.length <= maxBins
  let left = sorted.length
  let inBin = 0
  for (let index = 0; index + 1 < values.length; index++) {
    inBin += counts[index]
    if (oneEach || (edges.length + 1 < maxBins && inBin >= left / (maxBins - edges.length))) {
      edges.push(thresholdBetween(values[index], values[index + 1]))
      left -= inBin
      inBin = 0
    }
  }
  return Float32Array.from(edges)
}

/** The bin of one value: the number of edges below it; `edges.length + 1` for NaN. */
export const binCode = (edges: Float32Array, value: number): number => {
  if (Number.isNaN(value)) return edges.length + 1
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= edges[middle]) high = middle
    else low = middle + 1
  }
  return low
}

/** The edges of every column of `matrix`. */
export const matrixEdges = (matrix: Matrix): Float32Array[] =>
  matrix.names.map((name) => binEdges(columnOf(matrix, name)))

/** `matrix` in the bins that `edges` cut. */
export const binMatrix = (matrix: Matrix, edges: readonly Float32Array[]): BinnedMatrix => {
  const codes = new Uint8Array(matrix.values.length)
  const width = edges.length
  for (let at = 0, column = 0; at < codes.length; at++) {
    codes[at] = binCode(edges[column], matrix.values[at])
    column = column + 1 === width ? 0 : column + 1
  }
  return { edges, codes }
}
