/** All figures of one set of predictions. */
import { positiveShare } from '../matrix.ts'
import { areaUnderCurve } from './auc.ts'
import { type CalibrationGroup, calibrationGroups, expectedCalibrationError } from './calibration.ts'
import { brierScore, logLoss } from './scores.ts'

export interface Evaluation {
  readonly rows: number
  readonly positiveShare: number
  readonly auc: number
  /** Nats. */
  readonly logLoss: number
  readonly brier: number
  readonly calibrationError: number
  readonly calibration: readonly CalibrationGroup[]
}

/** Probabilities in [0, 1] against labels of 0 and 1. */
export const evaluate = (probabilities: Float32Array, labels: Uint8Array): Evaluation => {
  const calibration = calibrationGroups(probabilities, labels)
  return {
    rows: labels.length,
    positiveShare: positiveShare(labels),
    auc: areaUnderCurve(probabilities, labels),
    logLoss: logLoss(probabilities, labels),
    brier: brierScore(probabilities, labels),
    calibrationError: expectedCalibrationError(calibration),
    calibration,
  }
}
