import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import { type Manifest, manifestSchema } from '../../../src/protocol/manifest.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import type { ModelRuntime } from '../../../src/serving/ports.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { graphBytes, storedFixture } from '../../support/onnx-files.ts'

/** A deep copy of a fixture's manifest with `change` made to it. */
const changed = (name: string, change: (manifest: Manifest) => void): Manifest => {
  const manifest = structuredClone(storedFixture(name).manifest)
  change(manifest)
  return manifest
}

/** Counts sessions, so that a test can tell whether one was left open. */
const counting = (): ModelRuntime & { sessions: number } => {
  const runtime = {
    sessions: 0,
    async open(model: Uint8Array) {
      const session = await onnxRuntime.open(model)
      runtime.sessions++
      return {
        ...session,
        release: () => {
          runtime.sessions--
          return session.release()
        },
      }
    },
  }
  return runtime
}

const input = (manifest: Manifest) => manifest.inputs[0] as Manifest['inputs'][number]
const output = (manifest: Manifest) => manifest.outputs[0] as Manifest['outputs'][number]
const golden = (manifest: Manifest, row: number) => manifest.golden[row] as Manifest['golden'][number]

/** What is wrong, the graph, what was changed in its manifest, and what the error must say. */
const MISMATCHES: [string, string, (manifest: Manifest) => void, string][] = [
  [
    'another sha256',
    'mlp',
    (m) => {
      m.sha256 = 'a'.repeat(64)
    },
    `sha256 is ${storedFixture('mlp').manifest.sha256}, the manifest says ${'a'.repeat(64)}`,
  ],
  [
    'another input name',
    'mlp',
    (m) => {
      input(m).name = 'x'
    },
    'the graph takes an input "features"; the manifest has "x"',
  ],
  [
    'one input too many',
    'mlp',
    (m) => {
      m.inputs.push({ name: 'more', datatype: 'FP32', shape: [-1, 1], fields: ['latitude'] })
    },
    'the manifest has an input "more"; the graph takes "features"',
  ],
  [
    'an input twice',
    'mlp',
    (m) => {
      m.inputs.push(input(m))
    },
    'input "features" stands in the manifest twice',
  ],
  [
    'another datatype',
    'mlp',
    (m) => {
      input(m).datatype = 'FP64'
    },
    'input "features" is FP64 in the manifest and FP32 in the graph',
  ],
  [
    'fewer columns',
    'mlp',
    (m) => {
      input(m).shape = [-1, 4]
      input(m).fields.pop()
    },
    'input "features" has shape [-1,4] in the manifest and [-1,5] in the graph',
  ],
  [
    'a graph of fewer columns',
    'narrow',
    (m) => {
      m.sha256 = createHash('sha256').update(graphBytes('narrow')).digest('hex')
    },
    'input "features" has shape [-1,5] in the manifest and [-1,4] in the graph',
  ],
  [
    'another rank',
    'mlp',
    (m) => {
      input(m).shape = [-1, 1, 5]
    },
    'has shape [-1,1,5] in the manifest and [-1,5] in the graph',
  ],
  [
    'a fixed number of rows',
    'mlp',
    (m) => {
      input(m).shape = [1, 5]
    },
    'has shape [1,5]; the first dimension must be -1',
  ],
  [
    'fewer fields than columns',
    'mlp',
    (m) => {
      input(m).fields.pop()
    },
    'has 5 columns, shape [-1,5], and lists 4 fields',
  ],
  [
    'a field the view has not',
    'mlp',
    (m) => {
      input(m).fields[2] = 'altitude'
    },
    'lists field "altitude", which the feature view does not have',
  ],
  [
    'a field twice',
    'mlp',
    (m) => {
      m.feature_view.fields.push({ name: 'latitude', source: 'zip' })
    },
    'field "latitude" stands in the manifest twice',
  ],
  [
    'another output name',
    'mlp',
    (m) => {
      output(m).name = 'p'
    },
    'the manifest has an output "p"; the tensors of the graph are "late_probability"',
  ],
  [
    'another output datatype',
    'mlp',
    (m) => {
      output(m).datatype = 'INT64'
    },
    'output "late_probability" is INT64 in the manifest and came out as FP32',
  ],
  [
    'another output shape',
    'mlp',
    (m) => {
      output(m).shape = [-1]
    },
    'for 3 rows has shape [3] by the manifest and came out as [3,1]',
  ],
  [
    'a probability of seven columns',
    'days',
    (m) => {
      output(m).kind = 'probability'
    },
    'output "delivery_days" has 7 columns, shape [-1,7]; a probability has one',
  ],
  [
    'fewer labels than columns',
    'days',
    (m) => {
      output(m).labels?.pop()
    },
    'has 7 columns, shape [-1,7], and 6 labels',
  ],
  [
    'strings as an answer',
    'named',
    (m) => {
      m.outputs.push({ name: 'device_out', datatype: 'BYTES', shape: [-1, 1], kind: 'value' })
    },
    'output "device_out" is BYTES; only numbers can be answered',
  ],
  [
    'a golden row that differs',
    'mlp',
    (m) => {
      golden(m, 1).outputs = { late_probability: 0.75 }
    },
    'and should be 0.75, give or take 0.00001',
  ],
  [
    'a golden row that differs in one class',
    'days',
    (m) => {
      ;(golden(m, 2).outputs.delivery_days as number[])[3] = 0.9
    },
    'golden[2]: output "delivery_days"[3] is 0.',
  ],
  [
    'a golden row that expects a missing value',
    'mlp',
    (m) => {
      golden(m, 0).outputs = { late_probability: null }
    },
    'and should be NaN',
  ],
  [
    'a golden row without an output',
    'mlp',
    (m) => {
      golden(m, 0).outputs = {}
    },
    'golden[0]: output "late_probability" must be a number, not undefined',
  ],
  [
    'a golden row without a field',
    'mlp',
    (m) => {
      delete golden(m, 2).inputs.latitude
    },
    'golden[2] has no value for field "latitude"',
  ],
  [
    'a golden string for a number',
    'mlp',
    (m) => {
      golden(m, 2).inputs.latitude = '37'
    },
    'golden[2]: field "latitude" must be a number, not "37"',
  ],
  [
    'a golden number for a string',
    'named',
    (m) => {
      golden(m, 1).inputs.device = 3
    },
    'golden[1]: field "device" must be a string, not 3',
  ],
  [
    'a golden whole number that is missing',
    'named',
    (m) => {
      golden(m, 1).inputs.visits = null
    },
    'golden[1]: field "visits" is missing, and INT64 has no missing value',
  ],
]

