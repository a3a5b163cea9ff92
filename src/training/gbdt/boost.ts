/** Gradient boosting with the logistic loss: tree after tree, each fitted to what the ones before left over. */
import { type Matrix, positiveShare, rowCount } from '../matrix.ts'
import { sampleIndices, seededRandom } from '../random.ts'
import { binMatrix, matrixEdges } from './bins.ts'
import { growTree } from './grow.ts'
import type { BoostingParameters } from './parameters.ts'
import { type Ensemble, sigmoid, type Tree, treeValueOfCodes } from './tree.ts'

/** What is known after each tree. */
export interface Round {
  readonly trees: number
  /** Mean log loss of the validation rows, nats; NaN without validation rows. */
  readonly validationLogLoss: number
}

export interface BoostingResult {
  readonly ensemble: Ensemble
  /** With validation rows, the trees up to the least validation log loss were kept. */
  readonly rounds: readonly Round[]
}

/** −ln p(label) from log-odds s: ln(1 + e^−s) for label 1, ln(1 + e^s) for label 0, written so that nothing overflows. */
const logLossOfLogOdds = (logOdds: number, label: number): number =>
  Math.max(logOdds, 0) - logOdds * label + Math.log1p(Math.exp(-Math.abs(logOdds)))

const meanLogLoss = (logOdds: Float64Array, labels: Uint8Array): number => {
  let sum = 0
  for (let row = 0; row < labels.length; row++) sum += logLossOfLogOdds(logOdds[row], labels[row])
  return sum / labels.length
}

/**
 * Fits an ensemble to `train`. With `validation` (the same columns, later in time), training stops after `parameters.patience` trees that
 * did not lower its log loss, and the trees after the best one are dropped. The same input gives the same trees, bit for bit.
 * Derivatives: g = p − y, h = p(1 − p). Throws a RangeError when all labels are equal.
 * Source: J. Friedman, "Greedy Function Approximation" (2001); Chen and Guestrin, "XGBoost" (2016).
 */
export const boost = (
  train: Matrix,
  validation: Matrix | undefined,
  parameters: BoostingParameters,
  onRound: (round: Round) => void = () => undefined,
): BoostingResult => {
  const share = positiveShare(train.labels)
  if (!(share > 0 && share < 1))
    throw new RangeError(`Expected labels of both kinds, got a share of ${share} positive.`)
  const rows = rowCount(train)
  const width = train.names.length
  const edges = matrixEdges(train)
  const missingCodes = Uint8Array.from(edges, (column) => column.length + 1)
  const binned = binMatrix(train, edges)
  const held = validation && { codes: binMatrix(validation, edges).codes, labels: validation.labels }
  const base = Math.fround(Math.log(share / (1 - share)))
  const logOdds = new Float64Array(rows).fill(base)
  const heldLogOdds = new Float64Array(held?.labels.length ?? 0).fill(base)
  const gradients = new Float32Array(rows)
  const hessians = new Float32Array(rows)
  const scratch = new Uint32Array(rows)
  const random = seededRandom(parameters.seed)
  const groups = featureGroups(train.names, parameters.groups)
  const featureCount = Math.max(1, Math.round(parameters.featureShare * width))
  const trees: Tree[] = []
  const rounds: Round[] = []
  let bestLoss = Number.POSITIVE_INFINITY
  let bestTrees = 0

  while (trees.length < parameters.trees) {
    for (let row = 0; row < rows; row++) {
      const probability = sigmoid(logOdds[row])
      gradients[row] = probability - train.labels[row]
      hessians[row] = probability * (1 - probability)
    }
    const features = sampleIndices(width, featureCount, random)
    const sample = sampleRows(rows, parameters.rowShare, random)
    const everyRow = sample.length === rows
    const tree = growTree(
      binned,
      sample,
      scratch,
      features,
      groups,
      { gradients, hessians },
      parameters,
      (start, end, value) => {
        if (everyRow) for (let index = start; index < end; index++) logOdds[sample[index]] += value
      },
    )
    if (!everyRow) addTree(tree, binned.codes, missingCodes, logOdds)
    trees.push(tree)
    if (held !== undefined) addTree(tree, held.codes, missingCodes, heldLogOdds)
    const round = {
      trees: trees.length,
      validationLogLoss: held === undefined ? Number.NaN : meanLogLoss(heldLogOdds, held.labels),
    }
    rounds.push(round)
    onRound(round)
    if (held === undefined) bestTrees = trees.length
    else if (round.validationLogLoss < bestLoss) {
      bestLoss = round.validationLogLoss
      bestTrees = trees.length
    } else if (trees.length - bestTrees >= parameters.patience) break
  }
  return { ensemble: { features: train.names, base, trees: trees.slice(0, bestTrees) }, rounds }
}

/** The numbers of the features of each group. Throws a RangeError for a name that is no feature. */
const featureGroups = (names: readonly string[], groups: readonly (readonly string[])[] = [names]): number[][] =>
  groups.map((group) =>
    group.map((name) => {
      const index = names.indexOf(name)
      if (index < 0) throw new RangeError(`Expected one of ${names.join(', ')}, got "${name}" in a group.`)
      return index
    }),
  )

/** Each row with probability `share`, ascending; all of them when `share` is 1. */
const sampleRows = (rows: number, share: number, random: () => number): Uint32Array => {
  const all = Uint32Array.from({ length: rows }, (_, row) => row)
  return share >= 1 ? all : all.filter(() => random() < share)
}

const addTree = (tree: Tree, codes: Uint8Array, missingCodes: Uint8Array, logOdds: Float64Array): void => {
  const width = missingCodes.length
  for (let row = 0; row < logOdds.length; row++)
    logOdds[row] += treeValueOfCodes(tree, codes, row * width, missingCodes)
}
