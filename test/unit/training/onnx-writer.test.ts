/** ONNX models as written, in the runtime that serves them. */
import { describe, expect, it } from 'vitest'
import { openOnnx } from '../../../src/cli/train/onnx-session.ts'
import { boost } from '../../../src/training/gbdt/boost.ts'
import { DEFAULT_PARAMETERS } from '../../../src/training/gbdt/parameters.ts'
import { type Ensemble, predict } from '../../../src/training/gbdt/tree.ts'
import { writeTreeEnsemble } from '../../../src/training/onnx/tree-ensemble.ts'
import { seededRandom } from '../../../src/training/random.ts'
import { madeUpMatrix } from './training-fixtures.ts'

const NAMES = {
  graph: 'test',
  input: 'features',
  output: 'probability',
  producerName: 'nearcast',
  producerVersion: '1',
  documentation: '',
}

const ensembleOf = (seed: number): Ensemble =>
  boost(madeUpMatrix(1500, seed, true), undefined, { ...DEFAULT_PARAMETERS, trees: 30, leaves: 20 }).ensemble

/** The next float32 above `value`. */
const above = (value: number): number => {
  const bits = new Int32Array(Float32Array.of(value).buffer)
  bits[0] += value >= 0 ? 1 : -1
  return new Float32Array(bits.buffer)[0]
}

/** Random rows: values inside and outside the training range, missing ones, thresholds of the trees and the numbers just above them. */
const hardRows = ({ trees }: Ensemble, rows: number, seed: number): Float32Array => {
  const random = seededRandom(seed)
  const thresholds = [0, 1, 2].map((feature) =>
    trees.flatMap((tree) => [...tree.threshold].filter((_, node) => tree.feature[node] === feature)),
  )
  return Float32Array.from({ length: rows * 3 }, (_, index) => {
    const known = thresholds[index % 3]
    const threshold = known[Math.floor(random() * known.length)] ?? 0
    const kind = random()
    if (kind < 0.1) return Number.NaN
    if (kind < 0.4) return threshold
    if (kind < 0.6) return above(threshold)
    if (kind < 0.62) return Number.POSITIVE_INFINITY
    return (random() - 0.5) * 200
  })
}

describe('an ONNX tree ensemble', () => {
  it('answers what the trainer answers, on thresholds, beside them and where values are missing', async () => {
    const ensemble = ensembleOf(1)
    const rows = hardRows(ensemble, 5000, 2)
    const session = await openOnnx(writeTreeEnsemble(ensemble, NAMES))
    const answers = await session.run(rows, 3)
    await session.release()
    const expected = predict(ensemble, rows)
    const differences = answers.map((answer, row) => Math.abs(answer - expected[row]))
    expect(answers.length).toBe(5000)
    expect(Math.max(...differences)).toBeLessThan(1e-6)
    expect(new Set(answers).size).toBeGreaterThan(100)
  })

  it('has the same bytes each time', () => {
    expect(writeTreeEnsemble(ensembleOf(3), NAMES)).toEqual(writeTreeEnsemble(ensembleOf(3), NAMES))
  })
})
