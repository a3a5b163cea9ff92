/** Every check of `nearcast validate`, failing on a version with the fault it looks for. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ValidateOptions } from '../../../src/cli/validate/validate-version.ts'
import { FOREIGN, servedDirectory } from '../../support/foreign.ts'
import { graphBytes } from '../../support/onnx-files.ts'
import { INT64, modelOf, node, oneNode, opset, tensor } from '../../support/small-graphs.ts'
import { changed, oneField, same, validating, withGraph } from '../../support/validating.ts'

/** Check → a version that fails it, options, and what its message must say. */
const FAILURES: [string, string, () => string, Partial<ValidateOptions>, RegExp][] = [
  [
    'manifest',
    'that breaks the schema',
    () => changed('mlp', (manifest) => Object.assign(manifest, { platform: 'tensorflow' })),
    {},
    /platform/,
  ],
  [
    'manifest',
    'that contradicts itself',
    () => changed('mlp', (manifest) => manifest.inputs[0].fields.pop()),
    {},
    /has 5 columns, shape \[-1,5\], and lists 4 fields/,
  ],
  [
    'sha256',
    'of other bytes',
    () => changed('mlp', (manifest) => Object.assign(manifest, { sha256: 'a'.repeat(64) })),
    {},
    /the manifest says a{64}/,
  ],
  [
    'fields',
    'with a calendar field nobody knows',
    () => changed('mlp', (manifest) => Object.assign(manifest.feature_view.fields[0], { source: 'local_time' })),
    {},
    /field "hour_of_day": no local_time field of that name/,
  ],
  [
    'fields',
    'with a zip column that the zip features lack',
    () => changed('pipeline', (manifest) => Object.assign(manifest.feature_view.fields[0], { source: 'zip' })),
    {},
    /the edge cannot fill all of them/,
  ],
  [
    'reference',
    'that is missing',
    () => changed('mlp', (manifest) => Object.assign(manifest, { reference: 'no.json' })),
    {},
    /no\.json/,
  ],
  [
    'reference',
    'of another model',
    () => changed('mlp', same, { 'reference.json': readFileSync(join(servedDirectory('days'), 'reference.json')) }),
    {},
    /is of "days" 1\.0\.0/,
  ],
  [
    'reference',
    'that is no profile',
    () => changed('mlp', same, { 'reference.json': '{"format":2}' }),
    {},
    /expected "format" 1/,
  ],
  ['graph', 'that is cut short', () => withGraph(graphBytes('truncated')), {}, /cannot be loaded/],
  [
    'graph',
    'whose weights are elsewhere',
    () => withGraph(new Uint8Array(readFileSync(join(FOREIGN, 'mlp.onnx')))),
    {},
    /external data file/,
  ],
  [
    'opset',
    'newer than the runtime',
    () => withGraph(oneNode('Identity', {}, [opset(99)])),
    {},
    /ai\.onnx 99: newer than this runtime/,
  ],
  [
    'operators',
    'that nobody knows',
    () => withGraph(oneNode('Frobnicate', { domain: 'com.example' }, [opset(13), opset(1, 'com.example')])),
    {},
    /1 of 1 are not known/,
  ],
  [
    'operators',
    'newer than the operator set',
    () => withGraph(oneNode('Gelu', {}, [opset(13)])),
    {},
    /1 of 1 are not known/,
  ],
  ['size', 'over its budget', () => servedDirectory('mlp'), { maximumBytes: 1_000 }, /1597 bytes, of 1000 at most/],
  ['signature', 'of another graph', () => withGraph(graphBytes('named')), {}, /the graph takes an input "device"/],
  [
    'signature',
    'with an output that the graph lacks',
    () => changed('mlp', (manifest) => Object.assign(manifest.outputs[0], { name: 'score' })),
    {},
    /the manifest has an output "score"/,
  ],
  [
    'golden',
    'that says something else',
    () => changed('mlp', (manifest) => Object.assign(manifest.golden[2].outputs, { bought_probability: 0.123 })),
    {},
    /golden\[2\]: output "bought_probability" is 0\.\d+ and should be 0\.123/,
  ],
  [
    'golden',
    'without a field',
    () => changed('mlp', (manifest) => delete manifest.golden[0].inputs.latitude),
    {},
    /golden\[0\] has no value for field "latitude"/,
  ],
  [
    'sweep',
    'with answers that are not finite',
    () => oneField('Log', 'value', [0, 10], [1, 0]),
    {},
    /rows inside the feature space/,
  ],
  [
    'sweep',
    'with probabilities over 1',
    () => oneField('Exp', 'probability', [-5, 5], [0, 1]),
    {},
    /rows inside the feature space/,
  ],
  [
    'time',
    'over its budget',
    () => servedDirectory('mlp'),
    { maximumMilliseconds: 1e-9 },
    /for one row, of 1e-9 at most/,
  ],
  [
    'baseline',
    'worse than the one asked for',
    () => servedDirectory('mlp'),
    { rows: join(FOREIGN, 'mlp.parquet'), label: 'bought', baseline: { auc: 0.999 } },
    /not better than the stated baseline: auc 0\.\d+ against 0\.9990/,
  ],
  [
    'baseline',
    'worse than the one its manifest states',
    () => changed('mlp', (manifest) => Object.assign(manifest, { metrics: { baseline: { log_loss: 0.01 } } })),
    { rows: join(FOREIGN, 'mlp.parquet'), label: 'bought' },
    /not better than the stated baseline: log_loss 0\.\d+ against 0\.0100/,
  ],
  [
    'stable',
    'too far from the stable one',
    () => changed('mlp', (manifest) => Object.assign(manifest, { version: '1.1.0' })),
    { stable: otherWeights(), maximumDifference: 0.01 },
    /difference from mlp 1\.0\.0 on the same \d+ rows: the mean is over 0\.01/,
  ],
]

