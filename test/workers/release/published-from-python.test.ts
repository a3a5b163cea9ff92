/** Models that Python libraries trained, published as documented and asked over HTTP, beside what the libraries themselves predicted. */
import { createExecutionContext, runDurableObjectAlarm } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import seed from '../../../kv-seed/zips.json'
import type { ReleaseController } from '../../../src/durable/release-controller.ts'
import { createApp } from '../../../src/http/app.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { InferenceResponse } from '../../../src/protocol/inference.ts'
import { type Manifest, manifestSchema } from '../../../src/protocol/manifest.ts'
import { zipPackKey } from '../../../src/protocol/store-keys.ts'
import { createServices } from '../../../src/services.ts'
import daysRows from '../../fixtures/foreign/days.json'
import lightgbmRows from '../../fixtures/foreign/lightgbm.json'
import mlpRows from '../../fixtures/foreign/mlp.json'
import pipelineRows from '../../fixtures/foreign/pipeline.json'
import daysManifest from '../../fixtures/foreign/served/days/1.0.0/manifest.json'
import days from '../../fixtures/foreign/served/days/1.0.0/model.onnx'
import daysReference from '../../fixtures/foreign/served/days/1.0.0/reference.json'
import lightgbmManifest from '../../fixtures/foreign/served/lightgbm/1.0.0/manifest.json'
import lightgbm from '../../fixtures/foreign/served/lightgbm/1.0.0/model.onnx'
import lightgbmReference from '../../fixtures/foreign/served/lightgbm/1.0.0/reference.json'
import mlpManifest from '../../fixtures/foreign/served/mlp/1.0.0/manifest.json'
import mlp from '../../fixtures/foreign/served/mlp/1.0.0/model.onnx'
import mlpReference from '../../fixtures/foreign/served/mlp/1.0.0/reference.json'
import pipelineManifest from '../../fixtures/foreign/served/pipeline/1.0.0/manifest.json'
import pipeline from '../../fixtures/foreign/served/pipeline/1.0.0/model.onnx'
import pipelineReference from '../../fixtures/foreign/served/pipeline/1.0.0/reference.json'
import xgboostManifest from '../../fixtures/foreign/served/xgboost/1.0.0/manifest.json'
import xgboost from '../../fixtures/foreign/served/xgboost/1.0.0/model.onnx'
import xgboostReference from '../../fixtures/foreign/served/xgboost/1.0.0/reference.json'
import xgboostRows from '../../fixtures/foreign/xgboost.json'
import { json } from '../../support/answer.ts'
import type { StoredPredictions } from '../../support/foreign-rows.ts'
import { PACKS } from '../../support/zips.ts'
import { newName, publish } from './versions.ts'

const { RELEASE_CONTROLLER } = env as unknown as { RELEASE_CONTROLLER: DurableObjectNamespace<ReleaseController> }

const TOLERANCE = 1e-5
const STORED_ROWS = 60
/** Sunday, 17 November 2024, 21:53 UTC: for models whose rows have no time, which every event must have. */
const SOME_TIME = 1_731_880_381_293

interface Trained {
  readonly library: string
  readonly manifest: unknown
  readonly model: ArrayBuffer
  readonly reference: object
  readonly stored: StoredPredictions
}

const TRAINED: readonly Trained[] = [
  {
    library: 'a scikit-learn pipeline with strings',
    manifest: pipelineManifest,
    model: pipeline,
    reference: pipelineReference,
    stored: pipelineRows,
  },
  {
    library: 'LightGBM trees',
    manifest: lightgbmManifest,
    model: lightgbm,
    reference: lightgbmReference,
    stored: lightgbmRows,
  },
  {
    library: 'XGBoost trees of three classes',
    manifest: xgboostManifest,
    model: xgboost,
    reference: xgboostReference,
    stored: xgboostRows,
  },
  { library: 'a PyTorch network', manifest: mlpManifest, model: mlp, reference: mlpReference, stored: mlpRows },
  {
    library: 'a PyTorch softmax over days',
    manifest: daysManifest,
    model: days,
    reference: daysReference,
    stored: daysRows,
  },
]

const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Publishes under a name of its own, and has the controller write the copy that this isolate reads. */
const published = async ({ manifest, model, reference }: Trained): Promise<string> => {
  const name = newName()
  const files = {
    manifest: utf8({ ...(manifest as object), name }),
    model: new Uint8Array(model),
    reference: utf8({ ...reference, model: name }),
  }
  expect((await publish(name, files)).status).toBe(201)
  await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(name))
  return name
}

const manifestOf = ({ manifest }: Trained): Manifest => manifestSchema.parse(manifest)

const numbersOf = ({ predicted, rows }: StoredPredictions, row: number): number[] =>
  predicted.map((column) => Number(rows[column]?.[row]))

