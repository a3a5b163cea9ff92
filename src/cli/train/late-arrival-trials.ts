/** Tries choices of features and sizes on the validation month. */
import { areaUnderCurve } from '../../training/evaluation/auc.ts'
import { logLoss } from '../../training/evaluation/scores.ts'
import { LATE_ARRIVAL_PARAMETERS, LATE_ARRIVAL_VARIANTS } from '../../training/flights/feature-view.ts'
import type { Trial } from '../../training/flights/figures.ts'
import type { BoostingParameters } from '../../training/gbdt/parameters.ts'
import { type Ensemble, predict } from '../../training/gbdt/tree.ts'
import type { Matrix } from '../../training/matrix.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import type { MessageStream } from './progress.ts'

/** What is tried beside the shipped size: four times the leaves. */
const BIGGER: Partial<BoostingParameters> = { trees: 300, leaves: 127 }

export interface TriedEnsemble extends Trial {
  readonly ensemble: Ensemble
}

export interface Trials {
  readonly chosen: TriedEnsemble
  readonly variants: readonly Trial[]
  readonly bigger: TriedEnsemble
}

/** Fits each choice to `train` and judges it on `validation`, later in time. */
export const runTrials = (stream: MessageStream, train: Matrix, validation: Matrix): Trials => {
  const attempt = (name: string, change: Partial<BoostingParameters>): TriedEnsemble => {
    const { ensemble } = fitEnsemble(stream, `trial: ${name}`, train, validation, {
      ...LATE_ARRIVAL_PARAMETERS,
      ...change,
    })
    const probabilities = predict(ensemble, validation.values)
    return {
      name,
      auc: areaUnderCurve(probabilities, validation.labels),
      logLoss: logLoss(probabilities, validation.labels),
      trees: ensemble.trees.length,
      ensemble,
    }
  }
  return {
    chosen: attempt('chosen', {}),
    variants: LATE_ARRIVAL_VARIANTS.map(({ name, groups }) => attempt(name, { groups })),
    bigger: attempt('bigger', BIGGER),
  }
}
