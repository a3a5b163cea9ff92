/** A copy of a version with a fault that no golden row shows: it answers NaN on one kind of event. */
import { createHash } from 'node:crypto'
import onnxProto, { type onnx as Onnx } from 'onnx-proto'
import type { Manifest } from '../../src/protocol/manifest.ts'

const { onnx } = onnxProto
const { FLOAT, INT64 } = onnx.TensorProto.DataType

/** Which events it fails: those whose `field` is greater than `above`. */
export interface Flaw {
  readonly field: string
  readonly above: number
}

const node = (opType: string, input: readonly string[], output: string, axis?: number): Onnx.INodeProto => ({
  opType,
  input: [...input],
  output: [output],
  ...(axis === undefined
    ? {}
    : { attribute: [{ name: 'axis', i: axis, type: onnx.AttributeProto.AttributeType.INT }] }),
})

const constant = (name: string, dataType: number, shape: readonly number[], value: number): Onnx.ITensorProto => ({
  name,
  dataType,
  dims: [...shape],
  ...(dataType === INT64 ? { int64Data: [value] } : { floatData: [value] }),
})

/** Adds `Where(field > above, NaN, output)` behind the graph, whose single input is a matrix of FP32 features. */
const flawedGraph = (model: Uint8Array, { inputs: [input], outputs: [output] }: Manifest, flaw: Flaw): Uint8Array => {
  const proto = onnx.ModelProto.decode(model)
  const { graph } = proto
  const column = input?.fields.indexOf(flaw.field) ?? -1
  if (graph === null || graph === undefined || input === undefined || output === undefined || column < 0)
    throw new Error(`the model has no input column ${flaw.field}`)
  for (const { output: names } of graph.node ?? []) {
    const at = names?.indexOf(output.name) ?? -1
    if (names !== null && names !== undefined && at >= 0) names[at] = 'sound'
  }
  graph.initializer = [
    ...(graph.initializer ?? []),
    constant('flaw_column', INT64, [1], column),
    constant('flaw_above', FLOAT, [1, 1], flaw.above),
    constant('flaw_value', FLOAT, [1, 1], Number.NaN),
  ]
  graph.node = [
    ...(graph.node ?? []),
    node('Gather', [input.name, 'flaw_column'], 'flaw_field', 1),
    node('Greater', ['flaw_field', 'flaw_above'], 'flaw_here'),
    node('Where', ['flaw_here', 'flaw_value', 'sound'], output.name),
  ]
  return onnx.ModelProto.encode(proto).finish()
}

export interface VersionToPublish {
  readonly manifest: Manifest
  readonly model: Uint8Array
}

/** `version` of the same model with the flaw. Throws for a model without the field. */
export const flawedVersion = (sound: VersionToPublish, version: string, flaw: Flaw): VersionToPublish => {
  const model = flawedGraph(sound.model, sound.manifest, flaw)
  const sha256 = createHash('sha256').update(model).digest('hex')
  return { manifest: { ...sound.manifest, version, sha256 }, model }
}
