/** Makes the files of a model version from a trained ensemble, and sees that they agree with it before anything is written. */
import { createHash } from 'node:crypto'
import type { FeatureView } from '../../core/features/feature-view.ts'
import type { ReferenceProfile } from '../../core/profile/reference-profile.ts'
import { PROBABILITY_LAYOUT } from '../../core/statistics/bin-counts.ts'
import { type Manifest, manifestSchema } from '../../protocol/manifest.ts'
import { jsonFloat32, shortestFloat32 } from '../../training/float32.ts'
import { type Ensemble, predict } from '../../training/gbdt/tree.ts'
import { type Matrix, rowCount } from '../../training/matrix.ts'
import { type OnnxNames, writeTreeEnsemble } from '../../training/onnx/tree-ensemble.ts'
import { buildProfile } from '../../training/profile/build-profile.ts'
import { openOnnx } from './onnx-session.ts'

/** ONNX and trainer add the same float32 numbers in another order and precision. */
export const TOLERANCE = 1e-5
const CHECKED_ROWS = 10_000
const GOLDEN_ROWS = 8
const INPUT = 'features'
/** Raised when the trainer writes other bytes for the same trees. */
const PRODUCER_VERSION = '1'

export const graphNames = (name: string, output: string, documentation: string): OnnxNames => ({
  graph: name,
  input: INPUT,
  output,
  producerName: 'nearcast',
  producerVersion: PRODUCER_VERSION,
  documentation,
})

export interface TrainedVersion {
  readonly name: string
  readonly version: string
  readonly evidence: Manifest['evidence']
  readonly output: string
  readonly documentation: string
  readonly view: FeatureView
  readonly ensemble: Ensemble
  /** What it was fitted to, for coverage and profile; without rows made up for training. */
  readonly trained: Matrix
  readonly trainedInstants: Float64Array | undefined
  /** Rows it has not seen. */
  readonly heldOut: Matrix
  readonly metrics: Record<string, unknown>
  readonly provenance: Record<string, unknown>
}

export interface VersionFiles {
  readonly manifest: Manifest
  readonly model: Uint8Array
  readonly reference: ReferenceProfile
  /** The greatest difference between ONNX and trainer on held-out rows. */
  readonly greatestDifference: number
}

const coverageOf = ({ names, values }: Matrix): Manifest['coverage'] =>
  Object.fromEntries(
    names.flatMap((name, column) => {
      let least = Number.POSITIVE_INFINITY
      let greatest = Number.NEGATIVE_INFINITY
      for (let at = column; at < values.length; at += names.length) {
        if (values[at] < least) least = values[at]
        if (values[at] > greatest) greatest = values[at]
      }
      return least <= greatest ? [[name, [shortestFloat32(least), shortestFloat32(greatest)]]] : []
    }),
  )

/** `count` rows of `matrix`, evenly spaced, one after the other. */
const spacedRows = (matrix: Matrix, count: number): Float32Array => {
  const width = matrix.names.length
  const rows = rowCount(matrix)
  const total = Math.min(count, rows)
  const values = new Float32Array(total * width)
  for (let index = 0; index < total; index++) {
    const row = Math.floor((index * rows) / total)
    values.set(matrix.values.subarray(row * width, (row + 1) * width), index * width)
  }
  return values
}

/** A few real rows, then one whose values are thresholds of the first tree, and one where everything is missing. */
const goldenRows = (ensemble: Ensemble, heldOut: Matrix): Float32Array => {
  const width = heldOut.names.length
  const real = spacedRows(heldOut, GOLDEN_ROWS)
  const onThresholds = real.slice(0, width)
  const [first] = ensemble.trees
  first?.feature.forEach((feature, node) => {
    if (feature >= 0 && Number.isFinite(first.threshold[node])) onThresholds[feature] = first.threshold[node]
  })
  return Float32Array.from([...real, ...onThresholds, ...new Float32Array(width).fill(Number.NaN)])
}

const greatestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index])), 0)

/**
 * Throws an Error when ONNX and the trainer differ by more than 1e-5 on 10,000 evenly spaced held-out rows or on the golden ones, or
 * when the manifest breaks its own schema.
 */
export const packageVersion = async (trained: TrainedVersion): Promise<VersionFiles> => {
  const { ensemble, view, heldOut } = trained
  const width = ensemble.features.length
  const model = writeTreeEnsemble(ensemble, graphNames(trained.name, trained.output, trained.documentation))
  const session = await openOnnx(model)
  const checked = spacedRows(heldOut, CHECKED_ROWS)
  const golden = goldenRows(ensemble, heldOut)
  const goldenOutputs = await session.run(golden, width)
  const difference = Math.max(
    greatestDifference(await session.run(checked, width), predict(ensemble, checked)),
    greatestDifference(goldenOutputs, predict(ensemble, golden)),
  )
  await session.release()
  if (!(difference <= TOLERANCE)) throw new Error(`ONNX and trainer differ by ${difference}, more than ${TOLERANCE}`)

  const manifest: Manifest = {
    name: trained.name,
    version: trained.version,
    platform: 'onnx_onnxv1',
    sha256: createHash('sha256').update(model).digest('hex'),
    evidence: trained.evidence,
    feature_view: { ...view, fields: view.fields.map((field) => ({ ...field })) } as Manifest['feature_view'],
    inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, width], fields: [...ensemble.features] }],
    outputs: [{ name: trained.output, datatype: 'FP32', shape: [-1, 1], kind: 'probability' }],
    coverage: coverageOf(trained.trained),
    golden: Array.from(goldenOutputs, (output, row) => ({
      inputs: Object.fromEntries(
        ensemble.features.map((name, column) => [name, jsonFloat32(golden[row * width + column])]),
      ),
      outputs: { [trained.output]: shortestFloat32(output) },
      tolerance: TOLERANCE,
    })),
    reference: 'reference.json',
    metrics: trained.metrics,
    trained: trained.provenance,
  }
  return {
    manifest: manifestSchema.parse(manifest),
    model,
    reference: buildProfile({
      model: trained.name,
      version: trained.version,
      fields: view.fields,
      matrix: trained.trained,
      instants: trained.trainedInstants,
      outputs: [
        { name: trained.output, layout: PROBABILITY_LAYOUT, values: predict(ensemble, trained.trained.values) },
      ],
    }),
    greatestDifference: difference,
  }
}