describe('opening a version', () => {
  for (const [what, name, change, message] of MISMATCHES) {
    it(`refuses ${what}, saying what and both values`, async () => {
      const runtime = counting()
      const manifest = manifestSchema.parse(changed(name === 'narrow' ? 'mlp' : name, change))
      const error = await openModel({ manifest, model: graphBytes(name) }, runtime).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Failure)
      expect((error as Failure).code).toBe('model_unavailable')
      expect((error as Failure).message).toContain(message)
      expect((error as Failure).message).toMatch(/^(mlp|days|named)@1\.0\.0: /)
      expect(runtime.sessions).toBe(0)
    })
  }

  it('refuses bytes that are no graph even under their own sha256', async () => {
    const model = graphBytes('truncated')
    const manifest = changed('mlp', (m) => {
      m.sha256 = createHash('sha256').update(model).digest('hex')
    })
    await expect(openModel({ manifest, model }, onnxRuntime)).rejects.toThrow(
      /^mlp@1\.0\.0: the graph cannot be loaded: /,
    )
  })

  it('takes golden rows that hold a missing value, on either side', async () => {
    const manifest = changed('logarithm', (m) => {
      golden(m, 0).inputs = { cart_value: null }
      golden(m, 0).outputs = { log_value: null }
    })
    const model = await openModel({ manifest, model: graphBytes('logarithm') }, onnxRuntime)
    await model.release()
  })

  it('compares with the tolerance of each golden row', async () => {
    const off = 0.01
    const manifest = (tolerance: number) =>
      changed('mlp', (m) => {
        const row = golden(m, 0)
        row.outputs.late_probability = Number(row.outputs.late_probability) + off
        row.tolerance = tolerance
      })
    const files = (tolerance: number) => ({ manifest: manifest(tolerance), model: graphBytes('mlp') })
    await (await openModel(files(0.011), onnxRuntime)).release()
    await expect(openModel(files(0.009), onnxRuntime)).rejects.toThrow('give or take 0.009')
  })

  it('lets a manifest take some of the view only, in an order of its own', async () => {
    const stored = storedFixture('mlp').manifest
    const manifest = changed('mlp', (m) => {
      m.feature_view.fields.reverse()
      m.feature_view.fields.push({ name: 'unused', source: 'event', default: null })
    })
    const model = await openModel({ manifest, model: graphBytes('mlp') }, onnxRuntime)
    const { inputs, outputs } = golden(stored, 1)
    const numbers = Float64Array.from(manifest.feature_view.fields, ({ name }) => Number(inputs[name] ?? Number.NaN))
    const [row] = await model.predictRows({ numbers, strings: null })
    expect((row as { late_probability: number }).late_probability).toBeCloseTo(Number(outputs.late_probability), 5)
    await model.release()
  })

  it('answers no rows with no rows', async () => {
    const model = await openModel({ manifest: storedFixture('mlp').manifest, model: graphBytes('mlp') }, onnxRuntime)
    expect(await model.predictRows({ numbers: new Float64Array(0), strings: null })).toEqual([])
    await model.release()
  })
})
