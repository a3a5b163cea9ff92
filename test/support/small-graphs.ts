/** ONNX graphs of a node or two, made where a test needs a certain fault. */
import onnxProto, { type onnx as Onnx } from 'onnx-proto'

const { onnx } = onnxProto

export const FLOAT = onnx.TensorProto.DataType.FLOAT
export const INT64 = onnx.TensorProto.DataType.INT64
export const STRING = onnx.TensorProto.DataType.STRING

/** A tensor of a graph; a size of -1 is free. */
export const tensor = (name: string, shape: readonly number[], elemType: number = FLOAT): Onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType, shape: { dim: shape.map((size) => (size < 0 ? {} : { dimValue: size })) } } },
})

export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  rest: Onnx.INodeProto = {},
): Onnx.INodeProto => ({ opType, input: [...input], output: [...output], ...rest })

export const opset = (version: number, domain = ''): Onnx.IOperatorSetIdProto => ({ version, domain })

/** The bytes of a model of that graph. */
export const modelOf = (
  graph: Onnx.IGraphProto,
  opsets: readonly Onnx.IOperatorSetIdProto[] = [opset(13), opset(3, 'ai.onnx.ml')],
): Uint8Array =>
  onnx.ModelProto.encode(
    onnx.ModelProto.create({ irVersion: 8, opsetImport: [...opsets], graph: { name: 'small', ...graph } }),
  ).finish()

/** One node from `x`, shape [rows, 2], to `y`. */
export const oneNode = (opType: string, rest: Onnx.INodeProto = {}, opsets?: readonly Onnx.IOperatorSetIdProto[]) =>
  modelOf(
    { input: [tensor('x', [-1, 2])], output: [tensor('y', [-1, 2])], node: [node(opType, ['x'], ['y'], rest)] },
    opsets,
  )
