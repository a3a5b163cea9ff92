/** The graphs of test/fixtures/onnx: their manifests and what Python's onnxruntime made of their rows. */
import type { FeatureRows } from '../../src/core/features/compute.ts'
import type { Manifest, TensorDatatype } from '../../src/protocol/manifest.ts'
import type { Tensor, Tensors } from '../../src/serving/ports.ts'

interface StoredTensor {
  readonly datatype: TensorDatatype
  readonly shape: readonly number[]
  /** `null` is NaN. */
  readonly data: readonly (number | string | boolean | null)[]
}

/** The JSON that make_models.py writes beside a graph. */
export interface StoredFixture {
  readonly manifest: Manifest
  readonly inputs: { readonly [name: string]: StoredTensor }
  readonly outputs: { readonly [name: string]: StoredTensor }
}

const number = (value: StoredTensor['data'][number]): number => (value === null ? Number.NaN : Number(value))

const dataOf = ({ datatype, data }: StoredTensor): Tensor['data'] => {
  switch (datatype) {
    case 'FP32':
      return Float32Array.from(data, number)
    case 'FP64':
      return Float64Array.from(data, number)
    case 'INT32':
      return Int32Array.from(data, number)
    case 'INT64':
      return BigInt64Array.from(data, (value) => BigInt(number(value)))
    case 'BOOL':
      return Uint8Array.from(data, number)
    case 'BYTES':
      return data.map(String)
  }
}

export const storedTensors = (stored: StoredFixture['inputs']): Tensors =>
  Object.fromEntries(
    Object.entries(stored).map(([name, tensor]) => [
      name,
      { datatype: tensor.datatype, shape: tensor.shape, data: dataOf(tensor) },
    ]),
  )

/** The stored input rows as rows of the manifest's feature view. */
export const storedFeatures = ({ manifest, inputs }: StoredFixture): FeatureRows => {
  const names = manifest.feature_view.fields.map(({ name }) => name)
  const rows = Object.values(inputs)[0]?.shape[0] ?? 0
  const numbers = new Float64Array(rows * names.length).fill(Number.NaN)
  const strings = manifest.inputs.some(({ datatype }) => datatype === 'BYTES')
    ? new Array<string | null>(numbers.length).fill(null)
    : null
  for (const { name, fields } of manifest.inputs) {
    for (const [index, value] of (inputs[name]?.data ?? []).entries()) {
      const field = fields[index % fields.length] ?? ''
      const at = Math.floor(index / fields.length) * names.length + names.indexOf(field)
      if (typeof value === 'string' && strings !== null) strings[at] = value
      else numbers[at] = number(value)
    }
  }
  return { numbers, strings }
}

type Element = number | bigint | string | undefined

const differenceOf = (found: Element, stored: Element): number => {
  if (typeof stored === 'string') return found === stored ? 0 : Number.POSITIVE_INFINITY
  const [a, b] = [Number(found), Number(stored)]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY
  return Math.abs(a - b)
}

/** The greatest absolute difference of any element of any stored tensor; infinite where type, shape or a string differs. */
export const worstDifference = (found: Tensors, stored: Tensors): number => {
  let worst = 0
  for (const [name, { datatype, shape, data }] of Object.entries(stored)) {
    const tensor = found[name]
    if (tensor?.datatype !== datatype || String(tensor.shape) !== String(shape)) return Number.POSITIVE_INFINITY
    for (let index = 0; index < data.length; index++) {
      worst = Math.max(worst, differenceOf(tensor.data[index], data[index]))
    }
  }
  return worst
}
