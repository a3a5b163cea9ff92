import { describe, expect, it } from 'vitest'
import { bundledModels } from '../../../src/adapters/bundled-models.ts'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { onnxRuntime, wasmMemoryBytes } from '../../../src/adapters/onnx-runtime.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { Failure } from '../../../src/core/failure.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { HeldBackground } from '../../support/background.ts'
import { storedFeatures, worstDifference } from '../../support/onnx-fixtures.ts'
import { FIXTURES, TRUNCATED_GRAPH } from './fixtures.ts'

const { trees, mlp, logarithm } = FIXTURES

/** `count` rows made of the stored ones, over and over. */
const manyFeatures = (fixture: typeof trees, count: number) => {
  const { numbers } = storedFeatures(fixture.stored)
  const width = fixture.files.manifest.feature_view.fields.length
  return {
    numbers: Float64Array.from({ length: count * width }, (_, at) => numbers[at % numbers.length] ?? 0),
    strings: null,
  }
}

describe('onnxruntime-web in workerd', () => {
  for (const [name, { files, inputs, outputs }] of Object.entries(FIXTURES)) {
    it(`gives what Python's onnxruntime gives for ${name}`, async () => {
      const session = await onnxRuntime.open(files.model)
      expect(worstDifference(await session.run(inputs, Object.keys(outputs)), outputs)).toBeLessThan(1e-5)
      await session.release()
    })
  }

  it('opens every version that keeps its manifest, golden rows included', async () => {
    for (const { files } of Object.values(FIXTURES)) await (await openModel(files, onnxRuntime)).release()
  })

  it('opens every version in the bundle', async () => {
    const deadline = deadlineIn(systemClock, 10_000)
    for (const name of bundledModels.models()) {
      for (const version of bundledModels.versions(name)) {
        const files = await bundledModels.load(name, version, deadline)
        if (files === null) throw new Error(`${name}@${version} is listed and not there`)
        await (await openModel(files, onnxRuntime)).release()
      }
    }
  })

  it('keeps runs apart that begin at the same time, of several sessions and a few microtasks apart', async () => {
    const opened = await Promise.all(
      Object.values(FIXTURES).map(async (fixture) => ({
        ...fixture,
        session: await onnxRuntime.open(fixture.files.model),
      })),
    )
    const differences = await Promise.all(
      Array.from({ length: 200 }, async (_, job) => {
        const { session, inputs, outputs } = opened[job % opened.length] as (typeof opened)[number]
        for (let wait = 0; wait < (job * 7) % 5; wait++) await Promise.resolve()
        return worstDifference(await session.run(inputs, Object.keys(outputs)), outputs)
      }),
    )
    expect(Math.max(...differences)).toBeLessThan(1e-5)
    await Promise.all(opened.map(({ session }) => session.release()))
  })

  it('gives the same for 2,500 rows, in slices, as for each row alone', async () => {
    const model = await openModel(trees.files, onnxRuntime)
    const { numbers } = manyFeatures(trees, 2_500)
    const together = await model.predictRows({ numbers, strings: null })
    for (const row of [0, 1, 1_023, 1_024, 2_047, 2_048, 2_499]) {
      expect(await model.predictRows({ numbers: numbers.subarray(row * 5, row * 5 + 5), strings: null })).toEqual([
        together[row],
      ])
    }
    await model.release()
  })

  it('refuses bytes that are no graph, and works on', async () => {
    for (const bytes of [TRUNCATED_GRAPH, new Uint8Array(0)]) {
      await expect(onnxRuntime.open(bytes)).rejects.toMatchObject({ name: 'Failure', code: 'model_unavailable' })
    }
    await (await openModel(mlp.files, onnxRuntime)).release()
  })

  it('fails the rows whose output is not finite, and no others', async () => {
    const model = await openModel(logarithm.files, onnxRuntime)
    const rows = await model.predictRows({ numbers: Float64Array.of(1, -1, Number.NaN), strings: null })
    expect(rows.map((row) => (row instanceof Failure ? row.code : row))).toEqual([
      { log_value: 0 },
      'model_failed',
      'model_failed',
    ])
    await model.release()
  })

  it('needs no more memory after 500 sessions than after 20', async () => {
    const cycle = async () => {
      const model = await openModel(trees.files, onnxRuntime)
      await model.predictRows(manyFeatures(trees, 10))
      await model.release()
    }
    for (let count = 0; count < 20; count++) await cycle()
    const before = wasmMemoryBytes()
    for (let count = 0; count < 500; count++) await cycle()
    expect(before).toBeGreaterThanOrEqual(16 * 2 ** 20)
    expect(wasmMemoryBytes()).toBe(before)
  })

  it('needs no more memory after 500 switches between two versions in use', async () => {
    const version = (number: string) => ({
      manifest: { ...trees.files.manifest, version: number },
      model: trees.files.model.buffer,
    })
    const registry = new SessionRegistry(
      memoryModels([version('1.0.0'), version('2.0.0')]),
      onnxRuntime,
      systemClock,
      systemTimers,
    )
    const background = new HeldBackground()
    const cycle = async (count: number) => {
      const [now, before] = count % 2 === 0 ? ['2.0.0', '1.0.0'] : ['1.0.0', '2.0.0']
      const lease = await registry.acquire('trees', now, deadlineIn(systemClock, 10_000), background.run)
      const run = lease.model.loaded.predictRows(manyFeatures(trees, 10))
      registry.retire('trees', now, background.run)
      registry.retire('trees', before, background.run)
      expect((await run).length).toBe(10)
      lease.release()
      await background.settled()
    }
    for (let count = 0; count < 20; count++) await cycle(count)
    const before = wasmMemoryBytes()
    for (let count = 0; count < 500; count++) await cycle(count)
    expect(wasmMemoryBytes()).toBe(before)
    expect(background.failures).toEqual([])
  })

  it('needs no more memory after 10,000 runs of 1,000 rows than after 10', async () => {
    const model = await openModel(mlp.files, onnxRuntime)
    const features = manyFeatures(mlp, 1_000)
    for (let count = 0; count < 10; count++) await model.predictRows(features)
    const before = wasmMemoryBytes()
    for (let count = 0; count < 10_000; count++) await model.predictRows(features)
    expect(wasmMemoryBytes()).toBe(before)
    await model.release()
  })
})
