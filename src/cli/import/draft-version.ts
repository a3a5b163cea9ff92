/** Drafts a model version from a graph that was trained elsewhere and the rows it knows. */
import { createHash } from 'node:crypto'
import type { FeatureRows } from '../../core/features/compute.ts'
import type { ReferenceProfile } from '../../core/profile/reference-profile.ts'
import { type Manifest, manifestSchema } from '../../protocol/manifest.ts'
import { compileInputs, stringFields } from '../../serving/input-tensors.ts'
import { openModel } from '../../serving/open-model.ts'
import { compileOutputs } from '../../serving/output-values.ts'
import type { ModelRuntime, ModelSession } from '../../serving/ports.ts'
import { rowWidth } from '../../serving/row-width.ts'
import { runCapped } from '../../serving/run-capped.ts'
import { classLabels } from '../graph/zip-map.ts'
import { featureRows } from '../offline/feature-rows.ts'
import type { FeatureTable } from '../offline/feature-table.ts'
import { profileVersion } from '../offline/profile-table.ts'
import { coverageOf } from './coverage.ts'
import { type DraftedOutputs, draftOutputs } from './draft-outputs.ts'
import { goldenRows } from './golden-rows.ts'
import { type Agreement, type Answers, compareWithPredicted, type Predicted, readPredicted } from './predicted.ts'
import type { PreparedGraph } from './prepare-graph.ts'

export interface DraftRequest {
  readonly name: string
  readonly version: string
  readonly evidence: Manifest['evidence']
  readonly prepared: PreparedGraph
  readonly view: Manifest['feature_view']
  readonly inputs: Manifest['inputs']
  readonly table: FeatureTable
  readonly time: string | undefined
  readonly answers: readonly string[]
  readonly kind: 'probability' | 'value' | undefined
  readonly labels: readonly (string | number)[] | undefined
  /** Columns of the library's own predictions; empty for none. */
  readonly predicted: readonly string[]
  readonly tolerance: number
  readonly trained: Record<string, unknown>
}

export interface DraftedVersion {
  readonly manifest: Manifest
  readonly reference: ReferenceProfile
  readonly notes: readonly string[]
  /** `undefined` where no predictions were given. */
  readonly agreement: Agreement | undefined
}

/** The library and the graph do not agree: the graph is not the model, or the rows are not what the library was given. */
export class DisagreementError extends Error {
  override readonly name = 'DisagreementError'
}

const requireAgreement = ({ greatest, at }: Agreement, tolerance: number): void => {
  if (greatest <= tolerance) return
  throw new DisagreementError(
    `row ${at.row}: output "${at.output}" is ${at.graph} by the graph and ${at.predicted} in the table; they may differ by ${tolerance} (--tolerance)`,
  )
}

const fieldNotes = ({ feature_view }: Manifest): string[] =>
  feature_view.fields.map(({ name, source, path }) =>
    source === 'event' ? `field "${name}": from the event, path "${path ?? name}"` : `field "${name}": ${source}`,
  )

const draftAnswers = async (
  request: DraftRequest,
  session: ModelSession,
  manifest: Manifest,
  features: FeatureRows,
): Promise<{ drafted: DraftedOutputs; answers: Answers; refused: number }> => {
  const { prepared, table } = request
  const names = request.answers.length > 0 ? request.answers : session.outputs.map(({ name }) => name)
  const { tensors, refused } = compileInputs(manifest)(features)
  const out = await runCapped(session, tensors, names)
  const drafted = draftOutputs(out, {
    ...request,
    labelsOf: (output, columns) => prepared.labels.get(output) ?? classLabels(prepared.graph, columns),
  })
  const answers = compileOutputs({ ...manifest, outputs: [...drafted.outputs] })(out, table.rows)
  for (const [row, failure] of refused) answers[row] = failure
  return { drafted, answers, refused: refused.size }
}

/**
 * Runs the graph on every row and drafts from what comes out: outputs, golden rows, coverage, reference profile. Throws a UsageError for
 * a graph that cannot be answered from, a `DisagreementError` when the given predictions differ from the graph's, and a Failure when the
 * finished version does not open.
 */
export const draftVersion = async (request: DraftRequest, runtime: ModelRuntime): Promise<DraftedVersion> => {
  const { prepared, table, tolerance } = request
  const bare: Manifest = {
    name: request.name,
    version: request.version,
    platform: 'onnx_onnxv1',
    sha256: createHash('sha256').update(prepared.bytes).digest('hex'),
    evidence: request.evidence,
    feature_view: request.view,
    inputs: request.inputs,
    outputs: [],
    coverage: {},
    golden: [],
    reference: 'reference.json',
    trained: request.trained,
  }
  const features = featureRows(bare, table, 0, table.rows)
  const session = await runtime.open(prepared.bytes)
  const { drafted, answers, refused } = await draftAnswers(request, session, bare, features).finally(() =>
    session.release(),
  )
  const named: Manifest = { ...bare, outputs: [...drafted.outputs] }
  const predicted: Predicted | undefined =
    request.predicted.length === 0 ? undefined : readPredicted(named, table, request.predicted)
  const agreement = predicted && compareWithPredicted(named, answers, predicted)
  if (agreement !== undefined) requireAgreement(agreement, tolerance)
  const manifest = manifestSchema.parse({
    ...named,
    coverage: coverageOf(named, features, answers),
    golden: goldenRows(named, features, answers, predicted, tolerance),
  })
  await (await openModel({ manifest, model: prepared.bytes }, runtime)).release()
  const texts = [...stringFields(manifest)]
  return {
    manifest,
    reference: profileVersion(manifest, table, answers, request.time),
    agreement,
    notes: [
      ...fieldNotes(manifest),
      ...drafted.notes,
      ...(refused > 0 ? [`${refused} rows lack a value that an integer input cannot do without`] : []),
      ...(texts.length > 0 ? [`reference profile: text is not counted (${texts.join(', ')})`] : []),
      ...wideNotes(manifest),
    ],
  }
}

/** Says in which order columns fill a matrix: nothing but the order tells them apart. */
const wideNotes = ({ inputs }: Manifest): string[] =>
  inputs
    .filter((input) => rowWidth(input) > 1)
    .map(({ name, fields }) => `input "${name}": filled in this order: ${fields.join(', ')}`)
