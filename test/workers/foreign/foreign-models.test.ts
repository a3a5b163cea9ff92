import { describe, expect, it } from 'vitest'
import { onnxRuntime } from '../../../src/adapters/onnx-runtime.ts'
import { manifestSchema } from '../../../src/protocol/manifest.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import daysRows from '../../fixtures/foreign/days.json'
import lightgbmRows from '../../fixtures/foreign/lightgbm.json'
import lightgbmExported from '../../fixtures/foreign/lightgbm.onnx'
import mlpRows from '../../fixtures/foreign/mlp.json'
import pipelineRows from '../../fixtures/foreign/pipeline.json'
import pipelineExported from '../../fixtures/foreign/pipeline.onnx'
import daysManifest from '../../fixtures/foreign/served/days/1.0.0/manifest.json'
import days from '../../fixtures/foreign/served/days/1.0.0/model.onnx'
import lightgbmManifest from '../../fixtures/foreign/served/lightgbm/1.0.0/manifest.json'
import lightgbm from '../../fixtures/foreign/served/lightgbm/1.0.0/model.onnx'
import mlpManifest from '../../fixtures/foreign/served/mlp/1.0.0/manifest.json'
import mlp from '../../fixtures/foreign/served/mlp/1.0.0/model.onnx'
import pipelineManifest from '../../fixtures/foreign/served/pipeline/1.0.0/manifest.json'
import pipeline from '../../fixtures/foreign/served/pipeline/1.0.0/model.onnx'
import xgboostManifest from '../../fixtures/foreign/served/xgboost/1.0.0/manifest.json'
import xgboost from '../../fixtures/foreign/served/xgboost/1.0.0/model.onnx'
import xgboostRows from '../../fixtures/foreign/xgboost.json'
import { foreignFeatures, type StoredPredictions, worstFromPredicted } from '../../support/foreign-rows.ts'

const MODELS: Record<string, { manifest: unknown; model: ArrayBuffer; stored: StoredPredictions }> = {
  'a scikit-learn pipeline with strings': { manifest: pipelineManifest, model: pipeline, stored: pipelineRows },
  'LightGBM trees': { manifest: lightgbmManifest, model: lightgbm, stored: lightgbmRows },
  'XGBoost trees of three classes': { manifest: xgboostManifest, model: xgboost, stored: xgboostRows },
  'a PyTorch network': { manifest: mlpManifest, model: mlp, stored: mlpRows },
  'a softmax over days': { manifest: daysManifest, model: days, stored: daysRows },
}

describe('models trained elsewhere, in workerd', () => {
  for (const [name, { manifest: json, model, stored }] of Object.entries(MODELS)) {
    it(`${name}: opens, and gives what the library predicted`, async () => {
      const manifest = manifestSchema.parse(json)
      const opened = await openModel({ manifest, model: new Uint8Array(model) }, onnxRuntime)
      const answers = await opened.predictRows(foreignFeatures(manifest, stored))
      expect(answers.length).toBe(60)
      expect(worstFromPredicted(answers, stored)).toBeLessThan(1e-5)
      await opened.release()
    })
  }

  it('a graph with its ZipMap still on loads, and shows only its tensors', async () => {
    for (const [exported, label] of [
      [pipelineExported, 'output_label'],
      [lightgbmExported, 'label'],
    ] as const) {
      const session = await onnxRuntime.open(new Uint8Array(exported))
      expect(session.outputs).toEqual([{ name: label }])
      await session.release()
    }
  })
})
