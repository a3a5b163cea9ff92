/** The synthetic model in the repository: what it promises, and that it has learned the rules it was made up by. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bundleIndex, versionsIn } from '../../../src/cli/import/bundle-index.ts'
import { trainDeliveryDays } from '../../../src/cli/train/delivery-days.ts'
import { openOnnx } from '../../../src/cli/train/onnx-session.ts'
import { readReferenceProfile } from '../../../src/core/profile/read-reference-profile.ts'
import { binCount, unpackCounts } from '../../../src/core/profile/reference-profile.ts'
import { manifestSchema } from '../../../src/protocol/manifest.ts'
import { hazardRows, predictDays } from '../../../src/training/delivery/day-hazards.ts'
import { orderRows } from '../../../src/training/delivery/feature-view.ts'
import { judgeDays, quantileAgreement } from '../../../src/training/delivery/judge-days.ts'
import { DAY_LABELS, deliveryShares } from '../../../src/training/delivery/transit.ts'
import { ordersOf } from '../delivery/made-up-orders.ts'
import { readFixture, repositoryPath } from './training-fixtures.ts'

const read = (name: string) => readFileSync(repositoryPath(`model/delivery-days/1.0.0/${name}`))
const model = read('model.onnx')
const manifest = manifestSchema.parse(JSON.parse(read('manifest.json').toString()))
const { fields } = manifest.inputs[0]
const session = await openOnnx(model)
const scratch = mkdtempSync(join(tmpdir(), 'nearcast-delivery-'))
afterAll(async () => {
  await session.release()
  rmSync(scratch, { recursive: true })
})

const answersTo = (values: Float32Array): Promise<Float32Array> => session.run(values, fields.length)

describe('delivery-days 1.0.0', () => {
  it('is the file its manifest names, synthetic and small', () => {
    expect(createHash('sha256').update(model).digest('hex')).toBe(manifest.sha256)
    expect(model.length).toBeLessThan(100_000)
    expect(read('reference.json').length).toBeLessThan(100_000)
    expect(manifest.evidence).toBe('synthetic')
    expect(manifest.outputs).toMatchObject([{ kind: 'distribution', labels: DAY_LABELS }])
    expect(manifest.feature_view.fields).toContainEqual({
      name: 'distance_km',
      source: 'distance',
      from: 'shipFromZip',
      default: null,
    })
  })

  it('says in the first line of its card that it is synthetic, and claims no accuracy', () => {
    const card = read('MODEL_CARD.md').toString()
    expect(card.split('\n').find((line) => line !== '' && !line.startsWith('#'))).toMatch(
      /^\*\*Synthetic\.\*\* No parcel/,
    )
    expect(Object.keys(manifest.metrics ?? {}).every((name) => name.startsWith('made_up'))).toBe(true)
  })

  it('answers its golden rows', async () => {
    expect(manifest.golden.length).toBe(10)
    const rows = manifest.golden.flatMap(({ inputs }) => fields.map((name) => Number(inputs[name] ?? Number.NaN)))
    const answers = await answersTo(Float32Array.from(rows))
    for (const [row, { outputs, tolerance }] of manifest.golden.entries()) {
      const golden = outputs.delivery_days as number[]
      expect(golden).toHaveLength(DAY_LABELS.length)
      for (const [day, share] of golden.entries())
        expect(Math.abs(answers[row * DAY_LABELS.length + day] - share)).toBeLessThanOrEqual(tolerance)
    }
  })

  it('gives what onnxruntime in Python gives', async () => {
    const python = readFixture<{ model_sha256: string; rows: (number | null)[][]; outputs: number[][] }>(
      'delivery-days-python.json',
    )
    expect(python.model_sha256).toBe(manifest.sha256)
    expect(python.rows.length).toBeGreaterThanOrEqual(200)
    const answers = await answersTo(Float32Array.from(python.rows.flat(), (value) => value ?? Number.NaN))
    const expected = python.outputs.flat()
    expect(Math.max(...answers.map((share, at) => Math.abs(share - expected[at])))).toBeLessThan(1e-5)
  })

  it.each([2, 3, 20_261_125])(
    'knows the rules on orders of seed %i: quantiles hold as often as it says',
    async (seed) => {
      const orders = ordersOf(seed, 4_000)
      const rows = orderRows(orders, manifest.feature_view)
      const shares = await answersTo(rows.values)
      const truth = new Float64Array(shares.length)
      for (const [row, order] of orders.entries()) truth.set(deliveryShares(order), row * DAY_LABELS.length)
      const [judged, best] = [judgeDays(shares, rows.labels), judgeDays(truth, rows.labels)]
      expect(judged.p90.share).toBeGreaterThan(0.9)
      expect(judged.p90.share).toBeLessThan(0.97)
      expect(Math.abs(judged.p90.share - judged.p90.expected)).toBeLessThan(0.02)
      expect(Math.abs(judged.p50.share - judged.p50.expected)).toBeLessThan(0.03)
      expect(Math.abs(judged.meanP50 - best.meanP50)).toBeLessThan(0.1)
      expect(Math.abs(judged.meanP90 - best.meanP90)).toBeLessThan(0.15)
      expect(judged.rankedScore).toBeLessThan(best.rankedScore * 1.1)
      expect(quantileAgreement(shares, truth, 0.5).same).toBeGreaterThan(0.93)
      expect(quantileAgreement(shares, truth, 0.9).withinADay).toBeGreaterThan(0.97)
    },
  )

  it('gives chances that add up to 1 for anything it may be sent, however odd', async () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e30, 1e30, 0, 3.7, 366, 367, 1439]
    const rows = odd.flatMap((a) => odd.flatMap((b) => odd.flatMap((c) => [a, b, c, a])))
    const answers = await answersTo(Float32Array.from(rows))
    for (let at = 0; at < answers.length; at += DAY_LABELS.length) {
      const shares = answers.subarray(at, at + DAY_LABELS.length)
      expect(shares.every((share) => share >= -1e-6 && share <= 1)).toBe(true)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4)
    }
  })

  it('never says Sunday, but on the last day, which stands for more', async () => {
    const rows = orderRows(ordersOf(9, 1_000), manifest.feature_view)
    const shares = await answersTo(rows.values)
    const weekday = fields.indexOf('local_day_of_week')
    let onSundays = 0
    for (let order = 0; order < 1_000; order++) {
      for (let day = 0; day < 14; day++)
        if ((rows.values[order * fields.length + weekday] + day) % 7 === 6)
          onSundays += shares[order * DAY_LABELS.length + day]
    }
    expect(onSundays / 1_000).toBeLessThan(0.0005)
  })

  it('has a reference profile of every order it was made of, with the mean of each day', () => {
    const profile = readReferenceProfile(JSON.parse(read('reference.json').toString()))
    expect(profile.rows).toBe(100_000)
    for (const field of profile.fields) {
      const counted = field.counts.reduce(
        (sum, row) => sum + unpackCounts(row, binCount(field)).reduce((a, b) => a + b, 0),
        0,
      )
      expect(counted + unpackCounts(field.missing, 168).reduce((a, b) => a + b, 0)).toBe(profile.rows)
    }
    const { mean } = profile.outputs[0]
    expect((mean as number[]).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5)
  })

  it('comes behind late-arrival in the bundle, which so answers where no model is named', async () => {
    const versions = await versionsIn(repositoryPath('model'))
    expect(versions.map(({ name }) => name)).toEqual(['late-arrival', 'delivery-days'])
    expect(bundleIndex(versions)).toBe(readFileSync(repositoryPath('src/adapters/bundled-models.ts'), 'utf8'))
  })
})

describe('nearcast train delivery-days', () => {
  const options = { zips: repositoryPath('kv-seed'), orders: 2_000, replace: false }
  const train = (folder: string, seed: number) =>
    trainDeliveryDays({ ...options, seed, output: join(scratch, folder) }, { write: () => undefined })
  const bytes = (directory: string) =>
    ['model.onnx', 'manifest.json', 'reference.json', 'MODEL_CARD.md'].map((name) =>
      readFileSync(join(directory, name)).toString('base64'),
    )

  it('writes the same bytes for the same seed, and others for another', async () => {
    const first = bytes(await train('a', 5))
    expect(bytes(await train('b', 5))).toEqual(first)
    const other = bytes(await train('c', 6))
    for (const [at, file] of other.entries()) expect(file).not.toBe(first[at])
  })
})

describe('daily rows', () => {
  it('are those until the delivery, the last one true; of what takes longer, none is', () => {
    const names = ['local_day_of_year', 'local_day_of_week', 'local_minute_of_day', 'distance_km']
    // A Tuesday in May, and the Saturday before Christmas of a year that is none.
    const values = Float32Array.from([125, 1, 600, 50, 357, 5, 1_000, Number.NaN])
    const rows = hazardRows({ names, values, labels: Uint8Array.of(2, 14) })
    expect(rows.labels).toEqual(Uint8Array.from([0, 0, 1, ...Array<number>(14).fill(0)]))
    expect([...rows.values.subarray(0, 15)]).toEqual([50, 600, 1, 0, 1, 50, 600, 1, 1, 1, 50, 600, 1, 2, 1])
    const sunday = rows.values.subarray(20, 25)
    expect(sunday[0]).toBeNaN()
    expect([...sunday.subarray(1)]).toEqual([1_000, 1, 0, 0])
  })

  it('give one chance a day', () => {
    const empty = { features: [], base: 0, trees: [] }
    const shares = predictDays(empty, { names: ['a', 'b', 'c', 'd'], values: Float32Array.of(1, 0, 0, 0) })
    expect([...shares.subarray(0, 3)]).toEqual([0.5, 0.25, 0.125])
    expect(shares[14]).toBeCloseTo(2 ** -14, 9)
  })
})
