/** Sums the derivatives of a leaf's rows per feature and bin: the inner loop of training. */
import type { BinnedMatrix } from './bins.ts'

/** Room for 254 bins and the missing one, per feature. */
export const STRIDE = 256

/**
 * Adds first and second derivatives, interleaved, of the rows `rows[start … end)` into a fresh histogram: feature f's bin b stands at
 * (f · STRIDE + b) · 2.
 */
export const buildHistogram = (
  matrix: BinnedMatrix,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  hessians: Float32Array,
): Float64Array => {
  const width = matrix.edges.length
  const { codes } = matrix
  const histogram = new Float64Array(width * STRIDE * 2)
  for (let index = start; index < end; index++) {
    const row = rows[index]
    const gradient = gradients[row]
    const hessian = hessians[row]
    const offset = row * width
    for (let feature = 0; feature < width; feature++) {
      const at = (feature * STRIDE + codes[offset + feature]) * 2
      histogram[at] += gradient
      histogram[at + 1] += hessian
    }
  }
  return histogram
}

/** `parent` − `child`, bin by bin, written over `parent`: the histogram of the other child. */
export const subtractHistogram = (parent: Float64Array, child: Float64Array): Float64Array => {
  for (let at = 0; at < parent.length; at++) parent[at] -= child[at]
  return parent
}
