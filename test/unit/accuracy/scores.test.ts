import { describe, expect, it } from 'vitest'
import { accuracyOf, accuracyReport, mergeAccuracy } from '../../../src/core/accuracy/accuracy.ts'
import { rankedScore } from '../../../src/core/accuracy/distribution.ts'
import type { Foretold, Truth } from '../../../src/core/accuracy/foretold.ts'
import { binOfProbability } from '../../../src/core/accuracy/probability.ts'
import scores from '../../fixtures/accuracy/scores.json' with { type: 'json' }

const reportOf = (foretold: readonly Foretold[], truths: readonly Truth[], predictions = foretold.length) =>
  accuracyReport(foretold.map((one, at) => accuracyOf('an output', one, truths[at])).reduce(mergeAccuracy), predictions)
const probabilityReportOf = (said: readonly number[], happened: readonly (boolean | number)[]) => {
  const report = reportOf(
    said.map((one) => ({ kind: 'probability', said: one })),
    happened,
  )
  if (report.kind !== 'probability') throw new Error(`it is a ${report.kind}`)
  return report
}

describe('the accuracy of probabilities', () => {
  it.each(scores.probabilities)('is what scikit-learn says, the area within the error that is stated', (fixture) => {
    const { said, happened, brier, auc } = fixture
    const report = probabilityReportOf(said, happened)
    expect(report).toMatchObject({ outcomes: 600, outcome_share: 1 })
    expect(Math.abs(report.brier_score - brier)).toBeLessThan(5e-7)
    expect(Math.abs((report.auc ?? 0) - auc)).toBeLessThanOrEqual(report.auc_error ?? 0)
    expect(report.auc_error).toBeLessThan(0.015)
    expect(report.happened_share).toBe(happened.filter(Boolean).length / 600)
    expect(report.predicted_share).toBeCloseTo(said.reduce((sum, one) => sum + one) / 600, 6)
  })

  it.each(scores.probabilities)('has calibration in groups of about equal size that hold every outcome', (fixture) => {
    const { calibration, calibration_error } = probabilityReportOf(fixture.said, fixture.happened)
    expect(calibration.length).toBeGreaterThan(2)
    expect(calibration.length).toBeLessThanOrEqual(10)
    expect(calibration.reduce((sum, { outcomes }) => sum + outcomes, 0)).toBe(600)
    const predicted = calibration.map((point) => point.predicted)
    expect(predicted).toEqual([...predicted].sort((a, b) => a - b))
    expect(calibration_error).toBeGreaterThan(0)
    expect(calibration_error).toBeLessThan(0.2)
  })

  it('knows no area where everything happened, and takes what happened in part for so much of both', () => {
    expect(probabilityReportOf([0.2, 0.9], [true, true])).toMatchObject({ auc: null, auc_error: null })
    const [inPart, both] = [
      probabilityReportOf([0.1, 0.9], [0.25, 0.5]),
      [0.25 * 0.5, 0.75 * 0.5, 0.25 * 0.5, 0.75 * 0.5],
    ]
    expect(inPart.auc).toBeCloseTo(((both[1] ?? 0) + 0.25 * 0.75 * 0.5 + 0.5 * 0.5 * 0.5) / (0.75 * 1.25), 12)
    expect(inPart.happened_share).toBe(0.375)
  })

  it('counts the ends, and what lies beyond them by rounding', () => {
    expect([0, 1e-9, 0.5, 1 - 1e-9, 1].map(binOfProbability)).toEqual([0, 0, 70, 140, 140])
    expect(probabilityReportOf([-1e-9, 1 + 1e-7], [false, true])).toMatchObject({
      brier_score: 0,
      auc: 1,
      auc_error: 0,
    })
  })
})

describe('the accuracy of values', () => {
  it.each(scores.values)(
    'is in the unit of the output, as scikit-learn has it',
    ({ said, actual, mae, rmse, bias }) => {
      const foretold = said.map((one): Foretold => ({ kind: 'value', said: one }))
      const report = reportOf(foretold, actual, 2_400)
      expect(report).toMatchObject({ kind: 'value', outcomes: 600, outcome_share: 0.25 })
      if (report.kind !== 'value') return
      expect(report.mean_absolute_error).toBeCloseTo(mae, 10)
      expect(report.root_mean_squared_error).toBeCloseTo(rmse, 10)
      expect(report.bias).toBeCloseTo(bias, 10)
    },
  )
})

describe('the accuracy of distributions', () => {
  it('over numbers is half of the squared energy distance of scipy, wherever the truth lies', () => {
    const { labels, probabilities, truth } = scores.days
    scores.days.scores.forEach((score, at) => {
      expect(rankedScore(labels, probabilities[at], truth[at])).toBeCloseTo(score, 6)
    })
    const foretold = probabilities.map((row): Foretold => ({ kind: 'distribution', labels, probabilities: row }))
    const report = reportOf(foretold, truth)
    if (report.kind !== 'distribution') throw new Error(`it is a ${report.kind}`)
    const mean = scores.days.scores.reduce((sum, score) => sum + score) / truth.length
    expect(report.ranked_probability_score).toBeCloseTo(mean, 6)
    expect(report.p50?.expected).toBeGreaterThanOrEqual(0.5)
    expect(report.p90?.expected).toBeGreaterThanOrEqual(0.9)
  })

  it('over days says how often the quantiles held, and how often they should have', () => {
    const foretold: Foretold = { kind: 'distribution', labels: [0, 1, 2, 3], probabilities: [0.25, 0.35, 0.32, 0.08] }
    const report = reportOf([foretold, foretold, foretold, foretold], [0, 1, 2, 3])
    expect(report).toMatchObject({
      outcomes: 4,
      likeliest_share: 0.25,
      p50: { share: 0.5, expected: 0.6 },
      p90: { share: 0.75, expected: expect.closeTo(0.92, 12) },
    })
  })

  it("over classes is scikit-learn's Brier score of several classes", () => {
    const { labels, probabilities, truth, brier } = scores.classes
    const foretold = probabilities.map((row): Foretold => ({ kind: 'distribution', labels, probabilities: row }))
    const report = reportOf(foretold, truth)
    if (report.kind !== 'distribution') throw new Error(`it is a ${report.kind}`)
    expect(report.brier_score).toBeCloseTo(brier, 10)
    expect(report).toMatchObject({ ranked_probability_score: null, p50: null, p90: null })
  })
})
