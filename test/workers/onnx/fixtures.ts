/** The graphs of test/fixtures/onnx as the bundler hands them to a Worker. */
import daysStored from '../../fixtures/onnx/days.json'
import days from '../../fixtures/onnx/days.onnx'
import logarithmStored from '../../fixtures/onnx/logarithm.json'
import logarithm from '../../fixtures/onnx/logarithm.onnx'
import mlpStored from '../../fixtures/onnx/mlp.json'
import mlp from '../../fixtures/onnx/mlp.onnx'
import namedStored from '../../fixtures/onnx/named.json'
import named from '../../fixtures/onnx/named.onnx'
import treesStored from '../../fixtures/onnx/trees.json'
import trees from '../../fixtures/onnx/trees.onnx'
import truncated from '../../fixtures/onnx/truncated.onnx'
import { type StoredFixture, storedTensors } from '../../support/onnx-fixtures.ts'

const fixture = (stored: unknown, graph: ArrayBuffer) => {
  const { manifest, inputs, outputs } = stored as StoredFixture
  const files = { manifest, model: new Uint8Array(graph) }
  return { files, stored: stored as StoredFixture, inputs: storedTensors(inputs), outputs: storedTensors(outputs) }
}

export const FIXTURES = {
  trees: fixture(treesStored, trees),
  mlp: fixture(mlpStored, mlp),
  days: fixture(daysStored, days),
  named: fixture(namedStored, named),
  logarithm: fixture(logarithmStored, logarithm),
}

export const TRUNCATED_GRAPH = new Uint8Array(truncated)
