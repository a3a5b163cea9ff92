/** Asks the installed ONNX Runtime, with the smallest of graphs, which operator sets and operators it knows. */
import onnxProto from 'onnx-proto'
import type { ModelRuntime } from '../../serving/ports.ts'
import type { GraphNode } from './graph-model.ts'
import type { Opset } from './operators.ts'

const { onnx } = onnxProto
const { FLOAT } = onnx.TensorProto.DataType

/** IR version 8: any runtime in use reads it. */
const IR_VERSION = 8
/** An operator set that every runtime has, for graphs that are about another. */
const PLAIN_OPSET = 13

/** How onnxruntime 1.30 says that it knows no operator of that name and version. */
const UNKNOWN_OPERATOR = /No Op registered for|is not a registered function\/op|No opset import for domain/

const value = (name: string) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{}] } } } })

const graphOf = (nodes: readonly GraphNode[], inputs: readonly string[], outputs: readonly string[], opsets: Opset[]) =>
  onnx.ModelProto.encode(
    onnx.ModelProto.create({
      irVersion: IR_VERSION,
      opsetImport: opsets.map(({ domain, version }) => ({ domain: domain === 'ai.onnx' ? '' : domain, version })),
      graph: { name: 'probe', input: inputs.map(value), output: outputs.map(value), node: [...nodes] },
    }),
  ).finish()

/** Why `model` does not open; `undefined` if it does. */
const refusal = async (runtime: ModelRuntime, model: Uint8Array): Promise<string | undefined> => {
  try {
    await (await runtime.open(model)).release()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Whether the runtime takes models of that operator set. Of a domain it has never heard of it takes any: its operators tell. */
export const knowsOpset = async (runtime: ModelRuntime, opset: Opset): Promise<boolean> => {
  const standard = { domain: 'ai.onnx', version: PLAIN_OPSET }
  const opsets = opset.domain === 'ai.onnx' ? [opset] : [standard, opset]
  const nodes = [{ opType: 'Identity', input: ['x'], output: ['y'] }]
  return (await refusal(runtime, graphOf(nodes, ['x'], ['y'], opsets))) === undefined
}

/** The newest version of `domain` that the runtime takes, at most `known` given that it does not take that one. */
export const newestOpset = async (runtime: ModelRuntime, domain: string, known: number): Promise<number> => {
  let version = known - 1
  while (version > 1 && !(await knowsOpset(runtime, { domain, version }))) version--
  return version
}

/** Whether the runtime has an operator of that name in these operator sets, whatever types it is given. */
export const knowsOperator = async (runtime: ModelRuntime, node: GraphNode, opsets: Opset[]): Promise<boolean> => {
  const inputs = [...new Set((node.input ?? []).filter((name) => name !== ''))]
  const outputs = (node.output ?? []).filter((name) => name !== '')
  const reason = await refusal(runtime, graphOf([node], inputs, outputs, opsets))
  return reason === undefined || !UNKNOWN_OPERATOR.test(reason)
}
