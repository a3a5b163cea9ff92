/** A regression tree in flat arrays, and the walk from its root to a leaf. */

/**
 * Node 0 is the root. At an inner node a row goes to `left` if its value of `feature` is ≤ `threshold`, or if it is missing (NaN) and
 * `missingLeft` is 1; else to `right`. A leaf has `feature` −1 and its answer in `value`: float32, the learning rate included.
 */
export interface Tree {
  readonly feature: Int16Array
  readonly threshold: Float32Array
  /** The bin code that stands for `threshold`: codes up to it go left. */
  readonly thresholdCode: Uint8Array
  readonly missingLeft: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly value: Float32Array
}

/** A sum of trees: the log-odds of a row is `base` plus each tree's answer. */
export interface Ensemble {
  readonly features: readonly string[]
  /** Float32. */
  readonly base: number
  readonly trees: readonly Tree[]
}

/** The answer of `tree` for the row of float32 values that begins at `offset`. */
export const treeValue = (tree: Tree, values: Float32Array, offset: number): number => {
  let node = 0
  for (let feature = tree.feature[0]; feature >= 0; feature = tree.feature[node]) {
    const value = values[offset + feature]
    const goesLeft = value <= tree.threshold[node] || (tree.missingLeft[node] === 1 && Number.isNaN(value))
    node = goesLeft ? tree.left[node] : tree.right[node]
  }
  return tree.value[node]
}

/** The answer of `tree` for the row of bin codes that begins at `offset`; `missingCodes` holds each column's code for NaN. */
export const treeValueOfCodes = (tree: Tree, codes: Uint8Array, offset: number, missingCodes: Uint8Array): number => {
  let node = 0
  for (let feature = tree.feature[0]; feature >= 0; feature = tree.feature[node]) {
    const code = codes[offset + feature]
    const goesLeft = code === missingCodes[feature] ? tree.missingLeft[node] === 1 : code <= tree.thresholdCode[node]
    node = goesLeft ? tree.left[node] : tree.right[node]
  }
  return tree.value[node]
}

/** The number of leaves of all trees. */
export const leafCount = ({ trees }: Ensemble): number =>
  trees.reduce((sum, tree) => sum + tree.feature.filter((feature) => feature < 0).length, 0)

/** 1 / (1 + e^−x): log-odds to probability, in [0, 1]. */
export const sigmoid = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

/** The probability of each row of `values` (rows of `ensemble.features.length` float32 numbers), in [0, 1]. */
export const predict = (ensemble: Ensemble, values: Float32Array): Float32Array => {
  const width = ensemble.features.length
  const out = new Float32Array(values.length / width)
  for (let row = 0; row < out.length; row++) {
    let logOdds = ensemble.base
    for (const tree of ensemble.trees) logOdds += treeValue(tree, values, row * width)
    out[row] = sigmoid(logOdds)
  }
  return out
}