/** A version of the mlp that answers one half, always. */
function otherWeights(): string {
  const half = modelOf({
    input: [tensor('features', [-1, 5])],
    output: [tensor('bought_probability', [-1, 1])],
    node: [
      node('ReduceMax', ['features'], ['greatest'], { attribute: [{ name: 'axes', type: 7, ints: [1] }] }),
      node('IsNaN', ['greatest'], ['missing']),
      node('Cast', ['missing'], ['one_or_zero'], { attribute: [{ name: 'to', type: 2, i: 1 }] }),
      node('Sub', ['one_or_zero', 'one_or_zero'], ['zero']),
      node('Sigmoid', ['zero'], ['bought_probability']),
    ],
  })
  return withGraph(half, (manifest) => {
    for (const row of manifest.golden) row.outputs.bought_probability = 0.5
  })
}

describe('validation fails', () => {
  for (const [check, what, directory, options, says] of FAILURES) {
    it(`${check}: a version ${what}`, async () => {
      const { of, valid } = await validating(directory(), options)
      expect(of(check)).toMatchObject({ status: 'failed' })
      expect(of(check)?.message).toMatch(says)
      expect(valid).toBe(false)
    })
  }

  it('and skips what a broken graph cannot be asked', async () => {
    const { checks } = await validating(withGraph(graphBytes('truncated')))
    const skipped = checks.filter(({ status }) => status === 'skipped').map(({ name }) => name)
    expect(skipped).toEqual(['opset', 'operators', 'signature', 'golden', 'sweep', 'time', 'baseline', 'stable'])
  })

  it('but an answer that is not finite only far outside is a warning', async () => {
    const { of, valid } = await validating(oneField('Exp', 'value', [0, 10], [0, 1]))
    expect(of('sweep')).toMatchObject({ status: 'warning', figures: { faults: 0 } })
    expect(of('sweep')?.details?.[0]).toMatch(/output "y" is Infinity: cart_value=\d+/)
    expect(valid).toBe(true)
  })

  it('and says so when an event field may be missing that an integer input cannot do without', async () => {
    const model = modelOf({
      input: [tensor('visits', [-1, 1], INT64)],
      output: [tensor('y', [-1, 1])],
      node: [node('Cast', ['visits'], ['y'], { attribute: [{ name: 'to', type: 2, i: 1 }] })],
    })
    const { of } = await validating(
      withGraph(model, (manifest) => {
        manifest.feature_view.fields = [{ name: 'visits', source: 'event' }]
        manifest.inputs = [{ name: 'visits', datatype: 'INT64', shape: [-1, 1], fields: ['visits'] }]
        manifest.outputs = [{ name: 'y', datatype: 'FP32', shape: [-1, 1], kind: 'value' }]
        manifest.golden = [{ inputs: { visits: 3 }, outputs: { y: 3 }, tolerance: 1e-5 }]
        delete manifest.reference
      }),
    )
    expect(of('sweep')?.status).toBe('failed')
    expect(of('sweep')?.details?.[0]).toBe('field "visits" is missing, and INT64 has no missing value: visits=missing')
  })
})
