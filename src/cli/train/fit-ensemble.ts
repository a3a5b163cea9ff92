/** Fits an ensemble with a progress bar. */
import { type BoostingResult, boost } from '../../training/gbdt/boost.ts'
import type { BoostingParameters } from '../../training/gbdt/parameters.ts'
import type { Matrix } from '../../training/matrix.ts'
import { type MessageStream, startProgress } from './progress.ts'

/** `boost`, telling `stream` how far it is. */
export const fitEnsemble = (
  stream: MessageStream,
  label: string,
  train: Matrix,
  validation: Matrix | undefined,
  parameters: BoostingParameters,
): BoostingResult => {
  const progress = startProgress(stream, label)
  const start = performance.now()
  const result = boost(train, validation, parameters, ({ trees, validationLogLoss }) => {
    progress.update(
      trees / parameters.trees,
      Number.isNaN(validationLogLoss) ? '' : `log loss ${validationLogLoss.toFixed(5)}`,
    )
  })
  progress.done(`${result.ensemble.trees.length} trees in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  return result
}
