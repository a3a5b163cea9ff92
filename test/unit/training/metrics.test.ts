/** The figures of an evaluation, against scikit-learn's. */
import { describe, expect, it } from 'vitest'
import { areaUnderCurve } from '../../../src/training/evaluation/auc.ts'
import { evaluate } from '../../../src/training/evaluation/evaluate.ts'
import { PRIOR_ROWS, rateTable } from '../../../src/training/evaluation/rate-table.ts'
import { firstAtOrAfter, splitAt } from '../../../src/training/evaluation/split.ts'
import { readFixture } from './training-fixtures.ts'

interface MetricsFixture {
  scores: number[]
  labels: number[]
  auc: number
  log_loss: number
  brier: number
  calibration: { rows: number; predicted: number; observed: number }[]
  calibration_error: number
}

describe('figures on 400 scores with ties', () => {
  const stored = readFixture<MetricsFixture>('metrics.json')
  const figures = evaluate(Float32Array.from(stored.scores), Uint8Array.from(stored.labels))

  it('agree with scikit-learn', () => {
    expect(figures.auc).toBeCloseTo(stored.auc, 12)
    expect(figures.logLoss).toBeCloseTo(stored.log_loss, 6)
    expect(figures.brier).toBeCloseTo(stored.brier, 6)
    expect(figures.calibrationError).toBeCloseTo(stored.calibration_error, 6)
  })

  it('calibrate in the same groups', () => {
    expect(figures.calibration.map(({ rows }) => rows)).toEqual(stored.calibration.map(({ rows }) => rows))
    for (const [index, group] of figures.calibration.entries()) {
      expect(group.predicted).toBeCloseTo(stored.calibration[index].predicted, 6)
      expect(group.observed).toBeCloseTo(stored.calibration[index].observed, 12)
    }
  })
})

describe('the area under the curve', () => {
  it('is 1 when every positive scores higher, 0 when lower, one half when all are equal', () => {
    const labels = Uint8Array.of(0, 1, 0, 1)
    expect(areaUnderCurve(Float32Array.of(0.1, 0.8, 0.2, 0.9), labels)).toBe(1)
    expect(areaUnderCurve(Float32Array.of(0.9, 0.2, 0.8, 0.1), labels)).toBe(0)
    expect(areaUnderCurve(Float32Array.of(0.3, 0.3, 0.3, 0.3), labels)).toBe(0.5)
  })

  it('is unknown with one kind of label', () => {
    expect(areaUnderCurve(Float32Array.of(0.1, 0.2), Uint8Array.of(1, 1))).toBeNaN()
  })
})

describe('a rate table', () => {
  const keys = (cells: number[], widerCells: number[]) => ({
    cells: Int32Array.from(cells),
    widerCells: Int32Array.from(widerCells),
  })
  const trained = keys([1, 1, 2, 2], [7, 7, 7, 8])
  const labels = Uint8Array.of(1, 1, 0, 0)
  const rate = (positives: number, rows: number, prior: number) =>
    (positives + PRIOR_ROWS * prior) / (rows + PRIOR_ROWS)
  const hour7 = rate(2, 3, 0.5)

  it('shrinks a cell to its hour, and an hour to all rows', () => {
    const [cell] = rateTable(trained, labels, keys([1], [7]))
    expect(cell).toBeCloseTo(rate(2, 2, hour7), 6)
  })

  it('gives an unseen cell its hour, and an unseen hour the rate of all rows', () => {
    const [cell, hour] = rateTable(trained, labels, keys([3, 3], [7, 9]))
    expect(cell).toBeCloseTo(hour7, 6)
    expect(hour).toBe(0.5)
  })
})

describe('a split by time', () => {
  const instants = Float64Array.of(10, 20, 20, 30, 40)

  it('puts an instant on the boundary into the later part', () => {
    expect(firstAtOrAfter(instants, 20)).toBe(1)
    expect(firstAtOrAfter(instants, 41)).toBe(5)
    expect(splitAt(instants, 20, 40)).toEqual({ validation: 1, test: 4, rows: 5 })
  })

  it('refuses an empty part, with the three sizes', () => {
    expect(() => splitAt(instants, 5, 40)).toThrow('got 0, 4 and 1')
  })
})
