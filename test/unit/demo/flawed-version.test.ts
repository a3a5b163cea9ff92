import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { flawedVersion } from '../../../ops/demo/flawed-version.ts'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import { FLAW, makeFlawed } from '../../fixtures/release/flawed.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'

describe('a flawed version', () => {
  it('is, byte for byte, what the fixture holds', () => {
    expect(Buffer.compare(makeFlawed(FLAW), readFileSync('test/fixtures/release/flawed.onnx'))).toBe(0)
  })

  it('passes every golden row of the sound one, and fails beyond its limit only', async () => {
    const folder = 'model/late-arrival/1.0.0'
    const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Manifest
    const sound = { manifest, model: readFileSync(`${folder}/model.onnx`) }
    const flawed = await openModel(flawedVersion(sound, '1.1.0', { field: 'latitude', above: 44 }), onnxRuntime)
    const latitude = manifest.feature_view.fields.findIndex(({ name }) => name === 'latitude')
    const width = manifest.feature_view.fields.length
    const numbers = new Float64Array(3 * width)
    for (const [row, value] of [43.9, 44.1, Number.NaN].entries()) numbers[row * width + latitude] = value
    const rows = await flawed.predictRows({ numbers, strings: null })
    expect(rows.map((row) => ('code' in row ? row.code : 'answered'))).toEqual(['answered', 'model_failed', 'answered'])
    await flawed.release()
  })

  it('needs the field it is to fail on', () => {
    expect(() => makeFlawed({ field: 'weather', above: 1 })).toThrow('no input column weather')
  })
})
