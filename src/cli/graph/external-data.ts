/** Brings weights that an exporter left in a file beside the graph into the graph: a version is one file. */
import { readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import onnxProto from 'onnx-proto'
import { UsageError } from '../command.ts'
import { type Graph, type GraphModel, type GraphTensor, graphsOf, mainGraph } from './graph-model.ts'

const { onnx } = onnxProto
const { EXTERNAL, DEFAULT } = onnx.TensorProto.DataLocation

const tensorsOf = (graph: Graph): GraphTensor[] => [
  ...(graph.initializer ?? []),
  ...(graph.node ?? []).flatMap(({ attribute }) =>
    (attribute ?? []).flatMap(({ t, tensors }) => [...(t ? [t] : []), ...(tensors ?? [])]),
  ),
]

const entryOf = ({ externalData }: GraphTensor, key: string): string | undefined =>
  externalData?.find((entry) => entry.key === key)?.value ?? undefined

/** The bytes of one tensor. Files outside `directory` are refused: a model may come from anyone. */
const readTensor = async (tensor: GraphTensor, directory: string): Promise<{ file: string; bytes: Uint8Array }> => {
  const file = normalize(entryOf(tensor, 'location') ?? '')
  if (file === '.' || file.startsWith('..') || file.startsWith('/') || /^[a-z]:/i.test(file)) {
    throw new UsageError(`the weights of "${tensor.name}" are said to be in "${file}", outside the model's own folder`)
  }
  const whole = await readFile(join(directory, file)).catch(() => {
    throw new UsageError(`the weights of "${tensor.name}" are in ${file}, which is not beside the model`)
  })
  const offset = Number(entryOf(tensor, 'offset') ?? 0)
  const length = Number(entryOf(tensor, 'length') ?? whole.length - offset)
  if (!(offset >= 0 && length >= 0 && offset + length <= whole.length)) {
    throw new UsageError(`${file} has ${whole.length} bytes; "${tensor.name}" wants ${length} from ${offset}`)
  }
  return { file, bytes: new Uint8Array(whole.subarray(offset, offset + length)) }
}

/** Replaces references to files in `directory` by what they hold. Returns the files read, each once. */
export const inlineExternalData = async (model: GraphModel, directory: string): Promise<string[]> => {
  const files = new Set<string>()
  for (const graph of graphsOf(mainGraph(model))) {
    for (const tensor of tensorsOf(graph)) {
      if (tensor.dataLocation !== EXTERNAL) continue
      const { file, bytes } = await readTensor(tensor, directory)
      Object.assign(tensor, { rawData: bytes, externalData: [], dataLocation: DEFAULT })
      files.add(file)
    }
  }
  return [...files]
}

/** How many tensors of `model` are in other files. */
export const externalTensors = (model: GraphModel): number =>
  [...graphsOf(mainGraph(model))].flatMap(tensorsOf).filter(({ dataLocation }) => dataLocation === EXTERNAL).length
