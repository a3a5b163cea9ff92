/** Tensors of the ports as tensors of onnxruntime-web and back, without copying their data. */
import { Tensor as OrtTensor } from 'onnxruntime-web/wasm'
import type { TensorDatatype } from '../protocol/manifest.ts'
import type { Tensor } from '../serving/ports.ts'

const DATATYPES: Partial<Record<OrtTensor.Type, TensorDatatype>> = {
  float32: 'FP32',
  float64: 'FP64',
  int32: 'INT32',
  int64: 'INT64',
  bool: 'BOOL',
  string: 'BYTES',
}

/** ORT's name of a type as the protocol's; `undefined` for the types that no manifest may ask for (float16, uint8, …). */
export const datatypeOf = (type: OrtTensor.Type): TensorDatatype | undefined => DATATYPES[type]

/** Throws a TypeError when the data is not of the datatype, or when there is more or less of it than the shape says. */
export const toOrtTensor = ({ datatype, shape, data }: Tensor): OrtTensor => {
  if (datatype === 'FP32' && data instanceof Float32Array) return new OrtTensor('float32', data, shape)
  if (datatype === 'FP64' && data instanceof Float64Array) return new OrtTensor('float64', data, shape)
  if (datatype === 'INT32' && data instanceof Int32Array) return new OrtTensor('int32', data, shape)
  if (datatype === 'INT64' && data instanceof BigInt64Array) return new OrtTensor('int64', data, shape)
  if (datatype === 'BOOL' && data instanceof Uint8Array) return new OrtTensor('bool', data, shape)
  if (datatype === 'BYTES' && Array.isArray(data)) return new OrtTensor('string', data, shape)
  throw new TypeError(`a tensor of ${datatype} cannot hold a ${data.constructor.name}`)
}

/** Takes the data out of `tensor`, which is of no use afterwards. Throws a TypeError for a type that no manifest may ask for. */
export const fromOrtTensor = (tensor: OrtTensor): Tensor => {
  const datatype = datatypeOf(tensor.type)
  if (datatype === undefined) throw new TypeError(`the graph put out a tensor of ${tensor.type}`)
  // The six datatypes have exactly these arrays (onnxruntime-common 1.30.0, Tensor.DataTypeMap).
  const taken: Tensor = { datatype, shape: tensor.dims, data: tensor.data as Tensor['data'] }
  tensor.dispose()
  return taken
}
