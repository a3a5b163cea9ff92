/** Figures as a manifest keeps them: snake case, six decimals. */
import type { Evaluation } from '../../training/evaluation/evaluate.ts'

export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6

export const evaluationJson = (evaluation: Evaluation): Record<string, number> => ({
  rows: evaluation.rows,
  positive_share: rounded(evaluation.positiveShare),
  auc: rounded(evaluation.auc),
  log_loss: rounded(evaluation.logLoss),
  brier: rounded(evaluation.brier),
  calibration_error: rounded(evaluation.calibrationError),
})
