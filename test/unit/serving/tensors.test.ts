import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { compileInputs, stringFields } from '../../../src/serving/input-tensors.ts'
import { compileOutputs } from '../../../src/serving/output-values.ts'
import type { Tensor } from '../../../src/serving/ports.ts'
import { runCapped } from '../../../src/serving/run-capped.ts'
import { FakeRuntime, fakeFiles } from '../../support/fake-runtime.ts'

const manifestWith = (changes: Partial<Manifest>): Manifest => fakeFiles('1.0.0', changes).manifest
const oneInput = (datatype: Manifest['inputs'][number]['datatype'], fields = ['a', 'b']) =>
  manifestWith({ inputs: [{ name: 'x', datatype, shape: [-1, fields.length], fields }] })
const fill = (manifest: Manifest, numbers: number[], strings: (string | null)[] | null = null) =>
  compileInputs(manifest)({ numbers: Float64Array.from(numbers), strings })

describe('input tensors', () => {
  it('are the feature rows as float32 where the graph takes the view as it is', () => {
    const { tensors, refused } = fill(oneInput('FP32'), [1, 2.5, Number.NaN, 4])
    expect(tensors.x).toEqual({ datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2.5, Number.NaN, 4) })
    expect(refused.size).toBe(0)
  })

  it('take the columns their fields name', () => {
    expect(fill(oneInput('FP32', ['b']), [1, 2, 3, 4]).tensors.x?.data).toEqual(Float32Array.of(2, 4))
    expect(fill(oneInput('FP64', ['b', 'a']), [1, 2, 3, 4]).tensors.x?.data).toEqual(Float64Array.of(2, 1, 4, 3))
  })

  it('cut whole numbers towards zero, as a cast in numpy does', () => {
    expect(fill(oneInput('INT32'), [1.9, -1.9, 3, -0]).tensors.x?.data).toEqual(Int32Array.of(1, -1, 3, 0))
    expect(fill(oneInput('INT64'), [2 ** 53, -1.5]).tensors.x?.data).toEqual(BigInt64Array.of(9007199254740992n, -1n))
    expect(fill(oneInput('BOOL'), [0, 1, 0.5, -2]).tensors.x?.data).toEqual(Uint8Array.of(0, 1, 1, 1))
  })

  it('refuse the row whose number its datatype cannot hold, and no other', () => {
    for (const [datatype, value, problem] of [
      ['INT32', Number.NaN, 'field "b" is missing, and INT32 has no missing value'],
      ['INT32', 2 ** 31, 'field "b" is 2147483648, too large for INT32'],
      ['INT64', 2 ** 63, 'field "b" is 9223372036854776000, too large for INT64'],
      ['INT64', Number.NEGATIVE_INFINITY, 'field "b" is -Infinity, too large for INT64'],
      ['BOOL', Number.NaN, 'field "b" is missing, and BOOL has no missing value'],
    ] as const) {
      const { tensors, refused } = fill(oneInput(datatype), [1, 1, 1, value, 1, 1])
      expect([...refused].map(([row, failure]) => [row, failure.code, failure.message])).toEqual([
        [1, 'invalid_feature', problem],
      ])
      expect(Number(tensors.x?.data[3])).toBe(0)
      expect(Number(tensors.x?.data[4])).toBe(1)
    }
  })

  it('hold strings, a missing one empty', () => {
    const manifest = manifestWith({
      inputs: [
        { name: 's', datatype: 'BYTES', shape: [-1, 1], fields: ['b'] },
        { name: 'n', datatype: 'FP32', shape: [-1, 1], fields: ['a'] },
      ],
    })
    expect([...stringFields(manifest)]).toEqual(['b'])
    const { tensors } = fill(manifest, [1, Number.NaN, 2, Number.NaN], [null, 'phone', null, null])
    expect(tensors.s).toEqual({ datatype: 'BYTES', shape: [2, 1], data: ['phone', ''] })
    expect(tensors.n?.data).toEqual(Float32Array.of(1, 2))
    expect(() => fill(manifest, [1, 2])).toThrow('input "s" takes strings and was given none')
  })
})

