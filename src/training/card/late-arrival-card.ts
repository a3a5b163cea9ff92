/** The model card of `late-arrival`, written from what was measured. */
import type { Evaluation } from '../evaluation/evaluate.ts'
import { UNKNOWN_ZIP_SHARE } from '../flights/feature-view.ts'
import type { LateArrivalFigures, Trial } from '../flights/figures.ts'
import { four, markdownTable, percent, thousands } from './markdown.ts'

const evaluationCells = ({ auc, logLoss, brier, calibrationError }: Evaluation): string[] =>
  [auc, logLoss, brier, calibrationError].map(four)

const trialCells = ({ name, auc, logLoss, trees }: Trial): string[] => [name, four(auc), four(logLoss), String(trees)]

/** What the first line says when a rate table ranks at least as well; empty otherwise. */
const defeat = ({ heldOut, rivals }: LateArrivalFigures): string => {
  const better = rivals.filter(({ evaluation }) => evaluation.auc >= heldOut.auc).map(({ name }) => name)
  return better.length === 0 ? '' : `**It does not beat the plain rate table of ${better.join(', nor that of ')}.** `
}

const comparison = (figures: LateArrivalFigures): string =>
  markdownTable(
    ['May and June 2001', 'AUC', 'log loss', 'Brier', 'calibration error'],
    [
      ['**late-arrival**', ...evaluationCells(figures.heldOut)],
      ['late-arrival, events that name no zip', ...evaluationCells(figures.withoutZip)],
      ...figures.rivals.map(({ name, knowsOrigin, evaluation }) => [
        `rate table: ${name}${knowsOrigin ? ' †' : ''}`,
        ...evaluationCells(evaluation),
      ]),
    ],
  )

const months = (figures: LateArrivalFigures): string =>
  markdownTable(
    ['month (UTC)', 'flights', 'late', 'AUC of late-arrival'],
    figures.months.map(({ month, rows, positiveShare, auc }) => [
      month,
      thousands(rows),
      percent(positiveShare),
      auc === undefined ? 'trained on' : four(auc),
    ]),
  )

const calibration = ({ heldOut }: LateArrivalFigures): string =>
  markdownTable(
    ['tenth of the predictions', 'predicted', 'happened', 'flights'],
    heldOut.calibration.map(({ predicted, observed, rows }, index) => [
      String(index + 1),
      percent(predicted),
      percent(observed),
      thousands(rows),
    ]),
  )

/** Which trials did as well as the chosen one, so that no field is praised for nothing. */
const equals = ({ chosen, trials }: LateArrivalFigures): string => {
  const names = trials.filter(({ logLoss }) => logLoss <= chosen.logLoss).map(({ name }) => `“${name}”`)
  return names.length === 0
    ? ''
    : `

By log loss ${names.join(' and ')} did at least as well: what the choice has more earns nothing measurable. It stays, since drift is watched on the same fields.`
}

const bias = ({ heldOut }: LateArrivalFigures): string => {
  const predicted = heldOut.calibration.reduce((sum, group) => sum + (group.predicted * group.rows) / heldOut.rows, 0)
  return `On average it says ${percent(predicted)} and ${percent(heldOut.positiveShare)} were late. From month to month the share moves more than that, and the model cannot follow: it does not know the month.`
}

