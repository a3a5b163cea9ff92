/** `nearcast import`, on what scikit-learn, LightGBM, XGBoost and PyTorch exported. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { DisagreementError } from '../../../src/cli/import/draft-version.ts'
import { importModel } from '../../../src/cli/import/import-model.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import { FOREIGN, importOptions, MODELS, servedDirectory, storedPredictions } from '../../support/foreign.ts'
import { foreignFeatures, worstFromPredicted } from '../../support/foreign-rows.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { INT64, modelOf, node, oneNode, tensor } from '../../support/small-graphs.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-import-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const quiet = { write: () => true }
const importing = (name: string, changes: Parameters<typeof importOptions>[2] = {}, output = join(scratch, 'fresh')) =>
  importModel(importOptions(name, output, { replace: true, ...changes }), onnxRuntime, quiet)

let written = 0
/** The path of a graph written for one test. */
const graphFile = (bytes: Uint8Array): string => {
  const path = join(scratch, `graph-${written++}.onnx`)
  writeFileSync(path, bytes)
  return path
}

describe('a model trained elsewhere', () => {
  for (const name of MODELS) {
    it(`${name}: is imported to the same bytes as the version kept here`, async () => {
      const { directory } = await importing(name)
      for (const file of ['model.onnx', 'manifest.json', 'reference.json', 'MODEL_CARD.md']) {
        expect(readFileSync(join(directory, file)).equals(readFileSync(join(servedDirectory(name), file))), file).toBe(
          true,
        )
      }
    })

    it(`${name}: answers what the library predicted, to 1e-5`, async () => {
      const { drafted } = await importing(name)
      expect(drafted.agreement?.greatest).toBeLessThan(1e-5)
      const model = readFileSync(join(servedDirectory(name), 'model.onnx'))
      const opened = await openModel({ manifest: drafted.manifest, model }, onnxRuntime)
      const stored = storedPredictions(name)
      const answers = await opened.predictRows(foreignFeatures(drafted.manifest, stored))
      expect(answers.length).toBe(60)
      expect(worstFromPredicted(answers, stored)).toBeLessThan(1e-5)
      await opened.release()
    })
  }

  it('says what a column stands for at the edge', async () => {
    const { manifest } = (await importing('pipeline')).drafted
    expect(manifest.feature_view.fields).toEqual([
      { name: 'device', source: 'event' },
      { name: 'state', source: 'zip', default: null },
      { name: 'hour_of_day', source: 'time' },
      { name: 'latitude', source: 'zip', default: null },
      { name: 'longitude', source: 'zip', default: null },
      { name: 'cart_value', source: 'event' },
      { name: 'visits', source: 'event' },
    ])
    expect(manifest.inputs.map(({ name, datatype }) => `${name} ${datatype}`).slice(0, 3)).toEqual([
      'device BYTES',
      'state BYTES',
      'hour_of_day FP32',
    ])
    expect(manifest.golden.some(({ inputs }) => inputs.device === null)).toBe(true)
    expect(manifest.golden.some(({ inputs }) => inputs.cart_value === null)).toBe(true)
  })

  it('takes a field from the given view instead', async () => {
    const view = join(scratch, 'view.json')
    writeFileSync(
      view,
      JSON.stringify({
        version: 3,
        fields: [{ name: 'cart_value', source: 'event', path: 'cart.value', default: null }],
      }),
    )
    const { manifest } = (await importing('pipeline', { view })).drafted
    expect(manifest.feature_view.version).toBe(3)
    expect(manifest.feature_view.fields[5]).toEqual({
      name: 'cart_value',
      source: 'event',
      path: 'cart.value',
      default: null,
    })
  })

  it('loses its ZipMap, and says so', async () => {
    const { drafted } = await importing('lightgbm')
    expect(drafted.notes[0]).toBe(
      'ZipMap taken off output "probabilities": it is a tensor of probabilities now, one column a class',
    )
    expect(drafted.notes).toContain('output "probabilities": a probability, column 1, class 1')
    expect(drafted.manifest.outputs).toEqual([
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2], kind: 'probability', column: 1 },
    ])
  })

  it('answers a distribution over its classes, or over the labels given', async () => {
    expect((await importing('xgboost')).drafted.manifest.outputs[0].labels).toEqual([0, 1, 2])
    const named = await importing('xgboost', { labels: ['barolo', 'grignolino', 'barbera'], name: 'wine' })
    expect(named.drafted.manifest.outputs[0].labels).toEqual(['barolo', 'grignolino', 'barbera'])
    await expect(importing('xgboost', { labels: ['one'], name: 'wine' })).rejects.toThrow(
      '3 columns and --labels names 1',
    )
  })

  it('brings weights along that the exporter left in another file', async () => {
    const { drafted } = await importing('mlp')
    expect(drafted.notes[0]).toBe('weights from mlp.onnx.data moved into the graph')
  })

  it('is told by predictions given for it that columns are in another order', async () => {
    const columns = ['day_of_week', 'hour_of_day', 'latitude', 'longitude', 'cart_value']
    const swapped = importing('mlp', { columns, name: 'swapped' })
    await expect(swapped).rejects.toThrow(DisagreementError)
    await expect(swapped).rejects.toThrow(
      /row \d+: output "bought_probability" is 0\.\d+ by the graph and 0\.\d+ in the table/,
    )
  })

  it('gets golden rows from the runtime when no predictions are given', async () => {
    const { drafted } = await importing('mlp', { predicted: [], name: 'alone' })
    expect(drafted.agreement).toBeUndefined()
    expect(drafted.manifest.golden.length).toBe(12)
  })

  it('never changes a version', async () => {
    const output = join(scratch, 'kept')
    await importing('mlp', { name: 'kept', replace: false }, output)
    const other = importing('days', { name: 'kept', replace: false }, output)
    await expect(other).rejects.toThrow('a version never changes; nothing was written')
  })
})

