/** ONNX files as messages: decoded to be read or changed, and encoded again. */
import onnxProto, { type onnx as Onnx } from 'onnx-proto'
import { UsageError } from '../command.ts'

const { onnx } = onnxProto

export type GraphModel = Onnx.ModelProto
export type GraphNode = Onnx.INodeProto
export type Graph = Onnx.IGraphProto
export type GraphTensor = Onnx.ITensorProto

/** The domain of the standard operators has two spellings. */
export const domainOf = (domain: string | null | undefined): string =>
  domain === undefined || domain === null || domain === '' ? 'ai.onnx' : domain

/** `bytes` as a model. Throws a UsageError that names `what` when they are none. */
export const decodeModel = (bytes: Uint8Array, what: string): GraphModel => {
  let model: GraphModel
  try {
    model = onnx.ModelProto.decode(bytes)
  } catch (error) {
    throw new UsageError(`${what} is not an ONNX model: ${error instanceof Error ? error.message : String(error)}`)
  }
  if ((model.graph?.node?.length ?? 0) === 0) throw new UsageError(`${what} is not an ONNX model: it holds no graph`)
  return model
}

/** What the schema of onnx-proto (ONNX 1.10) does not know, such as an exporter's stack traces, is left out. */
export const encodeModel = (model: GraphModel): Uint8Array => onnx.ModelProto.encode(model).finish()

/** The graph itself, then every graph inside a node of it (the branches of an `If`, the body of a `Loop`), however deep. */
export function* graphsOf(graph: Graph): Generator<Graph> {
  yield graph
  for (const { attribute } of graph.node ?? []) {
    for (const { g, graphs } of attribute ?? []) {
      for (const inner of [...(g ? [g] : []), ...(graphs ?? [])]) yield* graphsOf(inner)
    }
  }
}

export const mainGraph = (model: GraphModel): Graph => model.graph ?? {}
