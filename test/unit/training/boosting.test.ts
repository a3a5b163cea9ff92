/** Gradient boosting: against xgboost, and by what must hold exactly. */
import { describe, expect, it } from 'vitest'
import { logLoss } from '../../../src/training/evaluation/scores.ts'
import { binCode, binEdges, thresholdBetween } from '../../../src/training/gbdt/bins.ts'
import { boost } from '../../../src/training/gbdt/boost.ts'
import { DEFAULT_PARAMETERS } from '../../../src/training/gbdt/parameters.ts'
import { leafCount, predict, type Tree } from '../../../src/training/gbdt/tree.ts'
import { sliceRows } from '../../../src/training/matrix.ts'
import { madeUpMatrix, readFixture } from './training-fixtures.ts'

interface BoostingFixture {
  parameters: { trees: number; leaves: number; learningRate: number; l2: number; minChildWeight: number }
  features: (number | null)[][]
  labels: number[]
  probabilities: number[]
}

const QUICK = { ...DEFAULT_PARAMETERS, trees: 20, leaves: 8 }

describe('boosting', () => {
  it('gives the probabilities of xgboost, missing values included', () => {
    const { parameters, features, labels, probabilities } = readFixture<BoostingFixture>('boosting.json')
    const matrix = {
      names: ['a', 'b', 'c', 'd'],
      values: Float32Array.from(features.flat(), (value) => value ?? Number.NaN),
      labels: Uint8Array.from(labels),
    }
    const { ensemble } = boost(matrix, undefined, { ...DEFAULT_PARAMETERS, ...parameters })
    const differences = predict(ensemble, matrix.values).map((value, row) => Math.abs(value - probabilities[row]))
    expect(Math.max(...differences)).toBeLessThan(1e-5)
  })

  it('finds what decides the label and nothing in chance', () => {
    const matrix = madeUpMatrix(4000, 1)
    const { ensemble } = boost(sliceRows(matrix, 0, 3000), undefined, QUICK)
    const held = sliceRows(matrix, 3000, 4000)
    const entropy = -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.2))
    expect(logLoss(predict(ensemble, held.values), held.labels)).toBeLessThan(entropy + 0.05)
  })

  it('is the same, bit for bit, when run again, with rows and features drawn by lot too', () => {
    const matrix = madeUpMatrix(1500, 2, true)
    const parameters = { ...QUICK, rowShare: 0.7, featureShare: 0.7 }
    const first = boost(matrix, undefined, parameters).ensemble
    expect(boost(matrix, undefined, parameters).ensemble).toEqual(first)
    expect(boost(matrix, undefined, { ...parameters, seed: 2 }).ensemble).not.toEqual(first)
  })

  it('stops when the validation rows get no better, and drops the trees after the best', () => {
    const matrix = madeUpMatrix(1200, 3)
    const { ensemble, rounds } = boost(sliceRows(matrix, 0, 800), sliceRows(matrix, 800, 1200), {
      ...QUICK,
      trees: 200,
      learningRate: 0.5,
      patience: 5,
    })
    const losses = rounds.map((round) => round.validationLogLoss)
    expect(rounds.length).toBe(ensemble.trees.length + 5)
    expect(losses[ensemble.trees.length - 1]).toBe(Math.min(...losses))
    const held = sliceRows(matrix, 800, 1200)
    expect(logLoss(predict(ensemble, held.values), held.labels)).toBeCloseTo(Math.min(...losses), 6)
  })

  it('keeps to the number of leaves, the depth and the groups of features', () => {
    const matrix = madeUpMatrix(2000, 4)
    const { ensemble } = boost(matrix, undefined, { ...QUICK, leaves: 6, groups: [['a', 'c'], ['b']] })
    for (const tree of ensemble.trees) {
      expect(leafCount({ ...ensemble, trees: [tree] })).toBeLessThanOrEqual(6)
      const used = new Set(tree.feature.filter((feature) => feature >= 0))
      expect(used.has(1) && used.size > 1).toBe(false)
    }
    const stump = boost(matrix, undefined, { ...QUICK, depth: 1 }).ensemble
    expect(stump.trees.every((tree) => tree.feature.length <= 3)).toBe(true)
  })

  it('refuses labels of one kind, and a group that names no feature', () => {
    const matrix = madeUpMatrix(50, 5)
    expect(() => boost({ ...matrix, labels: new Uint8Array(50) }, undefined, QUICK)).toThrow('share of 0 positive')
    expect(() => boost(matrix, undefined, { ...QUICK, groups: [['z']] })).toThrow('got "z" in a group')
  })

  it('sends missing values where they belong, and to the heavier side where it never saw one', () => {
    const side = (tree: Tree): number => tree.missingLeft[0]
    const rows = 300
    const labels = Uint8Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 1 : 0))
    const values = Float32Array.from(labels, (label, row) => (label === 1 ? Number.NaN : row % 3))
    const seen = boost({ names: ['a'], values, labels }, undefined, { ...QUICK, trees: 1 }).ensemble
    const [missing, present] = predict(seen, Float32Array.of(Number.NaN, 1))
    expect(missing).toBeGreaterThan(present)
    const heavyLeft = Float32Array.from(labels, (label) => label)
    const unseen = boost({ names: ['a'], values: heavyLeft, labels }, undefined, { ...QUICK, trees: 1 }).ensemble
    expect(side(unseen.trees[0])).toBe(1)
  })
})

describe('thresholds', () => {
  it('lie between their neighbours as float32, so that x <= t splits them exactly', () => {
    const one = 1
    const next = Math.fround(1 + 2 ** -23)
    const pairs: [number, number][] = [
      [one, next],
      [next, Math.fround(1 + 2 ** -22)],
      [-1e38, 3e38].map(Math.fround) as [number, number],
      [Number.NEGATIVE_INFINITY, 0],
      [0, Number.POSITIVE_INFINITY],
      [0, 1.401298464324817e-45],
    ]
    for (const [low, high] of pairs) {
      const threshold = thresholdBetween(low, high)
      expect(Math.fround(threshold)).toBe(threshold)
      expect(low <= threshold && threshold < high).toBe(true)
    }
  })

  it('give every value its own bin where there are few, and NaN the code after the last', () => {
    const edges = binEdges(Float32Array.of(3, 1, 2, 2, Number.NaN))
    expect([...edges]).toEqual([1.5, 2.5])
    expect([0, 1.5, 1.6, 9, Number.NaN].map((value) => binCode(edges, value))).toEqual([0, 0, 1, 2, 3])
  })

  it('cut many values into bins of about equal counts', () => {
    const column = Float32Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_000)
    const edges = binEdges(column, 20)
    const counts = new Array<number>(20).fill(0)
    for (const value of column) counts[binCode(edges, value)]++
    expect(edges.length).toBe(19)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(20)
  })
})
