/** What every trained version is checked by and described with. */
import { createHash } from 'node:crypto'
import type { FeatureView } from '../../core/features/feature-view.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { jsonFloat32, shortestFloat32 } from '../../training/float32.ts'
import { type Matrix, rowCount } from '../../training/matrix.ts'
import type { OnnxNames } from '../../training/onnx/tree-ensemble.ts'

/** ONNX and trainer add the same float32 numbers in another order and precision. */
export const TOLERANCE = 1e-5
export const CHECKED_ROWS = 10_000
export const GOLDEN_ROWS = 8
export const INPUT = 'features'
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

export const coverageOf = ({ names, values }: Matrix): Manifest['coverage'] =>
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
export const spacedRows = (matrix: Matrix, count: number): Float32Array => {
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

export const greatestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index])), 0)

/** Throws an Error when ONNX and trainer lie further apart than they may. */
export const requireAgreement = (difference: number): void => {
  if (!(difference <= TOLERANCE)) throw new Error(`ONNX and trainer differ by ${difference}, more than ${TOLERANCE}`)
}

/** What the files say of themselves, whatever they answer. */
export const describedBy = (
  { name, version, evidence }: Pick<Manifest, 'name' | 'version' | 'evidence'>,
  model: Uint8Array,
  view: FeatureView,
): Pick<Manifest, 'name' | 'version' | 'platform' | 'sha256' | 'evidence' | 'feature_view' | 'inputs'> => ({
  name,
  version,
  platform: 'onnx_onnxv1',
  sha256: createHash('sha256').update(model).digest('hex'),
  evidence,
  feature_view: { ...view, fields: view.fields.map((field) => ({ ...field })) } as Manifest['feature_view'],
  inputs: [
    {
      name: INPUT,
      datatype: 'FP32',
      shape: [-1, view.fields.length],
      fields: view.fields.map((field) => field.name),
    },
  ],
})

/** Row `row` of `rows` by name, as a manifest keeps it. */
export const namedRow = (names: readonly string[], rows: Float32Array, row: number): Record<string, number | null> =>
  Object.fromEntries(names.map((name, column) => [name, jsonFloat32(rows[row * names.length + column])]))