/** The greatest difference between two lists of rows; infinite where they are not of one shape. */
const worst = (found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number => {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY
  const differences = expected.flatMap((row, at) =>
    row.length === found[at]?.length
      ? row.map((value, column) => Math.abs(value - (found[at]?.[column] ?? Number.NaN)))
      : [Number.POSITIVE_INFINITY],
  )
  return Math.max(...differences)
}

/** The stored rows as tensors; a missing string is "" to a graph, a missing number null. */
const tensorsOf = (manifest: Manifest, { rows }: StoredPredictions) =>
  manifest.inputs.map(({ name, datatype, fields }) => ({
    name,
    datatype,
    shape: [STORED_ROWS, fields.length],
    data: Array.from({ length: STORED_ROWS }, (_, row) =>
      fields.map((field) => rows[field]?.[row] ?? (datatype === 'BYTES' ? '' : null)),
    ),
  }))

/** What the output of that name holds for each row: its column where the manifest names one, else all. */
const columnsOf = ({ outputs: [declared] }: Manifest, { outputs: [tensor] }: InferenceResponse): number[][] => {
  const data = (tensor?.data ?? []).map(Number)
  const width = data.length / STORED_ROWS
  const column = declared !== undefined && 'column' in declared ? declared.column : undefined
  return Array.from({ length: STORED_ROWS }, (_, row) => {
    const all = data.slice(row * width, (row + 1) * width)
    return column === undefined ? all : all.slice(column, column + 1)
  })
}

/** The pack of these zips is another one in the tests of zip features, and they share the namespace. */
const isOthers = (zip: unknown): boolean => Object.keys(PACKS).some((zip3) => String(zip).startsWith(zip3))

const sendableRows = ({ rows }: StoredPredictions): number[] =>
  Array.from({ length: STORED_ROWS }, (_, row) => row).filter((row) => !isOthers(rows.zip?.[row]))

const eventOf = (manifest: Manifest, { rows }: StoredPredictions, row: number) => {
  const fields = manifest.feature_view.fields.filter(({ source }) => source === 'event')
  return {
    createdDateTime: rows.epoch_ms?.[row] ?? SOME_TIME,
    zipCode: rows.zip?.[row],
    ...Object.fromEntries(fields.map(({ name }) => [name, rows[name]?.[row]])),
  }
}

const valuesOf = ({ outputs }: Prediction): number[] =>
  Object.values(outputs).flatMap((output) => (typeof output === 'number' ? [output] : [...output.probabilities]))

beforeAll(async () => {
  const zips = new Set(TRAINED.flatMap(({ stored }) => stored.rows.zip ?? []))
  const keys = new Set([...zips].filter((zip) => !isOthers(zip)).map((zip) => zipPackKey(String(zip).slice(0, 3))))
  const packs = seed.filter(({ key }) => keys.has(key))
  expect(packs).toHaveLength(keys.size)
  for (const { key, value } of packs) await env.ZIP_FEATURES.put(key, value)
})

describe.each(TRAINED)('$library, published by POST /admin/models/{model}/versions', (trained) => {
  const { stored } = trained
  const manifest = manifestOf(trained)

  it('infers from its stored rows what the library predicted', async () => {
    const name = await published(trained)
    const request = new Request(`https://nearcast.test/v2/models/${name}/infer`, {
      method: 'POST',
      body: JSON.stringify({ inputs: tensorsOf(manifest, stored) }),
    })
    const response = await exports.default.fetch(request)
    expect(response.status).toBe(200)
    const answer = await json<InferenceResponse>(response)
    expect(answer).toMatchObject({ model_name: name, model_version: '1.0.0' })
    const expected = Array.from({ length: STORED_ROWS }, (_, row) => numbersOf(stored, row))
    expect(worst(columnsOf(manifest, answer), expected)).toBeLessThan(TOLERANCE)
  })

  it('predicts from events what the library predicted from their features', async () => {
    const name = await published(trained)
    const rows = sendableRows(stored)
    expect(rows.length).toBeGreaterThanOrEqual(STORED_ROWS - 1)
    const services = createServices(env)
    const events = rows.map((row) => eventOf(manifest, stored, row))
    const response = await createApp(() => services).request(
      `/v1/predict?model=${name}`,
      { method: 'POST', body: JSON.stringify(events) },
      env,
      createExecutionContext(),
    )
    expect(response.status).toBe(200)
    const { predictions } = await json<{ predictions: Prediction[] }>(response)
    for (const prediction of predictions) {
      expect(prediction).toMatchObject({ model_name: name, model_version: '1.0.0' })
      expect(prediction.warnings.filter((warning) => warning !== 'outside_training_range')).toEqual(
        stored.rows.zip === undefined ? ['zip_missing', 'national_mean'] : [],
      )
    }
    const expected = rows.map((row) => numbersOf(stored, row))
    expect(worst(predictions.map(valuesOf), expected)).toBeLessThan(TOLERANCE)
  })
})