const REFUSED: [string, string, Parameters<typeof importOptions>[2], string][] = [
  ['a file that is not there', 'mlp', { model: 'nowhere.onnx' }, 'nowhere.onnx does not exist'],
  ['a file that is no model', 'mlp', { model: join(FOREIGN, 'mlp.json') }, 'mlp.json is not an ONNX model'],
  ['a name that no model may have', 'mlp', { name: 'Not A Name' }, 'must be 1 to 63 of a-z'],
  ['a matrix whose columns nobody names', 'mlp', { columns: undefined }, 'takes 5 columns and the table has'],
  ['too few columns', 'mlp', { columns: ['latitude'] }, 'takes 5 columns and --columns names 1'],
  [
    'a column that is not there',
    'mlp',
    { columns: ['a', 'b', 'c', 'd', 'e'] },
    'wants column "a"; the table has event_id',
  ],
  [
    'text for a number',
    'mlp',
    { columns: ['device', 'day_of_week', 'latitude', 'longitude', 'cart_value'] },
    'column "device" holds text',
  ],
  [
    'an output that is not there',
    'mlp',
    { answers: ['score=late'] },
    'the graph has no output "score"; it has "bought_probability"',
  ],
  [
    'an answer by a name that is taken',
    'mlp',
    { answers: ['bought_probability=features'] },
    '"features" is another value',
  ],
  ['an answer without a name', 'mlp', { answers: ['bought_probability='] }, 'expected NAME or NAME=ANSWERED_NAME'],
  [
    'too few predictions',
    'xgboost',
    { predicted: ['predicted_0'] },
    '--predicted names 1 columns and the model answers 3',
  ],
  ['a table without such predictions', 'mlp', { predicted: ['score'] }, 'has no column score'],
  ['a view that is none', 'mlp', { view: join(FOREIGN, 'mlp.json') }, '--view'],
  ['a time that is not there', 'mlp', { time: 'when' }, '--time when: no such column'],
]

describe('an import is refused, with what is wrong,', () => {
  for (const [what, name, changes, says] of REFUSED) {
    it(`for ${what}`, async () => {
      const attempt = importing(name, changes, join(scratch, 'refused'))
      await expect(attempt).rejects.toThrow(says)
      await expect(attempt).rejects.toThrow(UsageError)
    })
  }

  it('for a graph with a fixed number of rows', async () => {
    const model = graphFile(
      modelOf({
        input: [tensor('latitude', [1, 1])],
        output: [tensor('y', [1, 1])],
        node: [node('Identity', ['latitude'], ['y'])],
      }),
    )
    await expect(importing('mlp', { model, columns: undefined, predicted: [] })).rejects.toThrow(
      'a fixed number of rows',
    )
  })

  it('for columns that add up to no distribution', async () => {
    const model = graphFile(oneNode('Identity'))
    const attempt = importing('mlp', { model, columns: ['latitude', 'longitude'], predicted: [] })
    await expect(attempt).rejects.toThrow('2 columns that do not add up to 1')
  })

  it('for two inputs that each take several columns', async () => {
    const graph = {
      input: [tensor('a', [-1, 2]), tensor('b', [-1, 2])],
      output: [tensor('y', [-1, 2])],
      node: [node('Add', ['a', 'b'], ['y'])],
    }
    await expect(importing('mlp', { model: graphFile(modelOf(graph)), predicted: [] })).rejects.toThrow(
      'inputs "a", "b" each take several columns',
    )
  })
})

describe('an integer input', () => {
  const counts = () =>
    graphFile(
      modelOf({
        input: [tensor('cart_value', [-1, 1], INT64)],
        output: [tensor('y', [-1, 1])],
        node: [node('Cast', ['cart_value'], ['y'], { attribute: [{ name: 'to', type: 2, i: 1 }] })],
      }),
    )

  it('cannot be missing: such rows are counted and none of them is golden', async () => {
    const { drafted } = await importing('mlp', { model: counts(), columns: undefined, predicted: [], name: 'counts' })
    expect(drafted.notes).toContainEqual(expect.stringMatching(/^\d+ rows lack a value that an integer input/))
    expect(drafted.manifest.outputs[0].kind).toBe('value')
    expect(drafted.manifest.golden.every(({ inputs }) => inputs.cart_value !== null)).toBe(true)
    expect(drafted.manifest.coverage.y).toEqual(drafted.manifest.coverage.cart_value.map(Math.trunc))
  })
})
