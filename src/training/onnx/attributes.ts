/** The attributes of ONNX nodes, and an ensemble as those of a TreeEnsembleRegressor. */
import onnxProto from 'onnx-proto'
import type { Ensemble } from '../gbdt/tree.ts'

const { AttributeType } = onnxProto.onnx.AttributeProto

const utf8 = new TextEncoder()

export const ints = (name: string, values: readonly number[]) => ({ name, type: AttributeType.INTS, ints: [...values] })
export const floats = (name: string, values: readonly number[]) => ({
  name,
  type: AttributeType.FLOATS,
  floats: [...values],
})
export const int = (name: string, value: number) => ({ name, type: AttributeType.INT, i: value })
export const string = (name: string, value: string) => ({ name, type: AttributeType.STRING, s: utf8.encode(value) })

/** One column per attribute of TreeEnsembleRegressor: all nodes of all trees, one after the other. */
export const treeAttributes = (ensemble: Ensemble) => {
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
