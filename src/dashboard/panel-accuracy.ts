/** How right each version was, by the outcomes that were reported. */
import type { StatisticsAnswer } from '../protocol/statistics.ts'
import { calibrationCurve } from './bars.ts'
import { byId, make, type TableRow, table } from './elements.ts'
import { badgeOf } from './evidence.ts'
import { exactWords, figureWords, shareWords } from './words.ts'

type Version = StatisticsAnswer['models'][string]['versions'][string]
type Accuracy = NonNullable<Version['accuracy']>[string]

const orUnknown = (value: number | null, words: (value: number) => string): string =>
  value === null ? 'not known' : words(value)

const figuresOf = (accuracy: Accuracy): readonly TableRow[] => {
  const row = (head: string, cell: string): TableRow => ({ head, cells: [cell] })
  const outcomes = [
    row('outcomes', exactWords(accuracy.outcomes)),
    row('share of the predictions with an outcome', orUnknown(accuracy.outcome_share, shareWords)),
  ]
  switch (accuracy.kind) {
    case 'probability':
      return [
        ...outcomes,
        row('foretold on average', shareWords(accuracy.predicted_share)),
        row('happened', shareWords(accuracy.happened_share)),
        row('Brier score, 0 is best', figureWords(accuracy.brier_score)),
        row('calibration error', figureWords(accuracy.calibration_error)),
        row('area under the ROC curve', orUnknown(accuracy.auc, figureWords)),
      ]
    case 'value':
      return [
        ...outcomes,
        row('mean absolute error', figureWords(accuracy.mean_absolute_error)),
        row('root mean squared error', figureWords(accuracy.root_mean_squared_error)),
        row('bias', figureWords(accuracy.bias)),
      ]
    case 'distribution':
      return [
        ...outcomes,
        row('likeliest label was right', shareWords(accuracy.likeliest_share)),
        row('Brier score, 0 is best', figureWords(accuracy.brier_score)),
        row('ranked probability score', orUnknown(accuracy.ranked_probability_score, figureWords)),
      ]
  }
}

const curveOf = (accuracy: Accuracy, name: string): SVGElement | null => {
  if (accuracy.kind !== 'probability' || accuracy.calibration.length === 0) return null
  const groups = accuracy.calibration.map(
    ({ predicted, observed }) => `${shareWords(predicted)} foretold, ${shareWords(observed)} happened`,
  )
  return calibrationCurve(accuracy.calibration, `Calibration of ${name}: ${groups.join('; ')}`)
}

export const showAccuracy = ({ models, window, shards }: StatisticsAnswer): void => {
  const parts = Object.entries(models).flatMap(([model, { versions }]) =>
    Object.entries(versions).flatMap(([version, { accuracy = {} }]) =>
      Object.entries(accuracy).map(([output, of]) => {
        const name = `${output} of ${model} ${version}`
        return make(
          'div',
          { class: 'card' },
          make('h3', {}, `${name} `, badgeOf(model)),
          curveOf(of, name),
          table(`Accuracy of ${name}, ${window}`, ['figure', 'value'], figuresOf(of)),
        )
      }),
    ),
  )
  const missing =
    shards.answered < shards.of ? `${shards.answered} of ${shards.of} shards answer, so counts are too low. ` : ''
  const note =
    parts.length === 0
      ? `No outcome was reported for what was foretold in the last ${window}.`
      : `Foretold in the last ${window}.`
  byId('accuracy').replaceChildren(make('p', {}, missing + note), make('div', { class: 'cards' }, ...parts))
}
