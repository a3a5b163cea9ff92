/** Makes the files of a version that answers a distribution over days, and sees that graph and trainer agree before anything is written. */
import type { FeatureView } from '../../core/features/feature-view.ts'
import { labelLayout } from '../../core/statistics/bin-counts.ts'
import { type Manifest, manifestSchema } from '../../protocol/manifest.ts'
import { predictDays } from '../../training/delivery/day-hazards.ts'
import { DAY_LABELS } from '../../training/delivery/transit.ts'
import { shortestFloat32 } from '../../training/float32.ts'
import type { Ensemble } from '../../training/gbdt/tree.ts'
import type { Matrix } from '../../training/matrix.ts'
import { writeDayHazards } from '../../training/onnx/day-hazards.ts'
import { buildProfile } from '../../training/profile/build-profile.ts'
import { openOnnx } from './onnx-session.ts'
import type { VersionFiles } from './package-version.ts'
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

const LABELS = DAY_LABELS.length

export interface TrainedDays {
  readonly name: string
  readonly version: string
  readonly output: string
  readonly documentation: string
  readonly view: FeatureView
  readonly ensemble: Ensemble
  /** What it was fitted to, as orders, in the order of time; without rows made up for training. */
  readonly trained: Matrix
  readonly trainedInstants: Float64Array
  readonly heldOut: Matrix
  readonly metrics: Record<string, unknown>
  readonly provenance: Record<string, unknown>
}

/** A few rows of orders, one whose distance is missing, and one where everything is. */
const goldenRows = (heldOut: Matrix): Float32Array => {
  const width = heldOut.names.length
  const real = spacedRows(heldOut, GOLDEN_ROWS)
  const withoutDistance = real.slice(0, width)
  withoutDistance[heldOut.names.indexOf('distance_km')] = Number.NaN
  return Float32Array.from([...real, ...withoutDistance, ...new Float32Array(width).fill(Number.NaN)])
}

const likeliest = (shares: Float32Array): number =>
  shares.reduce((best, share, day) => (share > shares[best] ? day : best), 0)

/** Throws an Error when ONNX and the trainer differ by more than 1e-5 in any chance, or when the manifest breaks its own schema. */
export const packageDays = async (trained: TrainedDays): Promise<VersionFiles> => {
  const { name, version, output, ensemble, view, heldOut } = trained
  const { names } = heldOut
  const model = writeDayHazards(ensemble, names, graphNames(name, output, trained.documentation))
  const session = await openOnnx(model)
  const checked = spacedRows(heldOut, CHECKED_ROWS)
  const golden = goldenRows(heldOut)
  const goldenOutputs = await session.run(golden, names.length)
  const greatest = Math.max(
    greatestDifference(await session.run(checked, names.length), predictDays(ensemble, { names, values: checked })),
    greatestDifference(goldenOutputs, predictDays(ensemble, { names, values: golden })),
  )
  await session.release()
  requireAgreement(greatest)

  const sharesOf = (all: Float32Array, row: number): Float32Array => all.subarray(row * LABELS, (row + 1) * LABELS)
  const manifest: Manifest = {
    ...describedBy({ name, version, evidence: 'synthetic' }, model, view),
    outputs: [{ name: output, datatype: 'FP32', shape: [-1, LABELS], kind: 'distribution', labels: [...DAY_LABELS] }],
    coverage: coverageOf(trained.trained),
    golden: Array.from({ length: golden.length / names.length }, (_, row) => ({
      inputs: namedRow(names, golden, row),
      outputs: { [output]: Array.from(sharesOf(goldenOutputs, row), shortestFloat32) },
      tolerance: TOLERANCE,
    })),
    reference: 'reference.json',
    metrics: trained.metrics,
    trained: trained.provenance,
  }
  const shares = predictDays(ensemble, trained.trained)
  const rows = trained.trained.labels.length
  const mean = DAY_LABELS.map((_, day) => {
    let sum = 0
    for (let row = 0; row < rows; row++) sum += shares[row * LABELS + day]
    return shortestFloat32(sum / rows)
  })
  return {
    manifest: manifestSchema.parse(manifest),
    model,
    reference: buildProfile({
      model: name,
      version,
      fields: view.fields,
      matrix: trained.trained,
      instants: trained.trainedInstants,
      outputs: [
        {
          name: output,
          layout: labelLayout(LABELS),
          values: Float32Array.from({ length: rows }, (_, row) => likeliest(sharesOf(shares, row))),
          mean,
        },
      ],
    }),
    greatestDifference: greatest,
  }
}
