/** Trains a model on a table of the user's own. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { TZDATA_VERSION } from '../../core/time/zones.ts'
import { manifestSchema } from '../../protocol/manifest.ts'
import { tableCard } from '../../training/card/table-card.ts'
import { evaluate } from '../../training/evaluation/evaluate.ts'
import { DEFAULT_PARAMETERS } from '../../training/gbdt/parameters.ts'
import { predict } from '../../training/gbdt/tree.ts'
import { positiveShare, rowCount, sliceRows } from '../../training/matrix.ts'
import { fieldOf } from '../../training/table/fields.ts'
import { UsageError } from '../command.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import { evaluationJson } from './metrics-json.ts'
import { packageVersion } from './package-version.ts'
import type { MessageStream } from './progress.ts'
import { readTable } from './read-table.ts'
import { zipColumnsIn } from './read-zips.ts'
import { writeVersion } from './write-version.ts'

/** Shares of the rows, in the order of time, before validation and before test. */
const VALIDATION_FROM = 0.7
const TEST_FROM = 0.85

export interface TableOptions {
  readonly rows: string
  readonly label: string
  readonly time?: string | undefined
  readonly name?: string | undefined
  readonly version: string
  readonly synthetic: boolean
  /** Where the zip data are whose columns the edge will have. */
  readonly zips: string
  readonly output: string
  readonly replace: boolean
}

const slug = (text: string, filler: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, filler)
    .replaceAll(new RegExp(`^${filler}+|${filler}+$`, 'g'), '')

const requireBothLabels = (labels: Uint8Array, part: string): void => {
  const share = positiveShare(labels)
  if (!(share > 0 && share < 1))
    throw new UsageError(`${part} hold only one kind of label: there is nothing to tell apart`)
}

/** Writes the version and returns its directory. Throws a UsageError for a table or options that cannot be trained on. */
export const trainTable = async (options: TableOptions, stream: MessageStream): Promise<string> => {
  const name = manifestSchema.shape.name.safeParse(
    options.name ?? slug(basename(options.rows, extname(options.rows)), '-'),
  )
  if (!name.success) throw new UsageError(`--name ${options.name ?? ''}: ${name.error.issues[0].message}`)
  const version = manifestSchema.shape.version.safeParse(options.version)
  if (!version.success) throw new UsageError(`--version ${options.version}: ${version.error.issues[0].message}`)

  const { matrix, instants, timeColumn, leftOut, rowsWithoutLabel } = await readTable(
    options.rows,
    options.label,
    options.time,
    stream,
  )
  stream.write(`left out: ${leftOut.join(', ')}\n`)
  if (rowsWithoutLabel > 0) stream.write(`left out: ${rowsWithoutLabel} rows without a label\n`)
  stream.write(
    `split by ${timeColumn === undefined ? 'the order of the rows: there is no time column' : `time, ${timeColumn}`}\n`,
  )
  const rows = rowCount(matrix)
  const validationFrom = Math.floor(rows * VALIDATION_FROM)
  const testFrom = Math.floor(rows * TEST_FROM)
  const learned = sliceRows(matrix, 0, validationFrom)
  const heldOut = sliceRows(matrix, testFrom, rows)
  requireBothLabels(learned.labels, 'the first 70 % of the rows')
  requireBothLabels(heldOut.labels, 'the last 15 % of the rows')

  const validation = sliceRows(matrix, validationFrom, testFrom)
  const { ensemble: chosen } = fitEnsemble(
    stream,
    'choosing the number of trees',
    learned,
    validation,
    DEFAULT_PARAMETERS,
  )
  const trained = sliceRows(matrix, 0, testFrom)
  const parameters = { ...DEFAULT_PARAMETERS, trees: chosen.trees.length }
  const { ensemble } = fitEnsemble(stream, 'final fit', trained, undefined, parameters)
  const evaluation = evaluate(predict(ensemble, heldOut.values), heldOut.labels)
  const constant = evaluate(new Float32Array(rowCount(heldOut)).fill(positiveShare(trained.labels)), heldOut.labels)

  const zipColumns = zipColumnsIn(options.zips)
  const fields = matrix.names.map((column) => fieldOf(column, zipColumns))
  const iso = (row: number) => instants && new Date(instants[row]).toISOString()
  const files = await packageVersion({
    name: name.data,
    version: version.data,
    evidence: options.synthetic ? 'synthetic' : 'real',
    output: `${slug(options.label, '_')}_probability`,
    documentation: `The probability of ${options.label}.`,
    view: {
      version: 1,
      ...(fields.some(({ source }) => source === 'local_time') && { tzdata: TZDATA_VERSION }),
      fields,
    },
    ensemble,
    trained,
    trainedInstants: instants?.subarray(0, testFrom),
    heldOut,
    metrics: { held_out: evaluationJson(evaluation), constant: evaluationJson(constant) },
    provenance: {
      rows: testFrom,
      from: iso(0),
      to: iso(testFrom - 1),
      command: 'nearcast train',
      data: {
        file: basename(options.rows),
        sha256: createHash('sha256')
          .update(await readFile(options.rows))
          .digest('hex'),
      },
      label: options.label,
      parameters,
    },
  })
  stream.write(
    `held out: AUC ${evaluation.auc.toFixed(4)}, log loss ${evaluation.logLoss.toFixed(4)}, ${rowCount(heldOut)} rows\n`,
  )
  const card = tableCard({
    name: name.data,
    version: version.data,
    synthetic: options.synthetic,
    file: basename(options.rows),
    label: options.label,
    features: matrix.names,
    leftOut,
    timeColumn,
    trainedRows: testFrom,
    heldOut: evaluation,
    constant,
    trees: ensemble.trees.length,
    modelBytes: files.model.length,
  })
  return writeVersion(options.output, files, card, options.replace)
}
