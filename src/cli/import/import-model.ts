/** Imports a model that was trained elsewhere: reads graph and rows, drafts the version, writes it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { manifestSchema } from '../../protocol/manifest.ts'
import type { ModelRuntime } from '../../serving/ports.ts'
import { reasonToLeaveOut } from '../../training/table/fields.ts'
import { UsageError } from '../command.ts'
import { type FeatureTable, readFeatureTable, readKinds } from '../offline/feature-table.ts'
import { timeColumn } from '../offline/instants.ts'
import type { MessageStream } from '../train/progress.ts'
import { writeVersion } from '../train/write-version.ts'
import { draftCard } from './draft-card.ts'
import { draftView, readView, readZipColumns } from './draft-fields.ts'
import { draftInputs } from './draft-inputs.ts'
import { type DraftedVersion, draftVersion } from './draft-version.ts'
import { prepareGraph, readAnswer } from './prepare-graph.ts'
import { type ImportSource, readSource } from './source.ts'

export interface ImportOptions {
  readonly model: string
  readonly features: string
  readonly name: string | undefined
  readonly version: string
  readonly synthetic: boolean
  readonly output: string
  readonly replace: boolean
  readonly zips: string
  readonly view: string | undefined
  readonly time: string | undefined
  readonly columns: readonly string[] | undefined
  /** `NAME` or `NAME=ANSWERED_NAME` each. */
  readonly answers: readonly string[]
  readonly kind: 'probability' | 'value' | undefined
  readonly labels: readonly string[] | undefined
  readonly predicted: readonly string[]
  readonly tolerance: number
}

export interface ImportedVersion {
  readonly directory: string
  readonly drafted: DraftedVersion
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)

const checkedName = (options: ImportOptions, source: ImportSource): string => {
  const name = manifestSchema.shape.name.safeParse(options.name ?? slug(source.name))
  if (!name.success) throw new UsageError(`--name ${options.name ?? ''}: ${name.error.issues[0].message}`)
  const version = manifestSchema.shape.version.safeParse(options.version)
  if (!version.success) throw new UsageError(`--version ${options.version}: ${version.error.issues[0].message}`)
  return name.data
}

/** Labels that are all numbers are numbers: days have an order, and quantiles. */
const typedLabels = (labels: readonly string[] | undefined): readonly (string | number)[] | undefined => {
  const numbers = labels?.map(Number)
  return numbers?.every(Number.isFinite) ? numbers : labels
}

/** The numeric columns that could be features: no names of rows, no time, no predictions. */
const numericColumns = (
  kinds: FeatureTable['kinds'],
  time: string | undefined,
  predicted: readonly string[],
): string[] =>
  [...kinds].flatMap(([name, kind]) => {
    const reason = reasonToLeaveOut(name, '', time, Number.POSITIVE_INFINITY)
    return kind === 'number' && reason === undefined && !predicted.includes(name) ? [name] : []
  })

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Writes `<output>/<name>/<version>/`. Throws a UsageError for a model, table or options that do not fit together, and what
 * `draftVersion` and `writeVersion` throw.
 */
export const importModel = async (
  options: ImportOptions,
  runtime: ModelRuntime,
  stream: MessageStream,
): Promise<ImportedVersion> => {
  const source = await readSource(options.model)
  const name = checkedName(options, source)
  const answers = options.answers.map(readAnswer)
  const prepared = await prepareGraph(source.bytes, source.file, source.directory, answers)
  const kinds = await readKinds(options.features)
  const time = timeColumn(kinds, options.time)
  const session = await runtime.open(prepared.bytes)
  const graphInputs = session.inputs
  await session.release()
  const inputs = draftInputs(graphInputs, kinds, {
    asked: options.columns,
    stated: source.columns ?? prepared.columns,
    numeric: numericColumns(kinds, time, options.predicted),
  })
  const names = [...new Set(inputs.flatMap(({ fields }) => fields))]
  const view = draftView(
    names,
    options.view === undefined ? undefined : await readView(options.view),
    await readZipColumns(options.zips),
  )
  const required = [...names, ...options.predicted]
  const table = await readFeatureTable(options.features, time === undefined ? [] : [time], required, stream)
  const drafted = await draftVersion(
    {
      name,
      version: options.version,
      evidence: options.synthetic ? 'synthetic' : 'real',
      prepared,
      view,
      inputs,
      table,
      time,
      answers: answers.map(({ as }) => as),
      kind: options.kind,
      labels: typedLabels(options.labels),
      predicted: options.predicted,
      tolerance: options.tolerance,
      trained: {
        rows: table.rows,
        command: 'nearcast import',
        data: { file: basename(options.features), sha256: sha256(await readFile(options.features)) },
        graph: {
          file: source.file,
          sha256: sha256(source.bytes),
          producer: prepared.producer,
          opsets: prepared.opsets,
        },
        ...(source.mlflowVersion !== undefined && { mlflow: source.mlflowVersion }),
      },
    },
    runtime,
  )
  const card = draftCard(drafted.manifest, {
    file: source.file,
    producer: prepared.producer,
    changes: prepared.changes,
    rows: table.rows,
    table: basename(options.features),
    modelBytes: prepared.bytes.length,
    difference: drafted.agreement?.greatest,
  })
  const { manifest, reference, agreement } = drafted
  const greatestDifference = agreement?.greatest ?? 0
  const files = { manifest, model: prepared.bytes, reference, greatestDifference }
  const directory = await writeVersion(options.output, files, card, options.replace)
  return { directory, drafted: { ...drafted, notes: [...prepared.changes, ...drafted.notes] } }
}
