/**
 * The Open Inference Protocol V2 for HTTP, sentence by sentence: kserve/open-inference-protocol, specification/protocol/inference_rest.md
 * and open_inference_rest.yaml, commit d49cc23 (read 2026-11). A test's name ends with the section it is of.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelMetadata } from '../../src/protocol/inference.ts'
import { json } from '../support/answer.ts'
import { infer, inferenceApp, TREES_INPUT, WRITE_TOKEN } from '../support/inference-app.ts'
import { storedFixture } from '../support/onnx-files.ts'

const served = inferenceApp()
const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  Promise.resolve(served.app.request(`https://nearcast.test${path}`, init))

const PATHS = [
  '/v2',
  '/v2/health/live',
  '/v2/health/ready',
  '/v2/models/trees',
  '/v2/models/trees/ready',
  '/v2/models/trees/versions/1.0.0',
  '/v2/models/trees/versions/1.0.0/ready',
]

describe('server live (Server Live)', () => {
  it('answers {"live": $bool} with 200', async () => {
    const response = await get('/v2/health/live')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ live: true })
  })
})

describe('server ready (Server Ready)', () => {
  it('answers 503 with the reason while a model is not ready, and still says that it is live', async () => {
    const response = await get('/v2/health/ready')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ live: true, ready: false, error: expect.stringContaining('broken@1.0.0') })
  })
})

describe('server metadata (Server Metadata)', () => {
  it.each(['/v2', '/v2/'])('answers name, version and extensions with 200 at %s', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ name: 'nearcast', version: '0.0.0', extensions: [] })
  })
})

describe('model metadata (Model Metadata)', () => {
  it.each(['/v2/models/trees', '/v2/models/trees/versions/1.1.0'])(
    'answers name, versions, platform, inputs and outputs with 200 at %s',
    async (path) => {
      const response = await get(path)
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({
        name: 'trees',
        versions: ['1.0.0', '1.1.0', '1.2.0'],
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 5] }],
        outputs: [{ name: 'late_probability', datatype: 'FP32', shape: [-1, 1] }],
      })
    },
  )

  it('describes each tensor of a model of many by name, datatype of the table and shape, variable sizes as -1', async () => {
    const { inputs, outputs } = await json<ModelMetadata>(await get('/v2/models/named'))
    expect(inputs.map(({ name, datatype }) => `${name} ${datatype}`)).toEqual([
      'device BYTES',
      'visits INT64',
      'hour INT32',
      'returning BOOL',
      'price FP64',
      'place FP32',
    ])
    for (const tensor of [...inputs, ...outputs]) {
      expect(Object.keys(tensor).sort()).toEqual(['datatype', 'name', 'shape'])
      expect(tensor.shape[0]).toBe(-1)
    }
  })

  it('names only versions that may be asked for explicitly', async () => {
    const { versions } = await json<ModelMetadata>(await get('/v2/models/trees'))
    for (const version of versions) {
      const answer = await infer(
        served,
        `trees/versions/${version}/infer`,
        { inputs: [TREES_INPUT] },
        {
          authorization: `Bearer ${WRITE_TOKEN}`,
        },
      )
      expect(`${version} ${answer.status} ${answer.answer.model_version}`).toBe(`${version} 200 ${version}`)
    }
  })
})

describe('model ready (Model Ready)', () => {
  it.each(['/v2/models/trees/ready', '/v2/models/trees/versions/1.1.0/ready'])(
    'answers {"name", "ready"} with 200 at %s',
    async (path) => {
      const response = await get(path)
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ name: 'trees', ready: true })
    },
  )

  it('answers ready false with a status that is an error, and why, for a model that cannot be loaded', async () => {
    const response = await get('/v2/models/broken/ready')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      name: 'broken',
      ready: false,
      error: expect.stringMatching(/broken@1\.0\.0.*sha256/),
    })
  })
})

describe('an inference (Inference, Inference Response JSON Object)', () => {
  it('answers model_name, model_version and outputs of name, shape, datatype and data with 200', async () => {
    const { status, answer } = await infer(served, 'trees/infer', { inputs: [TREES_INPUT] })
    expect(status).toBe(200)
    expect(answer).toEqual({
      model_name: 'trees',
      model_version: '1.0.0',
      outputs: [{ name: 'late_probability', shape: [1, 1], datatype: 'FP32', data: [expect.any(Number)] }],
    })
  })

  it.each(['42', '', 'é "quoted"'])('returns the identifier %j of the request', async (id) => {
    expect((await infer(served, 'trees/infer', { id, inputs: [TREES_INPUT] })).answer.id).toBe(id)
  })

  it('returns no identifier when none was given', async () => {
    expect((await infer(served, 'trees/infer', { inputs: [TREES_INPUT] })).answer).not.toHaveProperty('id')
  })

  it('chooses the stable version when none is given, whoever asks', async () => {
    for (const id of ['a', 'b', 'c']) {
      expect((await infer(served, 'trees/infer', { id, inputs: [TREES_INPUT] })).answer.model_version).toBe('1.0.0')
    }
  })

  it('runs the version in the URL', async () => {
    const { status, answer } = await infer(served, 'trees/versions/1.1.0/infer', { inputs: [TREES_INPUT] })
    expect([status, answer.model_version]).toEqual([200, '1.1.0'])
  })

  it('answers the shape and data of the entire batch (Request Input, Response Output)', async () => {
    const { inputs, outputs } = storedFixture('trees')
    const { status, answer } = await infer(served, 'trees/infer', {
      inputs: Object.entries(inputs).map(([name, tensor]) => ({ name, ...tensor })),
    })
    expect(status).toBe(200)
    expect(answer.outputs[0]?.shape).toEqual(outputs.late_probability?.shape)
    for (const [row, value] of (answer.outputs[0]?.data ?? []).entries()) {
      expect(value).toBeCloseTo(Number(outputs.late_probability?.data[row]), 6)
    }
  })

  it('answers an empty batch with empty outputs of the full shape', async () => {
    const empty = { name: 'features', shape: [0, 5], datatype: 'FP32', data: [] }
    const { answer } = await infer(served, 'days/infer', { inputs: [empty] })
    expect(answer.outputs).toEqual([
      { name: 'delivery_days', shape: [0, 7], datatype: 'FP32', data: [] },
      { name: 'expected_days', shape: [0, 1], datatype: 'FP32', data: [] },
    ])
  })
})

describe('requested outputs (Inference Request JSON Object)', () => {
  const features = { ...TREES_INPUT, data: [21, 6, 37.76, -122.39, 3] }
  const names = async (outputs: unknown): Promise<string[]> =>
    (await infer(served, 'days/infer', { inputs: [features], outputs })).answer.outputs.map(({ name }) => name)

  it('are all outputs when not specified', async () => {
    expect(await names(undefined)).toEqual(['delivery_days', 'expected_days'])
    expect(await names([])).toEqual(['delivery_days', 'expected_days'])
  })

  it('are those named, in that order, each once', async () => {
    expect(await names([{ name: 'expected_days' }])).toEqual(['expected_days'])
    const [first, second] = [{ name: 'expected_days' }, { name: 'delivery_days', parameters: { binary_data: true } }]
    expect(await names([first, second, first])).toEqual(['expected_days', 'delivery_days'])
  })

  it('are refused when the model has none of that name', async () => {
    const { status, answer } = await infer(served, 'days/infer', { inputs: [features], outputs: [{ name: 'x' }] })
    expect(status).toBe(400)
    expect(answer).toEqual({ error: 'the model has no output "x"; it puts out "delivery_days", "expected_days"' })
  })
})

describe('parameters (Parameters)', () => {
  it('are accepted as strings, numbers and booleans on the request, its inputs and its outputs', async () => {
    const parameters = { text: 'a', number: 1.5, long: 2 ** 60, yes: true }
    const { status, answer } = await infer(served, 'trees/infer', {
      parameters,
      inputs: [{ ...TREES_INPUT, parameters }],
      outputs: [{ name: 'late_probability', parameters }],
    })
    expect(status).toBe(200)
    expect(Object.keys(answer)).toEqual(['model_name', 'model_version', 'outputs'])
  })

  it('are refused as anything else', async () => {
    const { status, answer } = await infer(served, 'trees/infer', { parameters: { a: {} }, inputs: [TREES_INPUT] })
    expect(status).toBe(400)
    expect(answer.error).toBe('parameters is an object: must hold strings, numbers and booleans by name')
  })

  it('may stand beside members that nobody knows', async () => {
    const { status } = await infer(served, 'trees/infer', { inputs: [{ ...TREES_INPUT, more: 1 }], sequence: [] })
    expect(status).toBe(200)
  })
})

describe('tensor data (Tensor Data)', () => {
  const matrix = { name: 'features', shape: [2, 5], datatype: 'FP32' }
  const rows = [
    [21, 6, 37.76, -122.39, 3],
    [4, 1, 40.75, -73.99, 250],
  ]

  it('is row-major, flat or in its natural form', async () => {
    const [flat, nested] = await Promise.all(
      [rows.flat(), rows].map((data) => infer(served, 'trees/infer', { inputs: [{ ...matrix, data }] })),
    )
    expect(flat?.status).toBe(200)
    expect(nested?.answer.outputs).toEqual(flat?.answer.outputs)
    const [first, second] = await Promise.all(
      rows.map((data) => infer(served, 'trees/infer', { inputs: [{ ...TREES_INPUT, data }] })),
    )
    expect(flat?.answer.outputs[0]?.data).toEqual([first, second].map((row) => row?.answer.outputs[0]?.data[0]))
  })

  it('takes null for a value that is missing where the datatype has NaN', async () => {
    const stored = storedFixture('trees').inputs.features?.data.slice(0, 5)
    expect(stored).toContain(null)
    const expected = storedFixture('trees').outputs.late_probability?.data[0]
    const { answer } = await infer(served, 'trees/infer', { inputs: [{ ...TREES_INPUT, data: stored }] })
    expect(answer.outputs[0]?.data[0]).toBeCloseTo(Number(expected), 6)
  })

  it('takes the bare NaN of some clients as null, but not inside a string', async () => {
    const [nan, missing] = await Promise.all(
      ['NaN', 'null'].map((value) => {
        const body = JSON.stringify({ id: 'NaN', inputs: [{ ...TREES_INPUT, data: [21, 6, 37.76, -122.39, 'v'] }] })
        return infer(served, 'trees/infer', body.replace('"v"', value))
      }),
    )
    expect(nan).toEqual(missing)
    expect(nan?.answer).toMatchObject({ id: 'NaN', model_version: '1.0.0' })
  })

  it.each([
    [
      'nested otherwise than its shape',
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8],
        [9, 10],
      ],
      'has an array of 4 at depth 0 of its data; shape [2,5] has an array of 2 there',
    ],
    [
      'nested with short rows',
      [[1, 2, 3, 4, 5], [6]],
      'has an array of 1 at depth 1 of its data; shape [2,5] has an array of 5 there',
    ],
    [
      'nested and flat at once',
      [[1, 2, 3, 4, 5], 6],
      'has 6 at depth 1 of its data; shape [2,5] has an array of 5 there',
    ],
    [
      'nested too deep',
      [
        [1, 2, 3, 4, [5]],
        [6, 7, 8, 9, 10],
      ],
      'has [5] at [0,4], which is no FP32',
    ],
    ['too short', [1, 2, 3], 'has 3 elements; shape [2,5] holds 10'],
    ['too long', Array(11).fill(1), 'has 11 elements; shape [2,5] holds 10'],
  ])('is refused when it is %s', async (_, data, message) => {
    const { status, answer } = await infer(served, 'trees/infer', { inputs: [{ ...matrix, data }] })
    expect(status).toBe(400)
    expect(answer).toEqual({ error: `input "features" ${message}` })
  })
})

describe('tensor datatypes (Tensor Data Types)', () => {
  const inputs = (changes: Record<string, object> = {}): object[] =>
    [
      { name: 'device', datatype: 'BYTES', shape: [1, 1], data: ['télé'] },
      { name: 'visits', datatype: 'INT64', shape: [1, 1], data: [17] },
      { name: 'hour', datatype: 'INT32', shape: [1, 1], data: [-2147483648] },
      { name: 'returning', datatype: 'BOOL', shape: [1, 1], data: [true] },
      { name: 'price', datatype: 'FP64', shape: [1, 1], data: [0.1] },
      { name: 'place', datatype: 'FP32', shape: [1, 2], data: [[8.25, -4.5]] },
    ].map((input) => ({ ...input, ...changes[input.name] }))

  it('go in and come out as JSON of their own kind', async () => {
    const { status, answer } = await infer(served, 'named/infer', { inputs: inputs().toReversed() })
    expect(status).toBe(200)
    const outputs = Object.fromEntries(answer.outputs.map(({ name, datatype, data }) => [name, { datatype, data }]))
    expect(outputs).toMatchObject({
      high: { datatype: 'BOOL', data: [expect.any(Boolean)] },
      visits_out: { datatype: 'INT64', data: [17] },
      hour_out: { datatype: 'INT32', data: [-2147483648] },
      price_out: { datatype: 'FP64', data: [0.1] },
    })
  })

  it('give what another runtime gave for 48 rows of all of them', async () => {
    const stored = storedFixture('named')
    const { answer } = await infer(served, 'named/infer', {
      inputs: Object.entries(stored.inputs).map(([name, tensor]) => ({ name, ...tensor })),
    })
    for (const { name, data } of answer.outputs) {
      const expected = stored.outputs[name]?.data ?? []
      expect(data.length).toBe(48)
      for (const [row, value] of data.entries()) {
        if (typeof value === 'boolean') expect(value).toBe(expected[row])
        else expect(Number(value)).toBeCloseTo(Number(expected[row]), 4)
      }
    }
  })

  it.each([
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '-9007199254740993',
    '1234567890123456789',
  ])('keep INT64 %s exact on the way in and out', async (digits) => {
    const body = JSON.stringify({ inputs: inputs({ visits: { data: ['digits'] } }) }).replace('"digits"', digits)
    const { status, text } = await infer(served, 'named/infer', body)
    expect(status).toBe(200)
    expect(text).toContain(`"datatype":"INT64","data":[${digits}]`)
  })

  it.each([
    ['visits', '9223372036854775808', 'which is no INT64'],
    ['visits', '1.5', 'which is no INT64'],
    ['visits', '1e20', 'which is no INT64'],
    ['visits', 'null', 'which is no INT64'],
    ['hour', '2147483648', 'which is no INT32'],
    ['hour', '"3"', 'which is no INT32'],
    ['returning', '1', 'which is no BOOL'],
    ['device', '7', 'which is no BYTES'],
    ['price', '"0.1"', 'which is no FP64'],
    ['price', '1e400', 'which is no FP64'],
    ['price', 'true', 'which is no FP64'],
  ])('refuse in %s the value %s', async (name, value, message) => {
    const body = JSON.stringify({ inputs: inputs({ [name]: { data: ['value'] } }) }).replace('"value"', value)
    const { status, answer } = await infer(served, 'named/infer', body)
    expect(status).toBe(400)
    expect(answer.error).toMatch(new RegExp(`^input "${name}" has .* at \\[0,0\\], ${message}$`))
  })

  it('refuse a number too large for FP32', async () => {
    const data = [[1, 1e39]]
    const { status, answer } = await infer(served, 'named/infer', { inputs: inputs({ place: { data } }) })
    expect([status, answer.error]).toEqual([400, 'input "place" has 1e+39 at [0,1], which is no FP32'])
  })

  it.each(['UINT8', 'FP64', 'FLOAT'])('refuse %s where the model takes FP32', async (datatype) => {
    const { status, answer } = await infer(served, 'trees/infer', { inputs: [{ ...TREES_INPUT, datatype }] })
    expect([status, answer]).toEqual([400, { error: `input "features" is "${datatype}"; the model takes FP32` }])
  })

  it('are served as a library exported them: strings, several inputs, classes without their ZipMap', async () => {
    const metadata = await json<ModelMetadata>(await get('/v2/models/pipeline'))
    const { status, answer } = await infer(served, 'pipeline/infer', {
      inputs: metadata.inputs.map(({ name, datatype }) => ({
        name,
        datatype,
        shape: [2, 1],
        data: datatype === 'BYTES' ? ['phone', 'desktop'] : [[1], [2]],
      })),
    })
    expect(status).toBe(200)
    expect(answer.outputs).toMatchObject([{ name: 'bought_probability', shape: [2, 2], datatype: 'FP32' }])
    const [no = 0, yes = 0] = (answer.outputs[0]?.data ?? []) as number[]
    expect(no + yes).toBeCloseTo(1, 6)
  })
})

describe('inputs that are not the model’s', () => {
  const { datatype, data } = TREES_INPUT
  it.each([
    ['no input', 'trees', [], 'input "features" is missing; the model takes "features"'],
    ['another name', 'trees', [{ ...TREES_INPUT, name: 'x' }], 'the model has no input "x"; it takes "features"'],
    ['one twice', 'trees', [TREES_INPUT, TREES_INPUT], 'input "features" is given twice'],
    [
      'another width',
      'trees',
      [{ ...TREES_INPUT, shape: [1, 4] }],
      'input "features" has shape [1,4]; the model takes [-1,5]',
    ],
    [
      'another rank',
      'trees',
      [{ ...TREES_INPUT, shape: [5] }],
      'input "features" has shape [5]; the model takes [-1,5]',
    ],
    ['no shape', 'trees', [{ name: 'features', datatype, data }], 'inputs[0].shape is missing'],
    ['no name', 'trees', [{ shape: [1, 5], datatype, data }], 'inputs[0].name is missing'],
    ['no datatype', 'trees', [{ name: 'features', shape: [1, 5], data }], 'inputs[0].datatype is missing'],
    ['no data', 'trees', [{ name: 'features', shape: [1, 5], datatype }], 'inputs[0].data is missing'],
    ['a negative size', 'trees', [{ ...TREES_INPUT, shape: [-1, 5] }], 'inputs[0].shape is [-1,5]: must be'],
    ['a broken size', 'trees', [{ ...TREES_INPUT, shape: [1.5, 5] }], 'inputs[0].shape is [1.5,5]: must be'],
    [
      'data that is no array',
      'trees',
      [{ ...TREES_INPUT, data: 'AAA=' }],
      'inputs[0].data is "AAA=": must be an array',
    ],
    ['a name that is none', 'trees', [{ ...TREES_INPUT, name: 7 }], 'inputs[0].name is 7'],
  ])('are refused: %s', async (_, model, inputs, message) => {
    const { status, answer } = await infer(served, `${model}/infer`, { inputs })
    expect(status).toBe(400)
    expect(Object.keys(answer)).toEqual(['error'])
    expect(answer.error).toContain(message)
  })

  it('are refused when they differ in rows', async () => {
    const stored = storedFixture('named').inputs
    const inputs = Object.entries(stored).map(([name, { datatype, shape, data }]) => {
      const rows = name === 'hour' ? 2 : 3
      return { name, datatype, shape: [rows, shape[1]], data: data.slice(0, rows * (shape[1] ?? 1)) }
    })
    const { status, answer } = await infer(served, 'named/infer', { inputs })
    expect([status, answer]).toEqual([400, { error: 'input "hour" has 2 rows, input "device" has 3' }])
  })
})

describe('a failed request (the JSON Error Objects)', () => {
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> => get(path, { method: 'POST', body, headers })
  const infers = '/v2/models/trees/infer'
  const writer = { headers: { authorization: `Bearer ${WRITE_TOKEN}` } }

  it.each<[string, number, () => Promise<Response>]>([
    ['an unknown model', 404, () => get('/v2/models/nobody')],
    ['an unknown version', 404, () => get('/v2/models/trees/versions/9.9.9', writer)],
    ['an unknown model’s readiness', 404, () => get('/v2/models/nobody/ready')],
    ['an unknown version’s readiness', 404, () => get('/v2/models/trees/versions/9.9.9/ready', writer)],
    ['inference on an unknown model', 404, () => post('/v2/models/nobody/infer', '{"inputs":[]}')],
    [
      'inference on an unknown version',
      404,
      () => post('/v2/models/trees/versions/9.9.9/infer', '{"inputs":[]}', writer.headers),
    ],
    ['an unreleased version without its token', 401, () => get('/v2/models/trees/versions/1.2.0')],
    ['a path that is none', 404, () => get('/v2/nothing')],
    ['a method that is none of the path', 405, () => get(infers)],
    ['OPTIONS', 405, () => get(infers, { method: 'OPTIONS' })],
    ['an empty body', 400, () => post(infers, '')],
    ['a body that is no JSON', 400, () => post(infers, '{"inputs":[')],
    ['a body with Infinity, which is no JSON', 400, () => post(infers, '{"inputs":[{"data":[Infinity]}]}')],
    ['a body that is no object', 400, () => post(infers, '[]')],
    ['a body without inputs', 400, () => post(infers, '{}')],
    ['an identifier that is no string', 400, () => post(infers, '{"id":42,"inputs":[]}')],
    ['a body that is not UTF-8', 400, () => post(infers, new Uint8Array([0xff, 0xfe]))],
    ['a body nested too deep', 400, () => post(infers, '['.repeat(100))],
    ['a body too large', 413, () => post(infers, ' '.repeat(5_000_000))],
    ['a binary body', 415, () => post(infers, '{}', { 'content-type': 'application/octet-stream' })],
    ['a compressed body', 415, () => post(infers, '{}', { 'content-encoding': 'gzip' })],
    ['binary tensor data', 415, () => post(infers, '{}', { 'inference-header-content-length': '2' })],
    ['a model that cannot be loaded', 503, () => post('/v2/models/broken/infer', '{"inputs":[]}')],
  ])('has an error status and {"error": $string}: %s', async (_, status, request) => {
    const response = await request()
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ error: expect.stringMatching(/./) })
  })

  it('names the methods a path does answer', async () => {
    expect((await get(infers)).headers.get('allow')).toBe('POST')
    expect((await get('/v2', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD')
  })

  it('is refused with both limits when it has too many rows, before they are read', async () => {
    const { status, answer } = await infer(served, 'trees/infer', { inputs: [{ ...TREES_INPUT, shape: [1001, 5] }] })
    expect(status).toBe(413)
    expect(answer.error).toMatch(/1001 rows.*4194304 bytes and 1000 events/)
  })

  it('is refused when it has more inputs than any graph, without a look at each', async () => {
    const { status, answer } = await infer(served, 'trees/infer', { inputs: Array(2_000).fill({}) })
    expect(status).toBe(400)
    expect(answer.error).toBe('inputs is an array of 2000: there are 2000, and may be 1000')
  })

  it('tells tritonclient how to send tensors as JSON', async () => {
    const response = await post(infers, '{}', { 'inference-header-content-length': '2' })
    expect(await response.json()).toMatchObject({ error: expect.stringContaining('binary_data=False') })
  })

  it('does not hold what JSON cannot: an output that is not finite fails the request, naming its place', async () => {
    const input = { name: 'features', shape: [3, 1], datatype: 'FP32' }
    const nan = await infer(served, 'logarithm/infer', { inputs: [{ ...input, data: [1, -1, 2] }] })
    expect(nan.status).toBe(500)
    expect(nan.answer).toEqual({ error: 'output "log_value" is NaN at [1,0], and JSON has no such number' })
    const infinite = await infer(served, 'logarithm/infer', { inputs: [{ ...input, data: [1, 1, 0] }] })
    expect(infinite.answer).toEqual({ error: 'output "log_value" is -Infinity at [2,0], and JSON has no such number' })
  })
})

describe('whatever JSON comes', () => {
  const odd = fc.jsonValue({ maxDepth: 3 })
  const often = <T>(value: T, other: fc.Arbitrary<unknown> = odd): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other })
  const float = fc.float({ noNaN: true, noDefaultInfinity: true })
  const number = fc.oneof({ weight: 9, arbitrary: float }, fc.double({ noNaN: true }), fc.constant(null))
  const row = fc.array(number, { minLength: 5, maxLength: 5 })
  const input = fc.record({
    name: often('features'),
    datatype: often('FP32'),
    shape: often([1, 5], fc.oneof(fc.array(fc.nat(6), { maxLength: 3 }), odd)),
    data: fc.oneof({ weight: 5, arbitrary: row }, fc.array(row), odd),
    parameters: often({}),
  })
  const inputs = fc.oneof({ weight: 5, arbitrary: fc.tuple(input) }, fc.array(input, { maxLength: 2 }), odd)
  const request = fc.record({ inputs, id: often('42'), outputs: often([]), parameters: often({}) })

  it('is inferred or refused as the caller’s mistake, and never a failure of the server', async () => {
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 9, arbitrary: request }, odd), async (body) => {
        const { status, answer } = await infer(served, 'trees/infer', JSON.stringify(body))
        statuses.add(status)
        if (status === 200) expect(answer).toMatchObject({ model_name: 'trees', outputs: [{}] })
        else expect([status, answer]).toEqual([400, { error: expect.stringMatching(/./) }])
      }),
      { numRuns: 1_000 },
    )
    expect(statuses).toEqual(new Set([200, 400]))
  })
})

describe('every path', () => {
  it.each(PATHS)('answers HEAD as GET, without a body: %s', async (path) => {
    const [head, full] = await Promise.all([get(path, { method: 'HEAD' }), get(path)])
    expect(head.status).toBe(full.status)
    expect(head.headers.get('content-type')).toBe(full.headers.get('content-type'))
    expect(await head.text()).toBe('')
  })

  it('answers JSON whatever content type the caller names, or none', async () => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', '']) {
      const { status } = await infer(served, 'trees/infer', { inputs: [TREES_INPUT] }, { 'content-type': type })
      expect(`${type} ${status}`).toBe(`${type} 200`)
    }
  })
})
