/** Writes an ensemble as an ONNX model: raw float32 features in, probability out. */
import onnxProto from 'onnx-proto'
import type { Ensemble } from '../gbdt/tree.ts'
import { treeAttributes } from './attributes.ts'

const { onnx } = onnxProto
const { FLOAT } = onnx.TensorProto.DataType

/** IR version 8 (ONNX 1.10) with opset 13 and ai.onnx.ml 3: old enough for every runtime in use, new enough for float32 trees. */
const IR_VERSION = 8
const OPSET_VERSION = 13
const ML_OPSET_VERSION = 3

export interface OnnxNames {
  readonly graph: string
  readonly input: string
  readonly output: string
  readonly producerName: string
  readonly producerVersion: string
  readonly documentation: string
}

export const floatTensor = (name: string, columns: number) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } },
})

/**
 * The bytes of a model with that graph: nothing of the machine or the hour goes in. `features` are named in its metadata. Throws an Error
 * when it is malformed.
 */
export const serializeModel = (
  features: readonly string[],
  names: OnnxNames,
  graph: onnxProto.onnx.IGraphProto,
): Uint8Array => {
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: names.producerName,
    producerVersion: names.producerVersion,
    docString: names.documentation,
    opsetImport: [
      { domain: '', version: OPSET_VERSION },
      { domain: 'ai.onnx.ml', version: ML_OPSET_VERSION },
    ],
    metadataProps: [{ key: 'features', value: features.join(',') }],
    graph,
  })
  const problem = onnx.ModelProto.verify(model)
  if (problem !== null) throw new Error(`the ONNX model is malformed: ${problem}`)
  return onnx.ModelProto.encode(model).finish()
}

/**
 * The bytes of an ONNX model, a TreeEnsembleRegressor and a Sigmoid: input `names.input` FP32 [rows, features], output `names.output` FP32
 * [rows, 1] = 1/(1 + e^−s), s the base plus the leaves' values. Branches are `x <= threshold` in float32, NaN follows
 * `nodes_missing_value_tracks_true`. The same ensemble gives the same bytes.
 */
export const writeTreeEnsemble = (ensemble: Ensemble, names: OnnxNames): Uint8Array =>
  serializeModel(ensemble.features, names, {
    name: names.graph,
    input: [floatTensor(names.input, ensemble.features.length)],
    output: [floatTensor(names.output, 1)],
    node: [
      {
        opType: 'TreeEnsembleRegressor',
        domain: 'ai.onnx.ml',
        name: 'trees',
        input: [names.input],
        output: ['log_odds'],
        attribute: treeAttributes(ensemble),
      },
      // A node of its own: onnxruntime applies post_transform LOGISTIC only where there is more than one target (1.30).
      { opType: 'Sigmoid', name: 'probability', input: ['log_odds'], output: [names.output] },
    ],
  })
