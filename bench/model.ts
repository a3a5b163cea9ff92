/** The model the Worker serves: where its files stand and how large it is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import { ROOT } from './root.ts'

export interface BenchModel {
  readonly name: string
  readonly version: string
  readonly folder: string
  readonly bytes: number
  readonly trees: number
  /** Of all trees together. */
  readonly leaves: number
}

interface ModelsAnswer {
  readonly models: readonly { readonly name: string; readonly release: { readonly stable: string } }[]
}

/** Throws when the graph holds no trees. */
const measureTrees = (bytes: Uint8Array): { readonly trees: number; readonly leaves: number } => {
  const nodes = onnxProto.onnx.ModelProto.decode(bytes).graph?.node
  const ensemble = nodes?.find(({ opType }) => opType?.startsWith('TreeEnsemble'))
  const integers = (name: string): number[] =>
    (ensemble?.attribute?.find((attribute) => attribute.name === name)?.ints ?? []).map(Number)
  const trees = new Set(integers('nodes_treeids')).size
  if (trees === 0) throw new Error('the model holds no trees: the scikit-learn peer has no size to match')
  const featureIds = integers('nodes_featureids')
  // A binary tree has one leaf more than it has splits.
  return { trees, leaves: (featureIds.length + trees) / 2 }
}

/** Asks the Worker at `port` what it serves, and finds that in the model repository. */
export const servedModel = async (port: number): Promise<BenchModel> => {
  const answer = (await (await fetch(`http://127.0.0.1:${port}/v1/models`)).json()) as ModelsAnswer
  const [model] = answer.models
  if (model === undefined) throw new Error('the Worker serves no model')
  const folder = join(ROOT, 'model', model.name, model.release.stable)
  const bytes = readFileSync(join(folder, 'model.onnx'))
  return { name: model.name, version: model.release.stable, folder, bytes: bytes.byteLength, ...measureTrees(bytes) }
}