describe('output values', () => {
  const distribution = (labels?: (string | number)[]): Manifest =>
    manifestWith({
      outputs: [{ name: 'd', datatype: 'FP32', shape: [-1, 3], kind: 'distribution', ...(labels && { labels }) }],
    })
  const read = (manifest: Manifest, data: Tensor['data'], width: number) =>
    compileOutputs(manifest)(
      { d: { datatype: 'FP32', shape: [data.length / width, width], data } },
      data.length / width,
    )

  it('know the least day by which half and nine tenths of the probability have passed', () => {
    expect(read(distribution([2, 4, 6]), Float64Array.of(0.5, 0.25, 0.25, 0.1, 0.8, 0.1), 3)).toEqual([
      { d: { labels: [2, 4, 6], probabilities: [0.5, 0.25, 0.25], p50: 2, p90: 6 } },
      { d: { labels: [2, 4, 6], probabilities: [0.1, 0.8, 0.1], p50: 4, p90: 4 } },
    ])
  })

  it('give no quantile of labels without an order', () => {
    expect(read(distribution(['a', 'b', 'c']), Float32Array.of(1, 0, 0), 3)).toEqual([
      { d: { labels: ['a', 'b', 'c'], probabilities: [1, 0, 0] } },
    ])
    expect(read(distribution([3, 1, 2]), Float32Array.of(1, 0, 0), 3)[0]).not.toHaveProperty('d.p50')
  })

  it('number the classes where there are no labels', () => {
    expect(read(distribution(), Float32Array.of(0, 1, 0), 3)).toEqual([
      { d: { labels: [0, 1, 2], probabilities: [0, 1, 0], p50: 1, p90: 1 } },
    ])
  })

  it('take the last label when the probabilities add up to less than nine tenths', () => {
    expect(read(distribution(), Float32Array.of(0.2, 0.4, 0.2), 3)[0]).toMatchObject({ d: { p50: 1, p90: 2 } })
  })

  it('read numbers of every datatype', () => {
    const manifest = manifestWith({
      outputs: [
        { name: 'i', datatype: 'INT64', shape: [-1], kind: 'value' },
        { name: 'b', datatype: 'BOOL', shape: [-1, 1], kind: 'value' },
      ],
    })
    const tensors = {
      i: { datatype: 'INT64', shape: [2], data: BigInt64Array.of(7n, -7n) },
      b: { datatype: 'BOOL', shape: [2, 1], data: Uint8Array.of(1, 0) },
    } as const
    expect(compileOutputs(manifest)(tensors, 2)).toEqual([
      { i: 7, b: 1 },
      { i: -7, b: 0 },
    ])
  })

  it('fail the row with a value that is not finite', () => {
    const rows = read(distribution(), Float32Array.of(0, 1, 0, 0, Number.NaN, 0), 3)
    expect(rows[0]).not.toBeInstanceOf(Failure)
    expect(rows[1]).toMatchObject({ code: 'model_failed', message: 'output "d" is NaN' })
  })

  it('fail the run whose tensor is of another size', () => {
    expect(() => compileOutputs(distribution())({}, 2)).toThrow('output "d" has 0 values where 2 rows want 6')
  })
})

describe('a run of many rows', () => {
  const inputs = (rows: number) =>
    ({
      x: { datatype: 'FP32', shape: [rows, 2], data: Float32Array.from({ length: rows * 2 }, (_, index) => index) },
    }) as const

  it('goes in slices of at most 1,024', async () => {
    for (const [rows, slices] of [
      [1, [1]],
      [1_024, [1_024]],
      [1_025, [1_024, 1]],
      [3_000, [1_024, 1_024, 952]],
    ] as const) {
      const runtime = new FakeRuntime()
      const { sum } = await runCapped(await runtime.open(), inputs(rows), ['sum'])
      expect(runtime.runs).toEqual(slices)
      expect(sum?.shape).toEqual([rows, 1])
    }
  })

  it('gives what one run would give, whatever the slices', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 60 }), async (rows, maximum) => {
        const session = await new FakeRuntime().open()
        const whole = await runCapped(session, inputs(rows), ['sum'], rows)
        expect(await runCapped(session, inputs(rows), ['sum'], maximum)).toEqual(whole)
      }),
    )
  })

  it('joins strings and numbers of every kind', async () => {
    const echo = {
      inputs: [],
      outputs: [],
      run: (tensors: Record<string, Tensor>) => Promise.resolve(tensors),
      release: () => Promise.resolve(),
    }
    const tensors = {
      s: { datatype: 'BYTES', shape: [5, 1], data: ['a', 'b', 'c', 'd', 'e'] },
      i: { datatype: 'INT64', shape: [5], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n) },
      d: { datatype: 'FP64', shape: [5, 2], data: Float64Array.from({ length: 10 }, (_, index) => index / 3) },
    } as const
    expect(await runCapped(echo, tensors, ['s', 'i', 'd'], 2)).toEqual(tensors)
  })

  it('refuses inputs of different length, and outputs that are not one row for each', async () => {
    const session = await new FakeRuntime().open()
    const uneven = { x: inputs(2).x, y: inputs(3).x }
    await expect(runCapped(session, uneven, ['sum'])).rejects.toMatchObject({
      code: 'invalid_parameter',
      message: 'input "y" has 3 rows, input "x" has 2',
    })
    const collapsing = {
      ...session,
      run: () => Promise.resolve({ sum: { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) } } as const),
    }
    await expect(runCapped(collapsing, inputs(5), ['sum'], 2)).rejects.toMatchObject({
      code: 'model_failed',
      message: 'output "sum" has 3 rows for 5 rows of input',
    })
  })
})
