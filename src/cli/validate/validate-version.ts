/** Validates a version: its graph, its manifest, what it answers, how fast, how well, and how unlike the stable one. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../../protocol/manifest.ts'
import { checkGraph } from '../../serving/check-signature.ts'
import { checkGolden, goldenFeatures } from '../../serving/golden.ts'
import { type LoadedModel, loadedModel, openModel } from '../../serving/open-model.ts'
import type { ModelRuntime } from '../../serving/ports.ts'
import { UsageError } from '../command.ts'
import { readZipColumns } from '../import/draft-fields.ts'
import { neededColumns } from '../offline/feature-rows.ts'
import { type FeatureTable, readFeatureTable, readKinds } from '../offline/feature-table.ts'
import { scoreTable } from '../offline/score-table.ts'
import { readManifest, readVersion } from '../offline/version-files.ts'
import type { MessageStream } from '../train/progress.ts'
import { checkBaseline } from './baseline.ts'
import { checkSize, checkTime } from './budgets.ts'
import { attempt, type Check, failed, passed, reasonOf, skipped } from './check.ts'
import { findStable } from './find-stable.ts'
import { openGraph } from './graph-checks.ts'
import { checkConsistency, checkFields, checkReference, checkSha256 } from './manifest-checks.ts'
import { namedRows, rowsFor } from './named-rows.ts'
import { type Metrics, scoreOutput } from './scores.ts'
import { checkDifference } from './stable-difference.ts'
import { checkSweep, sweepRows } from './sweep.ts'

export interface ValidateOptions {
  readonly zips: string
  readonly maximumBytes: number
  readonly maximumMilliseconds: number
  /** A table of features to score. */
  readonly rows: string | undefined
  readonly label: string | undefined
  readonly baseline: Metrics | undefined
  /** `none` for no comparison; `undefined` for the newest other version. */
  readonly stable: string | undefined
  readonly maximumDifference: number | undefined
}

export interface ValidatedVersion {
  readonly model: { readonly name: string; readonly version: string } | undefined
  readonly checks: readonly Check[]
}

const BEHAVIOUR = ['signature', 'golden', 'sweep', 'time', 'baseline', 'stable'] as const

const readTable = async (
  manifest: Manifest,
  others: readonly string[],
  options: ValidateOptions,
  stream: MessageStream,
): Promise<FeatureTable | undefined> => {
  const { rows, label } = options
  if (rows === undefined) return undefined
  const kinds = await readKinds(rows)
  const required = [...neededColumns(manifest), ...(label === undefined ? [] : [label])]
  return readFeatureTable(
    rows,
    others.filter((name) => kinds.has(name)),
    required,
    stream,
  )
}

const baselineCheck = async (
  model: LoadedModel,
  table: FeatureTable | undefined,
  { label, baseline }: ValidateOptions,
): Promise<Check> => {
  if (table === undefined || label === undefined) {
    return skipped('baseline', 'no labels given (--rows FILE --label COLUMN)')
  }
  const [output] = model.manifest.outputs
  const answers = await scoreTable(model, table)
  return checkBaseline(model.manifest, scoreOutput(output, answers, table.column(label)), baseline)
}

/** Both versions on the rows of the table, if it has all the columns the stable one needs, else on golden and swept rows. */
const stableCheck = async (
  model: LoadedModel,
  stableDirectory: string | undefined,
  table: FeatureTable | undefined,
  maximum: number | undefined,
  runtime: ModelRuntime,
): Promise<Check> => {
  if (stableDirectory === undefined)
    return skipped('stable', 'there is no other version to compare with (--stable DIR)')
  const stable = await openModel(await readVersion(stableDirectory), runtime)
  try {
    const { name, version } = stable.manifest
    const what = `${name} ${version}`
    if (table !== undefined && neededColumns(stable.manifest).every((column) => table.kinds.has(column))) {
      return checkDifference(await scoreTable(model, table), await scoreTable(stable, table), what, maximum)
    }
    const rows = [...namedRows(model.manifest, goldenFeatures(model.manifest)), ...sweepRows(model.manifest).inside]
    const [mine, theirs] = [rowsFor(model.manifest, rows), rowsFor(stable.manifest, rows)]
    return checkDifference(await model.predictRows(mine), await stable.predictRows(theirs), what, maximum)
  } finally {
    await stable.release()
  }
}

const checkBehaviour = async (
  model: LoadedModel,
  directory: string,
  options: ValidateOptions,
  runtime: ModelRuntime,
  stream: MessageStream,
): Promise<Check[]> => {
  const { manifest } = model
  const stable = options.stable === 'none' ? undefined : (options.stable ?? (await findStable(directory, manifest)))
  const stableColumns = stable === undefined ? [] : neededColumns(await readManifest(stable))
  const table = await readTable(manifest, stableColumns, options, stream)
  const golden = await attempt('golden', async () => {
    const greatest = await checkGolden(manifest, model.infer)
    const message = `${manifest.golden.length} rows reproduce, differing by at most ${greatest.toExponential(1)}`
    return passed('golden', message, { figures: { rows: manifest.golden.length, greatest_difference: greatest } })
  })
  const [ordinary] = sweepRows(manifest).inside
  return [
    golden,
    await attempt('sweep', () => checkSweep(model)),
    await attempt('time', () => checkTime(model, ordinary, options.maximumMilliseconds)),
    await attempt('baseline', () => baselineCheck(model, table, options)),
    await attempt('stable', () => stableCheck(model, stable, table, options.maximumDifference, runtime)),
  ]
}

/** Every check of the version in `directory`. Throws a UsageError for a directory without a graph, and for tables that do not fit. */
export const validateVersion = async (
  directory: string,
  options: ValidateOptions,
  runtime: ModelRuntime,
  stream: MessageStream,
): Promise<ValidatedVersion> => {
  const bytes = await readFile(join(directory, 'model.onnx')).catch(() => {
    throw new UsageError(`${directory} is no model version: it has no model.onnx`)
  })
  const { checks: graph, session } = await openGraph(bytes, runtime)
  const size = checkSize(bytes.length, options.maximumBytes)
  try {
    let manifest: Manifest
    try {
      manifest = await readManifest(directory)
    } catch (error) {
      return { model: undefined, checks: [failed('manifest', reasonOf(error)), ...graph, size] }
    }
    const consistent = await checkConsistency(manifest)
    const files = [
      consistent,
      checkSha256(manifest, bytes),
      await checkFields(manifest, await readZipColumns(options.zips)),
      await checkReference(directory, manifest),
      ...graph,
      size,
    ]
    const model = { name: manifest.name, version: manifest.version }
    const skip = (reason: string): Check[] => BEHAVIOUR.map((name) => skipped(name, reason))
    if (session === undefined) return { model, checks: [...files, ...skip('the graph does not load')] }
    if (consistent.status === 'failed') return { model, checks: [...files, ...skip('the manifest contradicts itself')] }
    const signature = await attempt('signature', () => {
      checkGraph(manifest, session)
      return passed('signature', 'the graph takes and puts out what the manifest says')
    })
    if (signature.status === 'failed') {
      const rest = skip('the graph is not what the manifest describes').slice(1)
      return { model, checks: [...files, signature, ...rest] }
    }
    const behaviour = await checkBehaviour(loadedModel(manifest, session), directory, options, runtime, stream)
    return { model, checks: [...files, signature, ...behaviour] }
  } finally {
    await session?.release()
  }
}
