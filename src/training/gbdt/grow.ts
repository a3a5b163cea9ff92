/** Grows one tree leaf by leaf, always splitting the leaf that gains most. */
import type { BinnedMatrix } from './bins.ts'
import { buildHistogram, STRIDE, subtractHistogram } from './histogram.ts'
import type { BoostingParameters } from './parameters.ts'
import { bestSplit, type Split } from './split.ts'
import type { Tree } from './tree.ts'

/** First and second derivatives of the loss with respect to each row's log-odds. */
export interface Derivatives {
  readonly gradients: Float32Array
  readonly hessians: Float32Array
}

/** Features, by number, that may meet on one path from root to leaf. */
export type FeatureGroup = readonly number[]

/** A leaf under construction; it owns `rows[start … end)`. */
interface Leaf {
  readonly node: number
  readonly depth: number
  readonly start: number
  readonly end: number
  readonly gradient: number
  readonly hessian: number
  readonly histogram: Float64Array
  readonly split: Split | undefined
  /** The groups of features that hold every feature split on so far; below, only their members may be split on. */
  readonly groups: readonly FeatureGroup[]
}

interface NodeList {
  readonly feature: number[]
  readonly threshold: number[]
  readonly thresholdCode: number[]
  readonly missingLeft: number[]
  readonly left: number[]
  readonly right: number[]
  readonly value: number[]
}

const addLeafNode = (nodes: NodeList): number => {
  nodes.feature.push(-1)
  nodes.threshold.push(0)
  nodes.thresholdCode.push(0)
  nodes.missingLeft.push(0)
  nodes.left.push(-1)
  nodes.right.push(-1)
  return nodes.value.push(0) - 1
}

/** Moves the rows that go left to the front, keeping the order on both sides; returns where the right side begins. */
const partition = (
  matrix: BinnedMatrix,
  rows: Uint32Array,
  scratch: Uint32Array,
  leaf: Pick<Leaf, 'start' | 'end'>,
  split: Split,
): number => {
  const width = matrix.edges.length
  const missingCode = matrix.edges[split.feature].length + 1
  let left = leaf.start
  let right = 0
  for (let index = leaf.start; index < leaf.end; index++) {
    const row = rows[index]
    const code = matrix.codes[row * width + split.feature]
    if (code === missingCode ? split.missingLeft : code <= split.code) rows[left++] = row
    else scratch[right++] = row
  }
  rows.set(scratch.subarray(0, right), left)
  return left
}

/**
 * A tree fitted to `derivatives` over `rows` by second-order boosting: leaf value −G/(H+λ) × learning rate, float32.
 * `rows` is reordered; `features` are those it may split on, as far as they
 * share one of the `groups`. Each leaf's range of `rows` is given to `onLeaf`.
 * Source: Chen and Guestrin 2016, equation 5; leaf-wise growth after Ke et al., "LightGBM" (NIPS 2017).
 */
export const growTree = (
  matrix: BinnedMatrix,
  rows: Uint32Array,
  scratch: Uint32Array,
  features: readonly number[],
  groups: readonly FeatureGroup[],
  derivatives: Derivatives,
  parameters: BoostingParameters,
  onLeaf: (start: number, end: number, value: number) => void,
): Tree => {
  const { gradients, hessians } = derivatives
  const binCounts = matrix.edges.map((edges) => edges.length + 1)
  const nodes: NodeList = {
    feature: [],
    threshold: [],
    thresholdCode: [],
    missingLeft: [],
    left: [],
    right: [],
    value: [],
  }

  const newLeaf = (
    start: number,
    end: number,
    histogram: Float64Array,
    depth: number,
    open: readonly FeatureGroup[],
  ): Leaf => {
    let gradient = 0
    let hessian = 0
    for (let index = start; index < end; index++) {
      gradient += gradients[rows[index]]
      hessian += hessians[rows[index]]
    }
    const sums = { gradient, hessian, histogram }
    const allowed = features.filter((feature) => open.some((group) => group.includes(feature)))
    const split = depth < parameters.depth ? bestSplit(sums, allowed, binCounts, STRIDE, parameters) : undefined
    return { node: addLeafNode(nodes), depth, start, end, ...sums, split, groups: open }
  }

  const build = (start: number, end: number) => buildHistogram(matrix, rows, start, end, gradients, hessians)
  const leaves = [newLeaf(0, rows.length, build(0, rows.length), 0, groups)]

  while (leaves.length < parameters.leaves) {
    let chosen = -1
    for (const [index, leaf] of leaves.entries()) {
      if (leaf.split !== undefined && (chosen < 0 || leaf.split.gain > (leaves[chosen].split?.gain ?? 0)))
        chosen = index
    }
    if (chosen < 0) break
    const [leaf] = leaves.splice(chosen, 1)
    const split = leaf.split as Split
    const middle = partition(matrix, rows, scratch, leaf, split)
    const leftIsSmaller = middle - leaf.start <= leaf.end - middle
    const small = leftIsSmaller ? build(leaf.start, middle) : build(middle, leaf.end)
    const large = subtractHistogram(leaf.histogram, small)
    const depth = leaf.depth + 1
    const open = leaf.groups.filter((group) => group.includes(split.feature))
    const left = newLeaf(leaf.start, middle, leftIsSmaller ? small : large, depth, open)
    const right = newLeaf(middle, leaf.end, leftIsSmaller ? large : small, depth, open)
    nodes.feature[leaf.node] = split.feature
    nodes.threshold[leaf.node] = matrix.edges[split.feature][split.code] ?? Number.POSITIVE_INFINITY
    nodes.thresholdCode[leaf.node] = split.code
    nodes.missingLeft[leaf.node] = split.missingLeft ? 1 : 0
    nodes.left[leaf.node] = left.node
    nodes.right[leaf.node] = right.node
    leaves.push(left, right)
  }

  for (const leaf of leaves) {
    const value = Math.fround((-leaf.gradient / (leaf.hessian + parameters.l2)) * parameters.learningRate)
    nodes.value[leaf.node] = value
    onLeaf(leaf.start, leaf.end, value)
  }
  return {
    feature: Int16Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    thresholdCode: Uint8Array.from(nodes.thresholdCode),
    missingLeft: Uint8Array.from(nodes.missingLeft),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    value: Float32Array.from(nodes.value),
  }
}
