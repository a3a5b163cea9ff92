/** MLflow model directories. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { importModel } from '../../../src/cli/import/import-model.ts'
import { readMlflow } from '../../../src/cli/import/mlflow.ts'
import { FOREIGN, importOptions, servedDirectory } from '../../support/foreign.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-mlflow-'))
afterAll(() => rmSync(scratch, { recursive: true }))

let written = 0
const directoryOf = (mlmodel: string): string => {
  const directory = join(scratch, `model-${written++}`)
  mkdirSync(directory)
  writeFileSync(join(directory, 'MLmodel'), mlmodel)
  return directory
}

describe('an MLflow model directory', () => {
  const saved = join(FOREIGN, 'mlflow-model')

  it('says where its graph is and which columns it takes', async () => {
    expect(await readMlflow(saved)).toEqual({
      graph: join(saved, 'model.onnx'),
      columns: ['hour_of_day', 'day_of_week', 'latitude', 'longitude', 'cart_value'],
      mlflowVersion: '3.17.2',
    })
  })

  it('is imported without naming its columns: the signature does', async () => {
    const options = importOptions('mlp', join(scratch, 'models'), { model: saved, columns: undefined, name: 'mlp' })
    const { drafted } = await importModel(options, onnxRuntime, { write: () => true })
    const kept = JSON.parse(readFileSync(join(servedDirectory('mlp'), 'manifest.json'), 'utf8'))
    expect(drafted.agreement?.greatest).toBeLessThan(1e-5)
    expect(drafted.manifest.inputs).toEqual(kept.inputs)
    expect(drafted.manifest.golden).toEqual(kept.golden)
    expect(drafted.manifest.trained).toMatchObject({ mlflow: '3.17.2', graph: { file: 'model.onnx' } })
  })

  it('with a signature of tensors names no columns', async () => {
    const signature = `'[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 5]}}]'`
    const directory = directoryOf(`flavors:\n  onnx:\n    data: model.onnx\nsignature:\n  inputs: ${signature}\n`)
    expect(await readMlflow(directory)).toMatchObject({ columns: undefined, graph: join(directory, 'model.onnx') })
  })

  it('without a signature names no columns', async () => {
    const directory = directoryOf('flavors:\n  onnx:\n    data: model.onnx\n')
    expect(await readMlflow(directory)).toMatchObject({ columns: undefined, mlflowVersion: undefined })
  })

  const REFUSED: [string, string, string][] = [
    [
      'other flavours only',
      'flavors:\n  sklearn:\n    pickled_model: model.pkl\n',
      'there is no ONNX flavour, only sklearn',
    ],
    [
      'a graph outside the directory',
      'flavors:\n  onnx:\n    data: ../other.onnx\n',
      'said to be outside the directory',
    ],
    ['no flavours', 'run_id: 7\n', 'flavors'],
    ['what is no YAML', 'flavors: [', 'MLmodel'],
    ['a signature that is no JSON', 'flavors:\n  onnx:\n    data: m\nsignature:\n  inputs: "[{"\n', 'MLmodel'],
  ]
  for (const [what, text, says] of REFUSED) {
    it(`with ${what} is refused`, async () => {
      await expect(readMlflow(directoryOf(text))).rejects.toThrow(says)
    })
  }

  it('that is none is refused', async () => {
    await expect(readMlflow(scratch)).rejects.toThrow('is no MLflow model: it has no MLmodel')
  })
})
