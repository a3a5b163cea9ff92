/** Reading and changing ONNX graphs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { externalTensors, inlineExternalData } from '../../../src/cli/graph/external-data.ts'
import { decodeModel, encodeModel, mainGraph } from '../../../src/cli/graph/graph-model.ts'
import { operatorsOf, opsetsOf } from '../../../src/cli/graph/operators.ts'
import { knowsOperator, knowsOpset, newestOpset } from '../../../src/cli/graph/probe.ts'
import { classLabels, stripZipMaps } from '../../../src/cli/graph/zip-map.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { graphBytes } from '../../support/onnx-files.ts'
import { FLOAT, modelOf, node, oneNode, opset, tensor } from '../../support/small-graphs.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-graph-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** x + w, where w's two numbers are in a file. */
const withExternal = (entries: Record<string, string>) =>
  decodeModel(
    modelOf({
      input: [tensor('x', [-1, 2])],
      output: [tensor('y', [-1, 2])],
      node: [node('Add', ['x', 'w'], ['y'])],
      initializer: [
        {
          name: 'w',
          dims: [2],
          dataType: FLOAT,
          dataLocation: 1,
          externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
        },
      ],
    }),
    'test',
  )

describe('weights in another file', () => {
  writeFileSync(join(scratch, 'weights'), new Uint8Array(Float32Array.of(9, 1, 2, 9).buffer))

  it('are read from their place in it, and the graph then stands alone', async () => {
    const model = withExternal({ location: 'weights', offset: '4', length: '8' })
    expect(externalTensors(model)).toBe(1)
    expect(await inlineExternalData(model, scratch)).toEqual(['weights'])
    expect(externalTensors(model)).toBe(0)
    const session = await onnxRuntime.open(encodeModel(model))
    const x = { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(10, 20) } as const
    expect((await session.run({ x }, ['y'])).y.data).toEqual(Float32Array.of(11, 22))
    await session.release()
  })

  const REFUSED: [string, Record<string, string>, string][] = [
    ['outside the folder', { location: '../weights' }, 'outside the model'],
    ['at an absolute path', { location: '/etc/hostname' }, 'outside the model'],
    ['nowhere', {}, 'outside the model'],
    ['missing', { location: 'lost' }, 'in lost, which is not beside the model'],
    ['past the end', { location: 'weights', offset: '12', length: '8' }, 'weights has 16 bytes; "w" wants 8 from 12'],
  ]
  for (const [what, entries, says] of REFUSED) {
    it(`are refused when they are ${what}`, async () => {
      await expect(inlineExternalData(withExternal(entries), scratch)).rejects.toThrow(says)
    })
  }
})

describe('a ZipMap', () => {
  const labels = { name: 'classlabels_strings', type: 8, strings: ['no', 'yes'].map((text) => Buffer.from(text)) }
  const zipped = () =>
    decodeModel(
      modelOf(
        {
          input: [tensor('x', [-1, 2])],
          output: [{ name: 'p' }],
          node: [
            node('Normalizer', ['x'], ['n'], { domain: 'ai.onnx.ml' }),
            node('ZipMap', ['n'], ['p'], { domain: 'ai.onnx.ml', attribute: [labels] }),
          ],
        },
        [opset(1, 'ai.onnx.ml')],
      ),
      'test',
    )

  it('becomes a tensor of the same name, in a model that had no standard operators too', async () => {
    const model = zipped()
    expect(classLabels(mainGraph(model), 2)).toEqual(['no', 'yes'])
    expect(stripZipMaps(model)).toEqual([{ output: 'p', labels: ['no', 'yes'] }])
    const session = await onnxRuntime.open(encodeModel(model))
    expect(session.outputs).toEqual([{ name: 'p' }])
    const x = { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(3, 6) } as const
    expect((await session.run({ x }, ['p'])).p).toEqual({
      datatype: 'FP32',
      shape: [1, 2],
      data: Float32Array.of(0.5, 1),
    })
    await session.release()
  })

  it('is left alone inside the graph, where nobody reads it', () => {
    const model = zipped()
    mainGraph(model).output = [tensor('n', [-1, 2])]
    expect(stripZipMaps(model)).toEqual([])
  })
})

describe('the operators of a graph', () => {
  it('are counted by domain and name', () => {
    expect(operatorsOf(decodeModel(graphBytes('mlp'), 'mlp')).map(({ type, count }) => [type, count])).toEqual([
      ['Div', 1],
      ['Gemm', 2],
      ['IsNaN', 1],
      ['Relu', 1],
      ['Sigmoid', 1],
      ['Sub', 1],
      ['Where', 1],
    ])
    expect(opsetsOf(decodeModel(graphBytes('trees'), 'trees'))).toEqual([
      { domain: 'ai.onnx', version: 18 },
      { domain: 'ai.onnx.ml', version: 3 },
    ])
  })

  it('are found in the branches of an If too', () => {
    const branch = (opType: string) => ({
      name: opType,
      node: [node(opType, ['x'], ['z'])],
      output: [tensor('z', [2])],
    })
    const attribute = [
      { name: 'then_branch', type: 5, g: branch('Relu') },
      { name: 'else_branch', type: 5, g: branch('Abs') },
    ]
    const model = decodeModel(oneNode('If', { attribute }), 'test')
    expect(operatorsOf(model).map(({ type }) => type)).toEqual(['Abs', 'If', 'Relu'])
  })
})

describe('the runtime', () => {
  it('tells which operator sets it takes', async () => {
    expect(await knowsOpset(onnxRuntime, { domain: 'ai.onnx', version: 21 })).toBe(true)
    expect(await knowsOpset(onnxRuntime, { domain: 'ai.onnx', version: 99 })).toBe(false)
    expect(await knowsOpset(onnxRuntime, { domain: 'ai.onnx.ml', version: 3 })).toBe(true)
    expect(await newestOpset(onnxRuntime, 'ai.onnx.ml', 20)).toBe(5)
    expect(await newestOpset(onnxRuntime, 'ai.onnx', 99)).toBe(26)
  })

  it('tells which operators it knows, whatever their types', async () => {
    const opsets = [
      { domain: 'ai.onnx', version: 13 },
      { domain: 'ai.onnx.ml', version: 3 },
    ]
    const knows = (opType: string, domain = '') =>
      knowsOperator(onnxRuntime, node(opType, ['x'], ['y'], { domain }), opsets)
    expect(await knows('Relu')).toBe(true)
    expect(await knows('StringNormalizer')).toBe(true)
    expect(await knows('TreeEnsembleClassifier', 'ai.onnx.ml')).toBe(true)
    expect(await knows('Gelu')).toBe(false)
    expect(await knows('Frobnicate', 'com.example')).toBe(false)
  })
})

describe('what is no model', () => {
  for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3), new TextEncoder().encode('{"not":"a graph"}')]) {
    it(`is refused: ${bytes.length} bytes`, () => {
      expect(() => decodeModel(bytes, 'this.onnx')).toThrow('this.onnx is not an ONNX model')
    })
  }
})
