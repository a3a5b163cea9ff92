/** Takes the ZipMap off a classifier: what it puts out is a list of maps, and only tensors can be answered. */
import onnxProto from 'onnx-proto'
import { type Graph, type GraphModel, type GraphNode, mainGraph } from './graph-model.ts'

const { onnx } = onnxProto
const { FLOAT } = onnx.TensorProto.DataType
/** Identity is in every version; this one is added to a model that had no standard operators at all. */
const PLAIN_OPSET = 13

const text = new TextDecoder()

/** The classes an operator of `ai.onnx.ml` names, in the order of its columns. */
export const labelsOf = ({ attribute }: GraphNode): (string | number)[] =>
  (attribute ?? []).flatMap(({ name, ints, strings }): (string | number)[] => {
    if (name === 'classlabels_int64s' || name === 'classlabels_ints') return (ints ?? []).map(Number)
    return name === 'classlabels_strings' ? (strings ?? []).map((label) => text.decode(label)) : []
  })

/** The class labels of `columns` columns that some node of the graph names; `undefined` unless they are the same wherever they stand. */
export const classLabels = (graph: Graph, columns: number): (string | number)[] | undefined => {
  const lists = (graph.node ?? []).map(labelsOf).filter(({ length }) => length === columns)
  const distinct = new Set(lists.map((labels) => JSON.stringify(labels)))
  return distinct.size === 1 ? lists[0] : undefined
}

export interface StrippedZipMap {
  /** The output that was a list of maps and is a tensor now, one column a class. */
  readonly output: string
  readonly labels: readonly (string | number)[]
}

/** Makes every ZipMap of `model` an Identity, so that its output is the tensor of probabilities it was given. */
export const stripZipMaps = (model: GraphModel): StrippedZipMap[] => {
  const graph = mainGraph(model)
  return (graph.node ?? []).flatMap((node) => {
    if (node.opType !== 'ZipMap') return []
    const name = node.output?.[0] ?? ''
    const labels = labelsOf(node)
    const output = graph.output?.find((candidate) => candidate.name === name)
    if (output === undefined) return []
    Object.assign(node, { opType: 'Identity', domain: '', attribute: [] })
    output.type = { tensorType: { elemType: FLOAT, shape: { dim: [{}, { dimValue: labels.length }] } } }
    if (!model.opsetImport.some(({ domain }) => domain === '' || domain === 'ai.onnx')) {
      model.opsetImport.push(onnx.OperatorSetIdProto.create({ domain: '', version: PLAIN_OPSET }))
    }
    return [{ output: name, labels }]
  })
}
