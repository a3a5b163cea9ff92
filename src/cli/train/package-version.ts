/** Makes the files of a model version from a trained ensemble, and sees that they agree with it before anything is written. */
import type { FeatureView } from '../../core/features/feature-view.ts'
import type { ReferenceProfile } from '../../core/profile/reference-profile.ts'
import { PROBABILITY_LAYOUT } from '../../core/statistics/bin-counts.ts'
import { type Manifest, manifestSchema } from '../../protocol/manifest.ts'
import { shortestFloat32 } from '../../training/float32.ts'
import { type Ensemble, predict } from '../../training/gbdt/tree.ts'
import type { Matrix } from '../../training/matrix.ts'
import { writeTreeEnsemble } from '../../training/onnx/tree-ensemble.ts'
import { buildProfile } from '../../training/profile/build-profile.ts'
import { openOnnx } from './onnx-session.ts'
import {
  CHECKED_ROWS,
  coverageOf,
  describedBy,
  GOLDEN_ROWS,
  graphNames,
  greatestDifference,
  namedRow,
  requireAgreement,
  spacedRows,
  TOLERANCE,
} from './version-parts.ts'

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
  requireAgreement(difference)

  const manifest: Manifest = {
    ...describedBy(trained, model, view),
    outputs: [{ name: trained.output, datatype: 'FP32', shape: [-1, 1], kind: 'probability' }],
    coverage: coverageOf(trained.trained),
    golden: Array.from(goldenOutputs, (output, row) => ({
      inputs: namedRow(ensemble.features, golden, row),
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
