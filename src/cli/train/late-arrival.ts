/** Trains `late-arrival`: trials on April, the final fit, its judgement on May and June, the files. */
import type { FeatureView } from '../../core/features/feature-view.ts'
import { TZDATA_VERSION } from '../../core/time/zones.ts'
import { lateArrivalCard } from '../../training/card/late-arrival-card.ts'
import { evaluate } from '../../training/evaluation/evaluate.ts'
import { splitAt } from '../../training/evaluation/split.ts'
import { LATE_MINUTES } from '../../training/flights/events.ts'
import { LATE_ARRIVAL_FIELDS, LATE_ARRIVAL_PARAMETERS, UNKNOWN_ZIP_SHARE } from '../../training/flights/feature-view.ts'
import type { LateArrivalFigures } from '../../training/flights/figures.ts'
import { monthFigures } from '../../training/flights/months.ts'
import { evaluateRivals } from '../../training/flights/rivals.ts'
import { mixRows } from '../../training/flights/rows.ts'
import { leafCount, predict } from '../../training/gbdt/tree.ts'
import { columnOf, rowCount, sliceRows } from '../../training/matrix.ts'
import { writeTreeEnsemble } from '../../training/onnx/tree-ensemble.ts'
import { exportSplit } from './export-split.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import { runTrials } from './late-arrival-trials.ts'
import { type FlightPaths, loadFlights } from './load-flights.ts'
import { evaluationJson, rounded } from './metrics-json.ts'
import { packageVersion } from './package-version.ts'
import type { MessageStream } from './progress.ts'
import { DATA_PACKAGE } from './read-flights.ts'
import { graphNames } from './version-parts.ts'
import { writeVersion } from './write-version.ts'

const NAME = 'late-arrival'
const VERSION = '1.0.0'
const OUTPUT = 'late_probability'
const VALIDATION_FROM = '2001-04-01T00:00:00.000Z'
const TEST_FROM = '2001-05-01T00:00:00.000Z'
const MIX_SEED = 11

export interface LateArrivalOptions extends FlightPaths {
  /** The version's files go to `<output>/late-arrival/1.0.0`. */
  readonly output: string
  /** Where the split goes for other programs, if anywhere. */
  readonly exportSplit: string | undefined
  /** Whether files that are there and differ may be replaced. */
  readonly replace: boolean
}

/** Writes the version and returns its directory. Throws a UsageError for data that are missing or wrong. */
export const trainLateArrival = async (options: LateArrivalOptions, stream: MessageStream): Promise<string> => {
  const view: FeatureView = { version: 1, tzdata: TZDATA_VERSION, fields: LATE_ARRIVAL_FIELDS }
  const { events, zips, zipData, known, unknown, faults, flightsSha256 } = await loadFlights(options, view, stream)
  const split = splitAt(events.createdDateTime, Date.parse(VALIDATION_FROM), Date.parse(TEST_FROM))
  const practice = mixRows(known, unknown, UNKNOWN_ZIP_SHARE, MIX_SEED)

  const trials = runTrials(
    stream,
    sliceRows(practice, 0, split.validation),
    sliceRows(known, split.validation, split.test),
  )
  const parameters = { ...LATE_ARRIVAL_PARAMETERS, trees: trials.chosen.trees }
  const { ensemble } = fitEnsemble(stream, 'final fit', sliceRows(practice, 0, split.test), undefined, parameters)

  const heldOutRows = sliceRows(known, split.test, split.rows)
  const heldOutProbabilities = predict(ensemble, heldOutRows.values)
  const heldOut = evaluate(heldOutProbabilities, heldOutRows.labels)
  const withoutZip = evaluate(predict(ensemble, sliceRows(unknown, split.test, split.rows).values), heldOutRows.labels)
  const utcHour = Uint8Array.from(columnOf(known, 'hour_of_day'))
  const localHour = Uint8Array.from(columnOf(known, 'local_hour_of_day'))
  const rivals = evaluateRivals(events, utcHour, localHour, split.test)

  const instants = events.createdDateTime
  const iso = (row: number): string => new Date(instants[row]).toISOString()
  const trained = sliceRows(known, 0, split.test)
  const version = await packageVersion({
    name: NAME,
    version: VERSION,
    evidence: 'real',
    output: OUTPUT,
    documentation: 'Will it arrive more than 15 minutes late? Learned from US flights of January to April 2001.',
    view,
    ensemble,
    trained,
    trainedInstants: instants.subarray(0, split.test),
    heldOut: heldOutRows,
    metrics: {
      held_out: { from: iso(split.test), to: iso(split.rows - 1), ...evaluationJson(heldOut) },
      held_out_without_zip: evaluationJson(withoutZip),
      rate_tables: Object.fromEntries(rivals.map(({ name, evaluation }) => [name, evaluationJson(evaluation)])),
      validation: {
        from: iso(split.validation),
        to: iso(split.test - 1),
        auc: rounded(trials.chosen.auc),
        log_loss: rounded(trials.chosen.logLoss),
      },
    },
    provenance: {
      rows: split.test,
      from: iso(0),
      to: iso(split.test - 1),
      command: 'nearcast train late-arrival',
      data: { package: DATA_PACKAGE, file: 'data/flights-3m.parquet', sha256: flightsSha256 },
      label: `arrival delay > ${LATE_MINUTES} minutes`,
      zip: `nearest civil zip to the destination airport, zip data ${zipData}`,
      parameters,
    },
  })

  const figures: LateArrivalFigures = {
    version: VERSION,
    flights: split.rows,
    airports: zips.length,
    farthestZip: zips[zips.length - 1],
    medianZipKilometres: zips[zips.length >> 1].kilometres,
    trainedRows: split.test,
    faults,
    heldOut,
    withoutZip,
    rivals,
    months: monthFigures(events, heldOutProbabilities, split.test),
    chosen: trials.chosen,
    trials: trials.variants,
    bigger: {
      ...trials.bigger,
      leaves: leafCount(trials.bigger.ensemble),
      bytes: writeTreeEnsemble(trials.bigger.ensemble, graphNames(NAME, OUTPUT, '')).length,
    },
    parameters,
    trees: ensemble.trees.length,
    leaves: leafCount(ensemble),
    modelBytes: version.model.length,
    greatestDifference: version.greatestDifference,
  }
  if (options.exportSplit !== undefined) await exportSplit(options.exportSplit, known, split, heldOutProbabilities)
  stream.write(
    `held out: AUC ${heldOut.auc.toFixed(4)}, log loss ${heldOut.logLoss.toFixed(4)}, ${rowCount(heldOutRows)} rows\n`,
  )
  return writeVersion(options.output, version, lateArrivalCard(figures), options.replace)
}