/** Markdown. The same figures give the same text. */
export const lateArrivalCard = (figures: LateArrivalFigures): string => {
  const { parameters, bigger, farthestZip, faults } = figures
  return `# late-arrival ${figures.version}

${defeat(figures)}The data are ${thousands(figures.flights)} US flights of January to June 2001, not parcels, not clicks: this model shows that the whole way from an event to a judged prediction works on real records, and what it knows of lateness is what the airlines' timetable of 2001 knew.

**Question.** Something has left at this moment; will it reach this zip more than 15 minutes late?
**Answer.** \`late_probability\`, in [0, 1].
**Evidence.** Real records of real lateness (US Department of Transportation, by way of the npm package \`vega-datasets\` 3.2.1, \`data/flights-3m.parquet\`), and a derived link to zips: see below.

## How well it does

Held out in time: learned from ${thousands(figures.trainedRows)} flights before 1 May, judged on the ${thousands(figures.heldOut.rows)} from 1 May on (UTC). The rate tables were counted on the same flights and judged on the same.

${comparison(figures)}

† knows something an event does not say: the origin, or the clock there. AUC: 0.5 is chance, 1 is perfect. Calibration error: mean distance between predicted and observed share over tenths of the predictions. A table's cell leans on its hour's rate as if that were 50 more rows, and an unseen cell takes the hour's rate.

An AUC of ${four(figures.heldOut.auc)} is modest. Most of what makes a flight late (weather, the aircraft's earlier legs) is in neither a clock nor a zip.

${months(figures)}

${bias(figures)}

${calibration(figures)}

## How flights became events

- \`createdDateTime\`: the column \`date\` is the actual departure on the clocks of the origin; it was read in the time zone of the zip nearest to the origin. Who left late is known to have left late: flights that leave at two in the morning are mostly late already.
- zip: **a derived join.** The data know airports; each stands for the civil zip nearest to it in \`kv-seed/\` (${figures.airports} airports; median distance ${figures.medianZipKilometres.toFixed(1)} km, farthest ${farthestZip.airport} to ${farthestZip.zip}, ${farthestZip.kilometres.toFixed(1)} km). No record says that a customer lived there.
- label: \`delay\` > 15, \`delay\` being the arrival delay in minutes. Flights that were cancelled or diverted are not in the data.
- One fault of the source, left as it is: the day of a flight is the day it was scheduled. A flight that left after midnight because it was late bears the day before, so its weekday is one too low (${percent(faults.nightShare)} of the flights leave between midnight and four). ${faults.implausiblyEarly} flights "arrived" more than two hours early, one by ${thousands(faults.earliestMinutes)} minutes; they count as not late.
- ${percent(UNKNOWN_ZIP_SHARE)} of the training rows were shown as if their zip were unknown, so that the model has an answer for such events.

## Features and how they were chosen

Chosen by what they did on March after January and February, and on April after January to March; the table shows April. May and June had no say in any choice. \`day_of_year\` is computed and returned but no input: half a year of it is a trend, not a season.

${markdownTable(['April 2001', 'AUC', 'log loss', 'trees'], [trialCells({ ...figures.chosen, name: '**chosen**' }), ...figures.trials.map(trialCells)])}${equals(figures)}

In the chosen model, place and local clock may meet in one tree (a timetable); UTC hour and weekday meet only each other; the local weekday and the offset stand alone. In thirteen weeks a weekday is thirteen days of weather, and trees that may combine it with hour and place learn those days by heart. From 1 April the clocks of most zips are an hour ahead, which the three months before had never seen: April is a harder test than May, which follows a month of summer time.

${thousands(figures.trees)} trees, ${thousands(figures.leaves)} leaves, ${thousands(figures.modelBytes)} bytes. Size is what a cold start pays for: ${bigger.trees} trees with ${thousands(bigger.leaves)} leaves together (${thousands(bigger.bytes)} bytes) reached an AUC of ${four(bigger.auc)} and a log loss of ${four(bigger.logLoss)} on April. Learning rate ${parameters.learningRate}, L2 ${parameters.l2}, least child weight ${parameters.minChildWeight}, at most ${parameters.leaves} leaves a tree, seed ${parameters.seed}; number of trees by the log loss of April, then fitted again to January to April.

## What it is not

- Not a delivery forecast. Replace it with a model trained on your own outcomes: \`nearcast train ROWS.parquet --label COLUMN\`, or any ONNX file that keeps the contract of the manifest.
- Not a seasonal model: July to December was never seen.
- Between airports it interpolates in boxes: two zips that share the nearest big airport mostly get the same answer. The finer its knowledge of minutes, the more it is that year's timetable.
- It says nothing about people. A zip stands for an airport.

## Again

\`\`\`
npm install --no-save vega-datasets@3.2.1
npx nearcast train late-arrival
\`\`\`

writes the same bytes. ONNX and trainer differed by at most ${figures.greatestDifference.toExponential(1)} on 10,000 held-out rows. Gradient boosting by xgboost and scikit-learn on the same split: \`test/fixtures/training/independent-check.json\`, made by \`check_with_sklearn.py\` beside it.
`
}
