/** Writes an ensemble as an ONNX model: raw float32 features in, probability out. */
import onnxProto from 'onnx-proto'
import type { Ensemble } from '../gbdt/tree.ts'

const { onnx } = onnxProto
const { AttributeType } = onnx.AttributeProto
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

const utf8 = new TextEncoder()

const ints = (name: string, values: readonly number[]) => ({ name, type: AttributeType.INTS, ints: [...values] })
const floats = (name: string, values: readonly number[]) => ({ name, type: AttributeType.FLOATS, floats: [...values] })
const int = (name: string, value: number) => ({ name, type: AttributeType.INT, i: value })
const string = (name: string, value: string) => ({ name, type: AttributeType.STRING, s: utf8.encode(value) })

/** One column per attribute of TreeEnsembleRegressor: all nodes of all trees, one after the other. */
const treeAttributes = (ensemble: Ensemble) => {
  const treeIds: number[] = []
  const nodeIds: number[] = []
  const features: number[] = []
  const thresholds: number[] = []
  const modes: Uint8Array[] = []
  const trueIds: number[] = []
  const falseIds: number[] = []
  const missingTrue: number[] = []
  const leafTrees: number[] = []
  const leafNodes: number[] = []
  const leafValues: number[] = []
  const branch = utf8.encode('BRANCH_LEQ')
  const leaf = utf8.encode('LEAF')

  for (const [treeId, tree] of ensemble.trees.entries()) {
    for (let node = 0; node < tree.feature.length; node++) {
      const isLeaf = tree.feature[node] < 0
      treeIds.push(treeId)
      nodeIds.push(node)
      features.push(isLeaf ? 0 : tree.feature[node])
      thresholds.push(isLeaf ? 0 : tree.threshold[node])
      modes.push(isLeaf ? leaf : branch)
      trueIds.push(isLeaf ? 0 : tree.left[node])
      falseIds.push(isLeaf ? 0 : tree.right[node])
      missingTrue.push(isLeaf ? 0 : tree.missingLeft[node])
      if (isLeaf) {
        leafTrees.push(treeId)
        leafNodes.push(node)
        leafValues.push(tree.value[node])
      }
    }
  }
  return [
    string('aggregate_function', 'SUM'),
    floats('base_values', [ensemble.base]),
    int('n_targets', 1),
    ints('nodes_falsenodeids', falseIds),
    ints('nodes_featureids', features),
    ints('nodes_missing_value_tracks_true', missingTrue),
    { name: 'nodes_modes', type: AttributeType.STRINGS, strings: modes },
    ints('nodes_nodeids', nodeIds),
    ints('nodes_treeids', treeIds),
    ints('nodes_truenodeids', trueIds),
    floats('nodes_values', thresholds),
    string('post_transform', 'NONE'),
    ints(
      'target_ids',
      leafValues.map(() => 0),
    ),
    ints('target_nodeids', leafNodes),
    ints('target_treeids', leafTrees),
    floats('target_weights', leafValues),
  ]
}

const floatTensor = (name: string, columns: number) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } },
})

/**
 * The bytes of an ONNX model, a TreeEnsembleRegressor and a Sigmoid: input `names.input` FP32 [rows, features], output `names.output` FP32
 * [rows, 1] = 1/(1 + e^−s), s the base plus the leaves' values. Branches are `x <= threshold` in float32, NaN follows
 * `nodes_missing_value_tracks_true`. The same ensemble gives the same bytes: nothing of the machine or the hour goes in.
 */
export const writeTreeEnsemble = (ensemble: Ensemble, names: OnnxNames): Uint8Array => {
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: names.producerName,
    producerVersion: names.producerVersion,
    docString: names.documentation,
    opsetImport: [
      { domain: '', version: OPSET_VERSION },
      { domain: 'ai.onnx.ml', version: ML_OPSET_VERSION },
    ],
    metadataProps: [{ key: 'features', value: ensemble.features.join(',') }],
    graph: {
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
    },
  })
  const problem = onnx.ModelProto.verify(model)
  if (problem !== null) throw new Error(`the ONNX model is malformed: ${problem}`)
  return onnx.ModelProto.encode(model).finish()
}
