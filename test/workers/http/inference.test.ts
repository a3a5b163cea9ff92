import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import manifest from '../../../model/late-arrival/1.0.0/manifest.json'
import { onnxRuntime } from '../../../src/adapters/onnx-runtime.ts'
import { type InferenceResponse, type ModelMetadata, readInferenceRequest } from '../../../src/protocol/inference.ts'
import { jsonText } from '../../../src/protocol/json-text.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import { readInputs, writeOutput } from '../../../src/serving/wire-tensors.ts'
import { json } from '../../support/answer.ts'
import { FIXTURES } from '../onnx/fixtures.ts'

const call = (path: string, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(new Request(`https://nearcast.test/v2${path}`, init))
const { READ_TOKEN, WRITE_TOKEN } = env as unknown as { READ_TOKEN: string; WRITE_TOKEN: string }

const [input] = manifest.inputs
const rows = manifest.golden.map((golden) =>
  (input?.fields ?? []).map((field) => (golden.inputs as Record<string, number>)[field] ?? null),
)
const features = { name: 'features', shape: [rows.length, rows[0]?.length], datatype: 'FP32', data: rows }
const infer = (body: unknown, path = '/models/late-arrival/infer', token?: string): Promise<Response> =>
  call(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })

describe('the Open Inference Protocol in workerd', () => {
  it('is live, ready, and says what it is', async () => {
    expect(await (await call('/health/live')).json()).toEqual({ live: true })
    const ready = await call('/health/ready')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({ live: true, ready: true })
    expect(await (await call('')).json()).toEqual({
      name: 'nearcast',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: [],
    })
  })

  it('describes the bundled model, which is ready', async () => {
    for (const path of ['/models/late-arrival', '/models/late-arrival/versions/1.0.0']) {
      expect(await json<ModelMetadata>(await call(path))).toEqual({
        name: 'late-arrival',
        versions: expect.arrayContaining(['1.0.0']),
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 8] }],
        outputs: [{ name: 'late_probability', datatype: 'FP32', shape: [-1, 1] }],
      })
      expect(await (await call(`${path}/ready`)).json()).toEqual({ name: 'late-arrival', ready: true })
    }
  })

  it('infers the golden outputs, flat or nested, on the stable and on the named version', async () => {
    const expected = manifest.golden.map(({ outputs }) => outputs.late_probability)
    for (const data of [rows, rows.flat()]) {
      for (const path of ['/models/late-arrival/infer', '/models/late-arrival/versions/1.0.0/infer']) {
        const response = await infer({ id: 'golden', inputs: [{ ...features, data }] }, path)
        expect(response.status).toBe(200)
        const answer = await json<InferenceResponse>(response)
        expect(answer).toMatchObject({
          id: 'golden',
          model_name: 'late-arrival',
          model_version: '1.0.0',
          outputs: [{ name: 'late_probability', datatype: 'FP32', shape: [rows.length, 1] }],
        })
        for (const [row, value] of (answer.outputs[0]?.data ?? []).entries()) {
          expect(value).toBeCloseTo(expected[row] ?? Number.NaN, 5)
        }
      }
    }
  })

  it.each<[string, number, () => Promise<Response>]>([
    ['another model', 404, () => infer({ inputs: [features] }, '/models/nobody/infer')],
    [
      'another version',
      404,
      () => infer({ inputs: [features] }, '/models/late-arrival/versions/0.0.1/infer', WRITE_TOKEN),
    ],
    [
      'a version that answers nobody',
      401,
      () => infer({ inputs: [features] }, '/models/late-arrival/versions/0.0.1/infer'),
    ],
    ['another shape', 400, () => infer({ inputs: [{ ...features, shape: [1, 3] }] })],
    ['another datatype', 400, () => infer({ inputs: [{ ...features, datatype: 'INT64' }] })],
    ['a number beyond FP32', 400, () => infer({ inputs: [{ ...features, shape: [1, 8], data: Array(8).fill(1e39) }] })],
    ['no JSON', 400, () => infer('NaN')],
    ['too many bytes', 413, () => infer(' '.repeat(5_000_000))],
    ['another method', 405, () => call('/models/late-arrival/infer')],
    ['another path', 404, () => call('/models')],
  ])('answers {"error"} for %s', async (_, status, request) => {
    const response = await request()
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.any(String) })
  })

  it('keeps INT64 exact through a graph of strings, integers, booleans and floats', async () => {
    const { files } = FIXTURES.named
    const opened = await openModel(files, onnxRuntime)
    const data: Record<string, string> = { device: '["télé"]', visits: '[9007199254740993]', returning: '[true]' }
    const text = files.manifest.inputs.map(({ name, datatype, shape }) => {
      const values = data[name] ?? (shape[1] === 2 ? '[[8.25,-4.5]]' : '[7]')
      return `{"name":"${name}","datatype":"${datatype}","shape":[1,${shape[1]}],"data":${values}}`
    })
    const { inputs } = readInferenceRequest(new TextEncoder().encode(`{"inputs":[${text}]}`))
    const limits = { maxBodyBytes: 1_000, maxEvents: 1 }
    const outputs = await opened.infer(readInputs(files.manifest, inputs, limits))
    expect(jsonText([writeOutput('visits_out', outputs.visits_out)])).toBe(
      '[{"name":"visits_out","shape":[1,1],"datatype":"INT64","data":[9007199254740993]}]',
    )
    await opened.release()
  })

  it('counts each row as a prediction of the version', async () => {
    interface Report {
      models: Record<string, { versions: Record<string, { predictions: number }> }>
    }
    const predictions = async (): Promise<number> => {
      const init = { headers: { authorization: `Bearer ${READ_TOKEN}` } }
      const response = await exports.default.fetch(new Request('https://nearcast.test/v1/stats?window=5m', init))
      return (await json<Report>(response)).models['late-arrival']?.versions['1.0.0']?.predictions ?? 0
    }
    const before = await predictions()
    await infer({ inputs: [features] })
    let after = before
    for (let attempt = 0; attempt < 100 && after < before + rows.length; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      after = await predictions()
    }
    expect(after).toBeGreaterThanOrEqual(before + rows.length)
  })
})
