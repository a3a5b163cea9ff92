import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { graphBytes, storedFixture } from '../../support/onnx-files.ts'
import { storedFeatures, storedTensors, worstDifference } from '../../support/onnx-fixtures.ts'

const open = (name: string) =>
  openModel({ manifest: storedFixture(name).manifest, model: graphBytes(name) }, onnxRuntime)

describe('onnxruntime-web in Node', () => {
  for (const name of ['trees', 'mlp', 'days', 'named', 'logarithm']) {
    it(`gives what Python's onnxruntime gives for ${name}`, async () => {
      const stored = storedFixture(name)
      const session = await onnxRuntime.open(graphBytes(name))
      const found = await session.run(storedTensors(stored.inputs), Object.keys(stored.outputs))
      expect(worstDifference(found, storedTensors(stored.outputs))).toBeLessThan(1e-5)
      await session.release()
    })
  }

  it('fills tensors of every datatype from rows of features', async () => {
    const stored = storedFixture('named')
    const model = await open('named')
    const rows = await model.predictRows(storedFeatures(stored))
    const { score, visits_out } = storedTensors(stored.outputs)
    expect(rows.length).toBe(48)
    rows.forEach((row, index) => {
      expect(row).not.toBeInstanceOf(Failure)
      const outputs = row as Record<string, number>
      expect(outputs.score).toBeCloseTo(Number(score?.data[index]), 5)
      expect(outputs.visits_out).toBe(Number(visits_out?.data[index]))
      expect([0, 1]).toContain(outputs.high)
    })
    await model.release()
  })

  it('answers a distribution with its labels, its probabilities and the two quantiles', async () => {
    const model = await open('days')
    const [first] = await model.predictRows(storedFeatures(storedFixture('days')))
    const days = (first as { delivery_days: { labels: number[]; probabilities: number[]; p50: number; p90: number } })
      .delivery_days
    expect(days.labels).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(days.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
    const until = (day: number) => days.probabilities.slice(0, day + 1).reduce((a, b) => a + b, 0)
    expect(until(days.p50)).toBeGreaterThanOrEqual(0.5)
    expect(until(days.p50 - 1)).toBeLessThan(0.5)
    expect(until(days.p90)).toBeGreaterThanOrEqual(0.9)
    await model.release()
  })

  it('fails the rows whose output is not finite, and no others', async () => {
    const model = await open('logarithm')
    const rows = await model.predictRows({ numbers: Float64Array.of(1, -1, 0, Math.E, Number.NaN), strings: null })
    expect(rows.map((row) => (row instanceof Failure ? row.message : row))).toEqual([
      { log_value: 0 },
      'output "log_value" is NaN',
      'output "log_value" is -Infinity',
      { log_value: expect.closeTo(1, 6) },
      'output "log_value" is NaN',
    ])
    expect(rows.filter((row) => row instanceof Failure).every((row) => row.code === 'model_failed')).toBe(true)
    await model.release()
  })

  it('gives the same for 3,000 rows, in slices of 1,024, as for each row alone', async () => {
    const model = await open('trees')
    const { numbers } = storedFeatures(storedFixture('trees'))
    const many = Float64Array.from({ length: 3_000 * 5 }, (_, index) => numbers[(index * 7) % numbers.length] ?? 0)
    const together = await model.predictRows({ numbers: many, strings: null })
    expect(together.length).toBe(3_000)
    for (const row of [0, 1, 1_023, 1_024, 2_047, 2_048, 2_999]) {
      expect(await model.predictRows({ numbers: many.subarray(row * 5, row * 5 + 5), strings: null })).toEqual([
        together[row],
      ])
    }
    await model.release()
  })

  it('keeps runs apart that begin at the same time, of several sessions and a few microtasks apart', async () => {
    const names = ['trees', 'mlp', 'days', 'named']
    const sessions = await Promise.all(
      names.map(async (name) => {
        const stored = storedFixture(name)
        const session = await onnxRuntime.open(graphBytes(name))
        return { session, inputs: storedTensors(stored.inputs), outputs: storedTensors(stored.outputs) }
      }),
    )
    const differences = await Promise.all(
      Array.from({ length: 200 }, async (_, job) => {
        const { session, inputs, outputs } = sessions[job % 4] as (typeof sessions)[number]
        for (let wait = 0; wait < (job * 7) % 5; wait++) await Promise.resolve()
        return worstDifference(await session.run(inputs, Object.keys(outputs)), outputs)
      }),
    )
    expect(Math.max(...differences)).toBeLessThan(1e-5)
    await Promise.all(sessions.map(({ session }) => session.release()))
  })

  it('waits with a release until the runs before it are over, and releases once', async () => {
    const stored = storedFixture('trees')
    const session = await onnxRuntime.open(graphBytes('trees'))
    const run = session.run(storedTensors(stored.inputs), ['late_probability'])
    await Promise.all([session.release(), session.release()])
    expect(worstDifference(await run, storedTensors(stored.outputs))).toBeLessThan(1e-5)
    await expect(session.run(storedTensors(stored.inputs), ['late_probability'])).rejects.toMatchObject({
      code: 'model_failed',
    })
  })

  it('refuses bytes that are no graph, and works on', async () => {
    const noGraphs = [graphBytes('truncated'), new Uint8Array(0), new TextEncoder().encode('not a model')]
    for (const bytes of noGraphs) {
      await expect(onnxRuntime.open(bytes)).rejects.toMatchObject({ name: 'Failure', code: 'model_unavailable' })
    }
    await (await open('mlp')).release()
  })

  it('reports a run that fails with its cause', async () => {
    const session = await onnxRuntime.open(graphBytes('mlp'))
    const narrow = { features: { datatype: 'FP32', shape: [1, 4], data: new Float32Array(4) } } as const
    const error = await session.run(narrow, ['late_probability']).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'model_failed', cause: expect.any(Error) })
    expect(String(error)).toContain('Got: 4 Expected: 5')
    await session.release()
  })
})
