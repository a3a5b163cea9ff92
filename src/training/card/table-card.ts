/** The model card of a model trained on a table of the user's own. */
import type { Evaluation } from '../evaluation/evaluate.ts'
import { four, markdownTable, percent, thousands } from './markdown.ts'

export interface TableFigures {
  readonly name: string
  readonly version: string
  readonly synthetic: boolean
  readonly file: string
  readonly label: string
  readonly features: readonly string[]
  readonly leftOut: readonly string[]
  readonly timeColumn: string | undefined
  readonly trainedRows: number
  readonly heldOut: Evaluation
  /** The same rows, each given the share of the rows before: what one knows without a model. */
  readonly constant: Evaluation
  readonly trees: number
  readonly modelBytes: number
}

const cells = ({ auc, logLoss, brier, calibrationError }: Evaluation): string[] =>
  [auc, logLoss, brier, calibrationError].map(four)

/** Markdown. The same figures give the same text. */
export const tableCard = (figures: TableFigures): string => {
  const { heldOut, constant, timeColumn } = figures
  const useless = heldOut.logLoss >= constant.logLoss ? '**It does not beat a constant.** ' : ''
  const data = figures.synthetic ? 'made-up rows' : 'the rows'
  const order = timeColumn === undefined ? 'the order of the rows, which have no time' : `time (\`${timeColumn}\`)`
  return `# ${figures.name} ${figures.version}

${useless}The data are ${data} of \`${figures.file}\`; the model gives the probability of \`${figures.label}\`.

Held out by ${order}: learned from the first ${thousands(figures.trainedRows)} rows, judged on the last ${thousands(heldOut.rows)}, of which ${percent(heldOut.positiveShare)} were positive.

${markdownTable(
  ['held-out rows', 'AUC', 'log loss', 'Brier', 'calibration error'],
  [
    [`**${figures.name}**`, ...cells(heldOut)],
    ['the share of the rows before', ...cells(constant)],
  ],
)}

${markdownTable(
  ['tenth of the predictions', 'predicted', 'happened', 'rows'],
  heldOut.calibration.map(({ predicted, observed, rows }, index) => [
    String(index + 1),
    percent(predicted),
    percent(observed),
    thousands(rows),
  ]),
)}

Features: ${figures.features.map((name) => `\`${name}\``).join(', ')}. Left out: ${figures.leftOut.join(', ')}.

${figures.trees} trees, ${thousands(figures.modelBytes)} bytes; their number was chosen on the last of the rows learned from.
`
}
