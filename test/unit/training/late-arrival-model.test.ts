/** The model in the repository: what it promises, and that independent programs agree with it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { openOnnx } from '../../../src/cli/train/onnx-session.ts'
import { readReferenceProfile } from '../../../src/core/profile/read-reference-profile.ts'
import { binCount, unpackCounts } from '../../../src/core/profile/reference-profile.ts'
import { TZDATA_VERSION } from '../../../src/core/time/zones.ts'
import { manifestSchema } from '../../../src/protocol/manifest.ts'
import { fixturePath, readFixture, repositoryPath } from './training-fixtures.ts'

interface IndependentCheck {
  model_sha256: string
  rows: { trained: number; held_out: number; sample: number }
  trainer: { auc: number; log_loss: number }
  xgboost: { auc: number; log_loss: number }
  'scikit-learn': { auc: number; log_loss: number }
}

const read = (name: string) => readFileSync(repositoryPath(`model/late-arrival/1.0.0/${name}`))
const model = read('model.onnx')
const manifest = manifestSchema.parse(JSON.parse(read('manifest.json').toString()))
const metrics = manifest.metrics as Record<'held_out', Record<'auc' | 'log_loss' | 'rows', number>> & {
  rate_tables: Record<string, { auc: number }>
}
const check = readFixture<IndependentCheck>('independent-check.json')
const session = await openOnnx(model)
afterAll(() => session.release())

describe('late-arrival 1.0.0', () => {
  it('is the file its manifest names, small enough for a cold start', () => {
    expect(createHash('sha256').update(model).digest('hex')).toBe(manifest.sha256)
    expect(model.length).toBeLessThan(600_000)
    expect(read('reference.json').length).toBeLessThan(250_000)
    expect(manifest.evidence).toBe('real')
    expect(manifest.feature_view.tzdata).toBe(TZDATA_VERSION)
  })

  it('answers its golden rows', async () => {
    const [{ fields }] = manifest.inputs
    expect(manifest.golden.length).toBeGreaterThanOrEqual(8)
    const rows = manifest.golden.flatMap(({ inputs }) => fields.map((name) => Number(inputs[name] ?? Number.NaN)))
    const answers = await session.run(Float32Array.from(rows), fields.length)
    for (const [index, { outputs, tolerance }] of manifest.golden.entries()) {
      expect(Math.abs(answers[index] - Number(outputs.late_probability))).toBeLessThanOrEqual(tolerance)
    }
  })

  it('ranks as xgboost and scikit-learn do on the same split, and its figures are scikit-learn’s of its predictions', () => {
    expect(check.model_sha256).toBe(manifest.sha256)
    expect(check.rows.held_out).toBe(metrics.held_out.rows)
    expect(metrics.held_out.auc).toBeCloseTo(check.trainer.auc, 5)
    expect(metrics.held_out.log_loss).toBeCloseTo(check.trainer.log_loss, 5)
    expect(Math.abs(metrics.held_out.auc - check.xgboost.auc)).toBeLessThanOrEqual(0.01)
    expect(Math.abs(metrics.held_out.auc - check['scikit-learn'].auc)).toBeLessThanOrEqual(0.01)
  })

  it('gives 10,000 held-out rows the probability of the trainer and of onnxruntime in Python, within 1e-5', async () => {
    const width = manifest.inputs[0].fields.length
    const bytes = gunzipSync(readFileSync(fixturePath('held-out-sample.bin.gz')))
    const sample = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    const { sample: rows } = check.rows
    const trainer = sample.subarray(rows * width, rows * (width + 1))
    const python = sample.subarray(rows * (width + 1))
    const answers = await session.run(sample.slice(0, rows * width), width)
    const farthest = (others: Float32Array) => Math.max(...answers.map((answer, row) => Math.abs(answer - others[row])))
    expect(answers.length).toBe(10_000)
    expect(farthest(trainer)).toBeLessThan(1e-5)
    expect(farthest(python)).toBeLessThan(1e-5)
  })

  it('has a card that says first what the data are, and whether a rate table does as well', () => {
    const card = read('MODEL_CARD.md').toString()
    const [, , first] = card.split('\n')
    expect(first).toContain('flights of January to June 2001, not parcels, not clicks')
    const beaten = Object.values(metrics.rate_tables).every(({ auc }) => auc < metrics.held_out.auc)
    expect(first.startsWith('**It does not beat')).toBe(!beaten)
    expect(card).toContain(metrics.held_out.auc.toFixed(4))
  })

  it('has a reference profile of every row it was trained on', () => {
    const profile = readReferenceProfile(JSON.parse(read('reference.json').toString()))
    const sum = (rows: readonly (readonly number[])[], bins: number) =>
      rows.reduce((total, row) => total + unpackCounts(row, bins).reduce((a, b) => a + b, 0), 0)
    expect(profile.rows).toBe(check.rows.trained)
    expect(profile.fields.map(({ name }) => name)).toEqual(manifest.feature_view.fields.map(({ name }) => name))
    for (const field of profile.fields) {
      expect(sum(field.counts, binCount(field)) + sum([field.missing], 168)).toBe(profile.rows)
    }
    expect(sum(profile.outputs[0].counts, profile.outputs[0].layout.bins)).toBe(profile.rows)
    expect(profile.background.rows.length).toBe(100)
  })
})
