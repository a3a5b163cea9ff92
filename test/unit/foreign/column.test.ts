/** An output's `column`: which one of a classifier's columns is answered. */

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import { fakeFiles } from '../../support/fake-runtime.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { oneNode } from '../../support/small-graphs.ts'

const model = oneNode('Softmax', { attribute: [{ name: 'axis', type: 2, i: 1 }] })

const opening = (output: Partial<Manifest['outputs'][number]>, golden: number | number[] = 0.5) => {
  const { manifest } = fakeFiles('1.0.0', {
    sha256: createHash('sha256').update(model).digest('hex'),
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2], kind: 'probability', ...output }],
    golden: [{ inputs: { a: 1, b: 1 }, outputs: { y: golden }, tolerance: 1e-6 }],
  })
  return openModel({ manifest, model }, onnxRuntime)
}

describe('a column of an output', () => {
  it('is what is answered, and what the golden rows store', async () => {
    const rows = { numbers: Float64Array.of(0, Math.log(3), 0, 0), strings: null }
    for (const [column, first] of [
      [0, 0.25],
      [1, 0.75],
    ] as const) {
      const opened = await opening({ column })
      const [answer, other] = await opened.predictRows(rows)
      expect(answer).toEqual({ y: expect.closeTo(first, 6) })
      expect(other).toEqual({ y: 0.5 })
      await opened.release()
    }
  })

  it('may be of a value too', async () => {
    await (await opening({ column: 1, kind: 'value' })).release()
  })

  it('must be there', async () => {
    await expect(opening({ column: 2 })).rejects.toThrow(
      'has 2 columns, shape [-1,2], counted from 0; there is no column 2',
    )
  })

  it('must be named where there are several', async () => {
    await expect(opening({})).rejects.toThrow(
      'has 2 columns, shape [-1,2]; a probability has one, or says which "column"',
    )
  })

  it('means nothing for a distribution', async () => {
    await expect(opening({ column: 1, kind: 'distribution' }, [0.5, 0.5])).rejects.toThrow('which has no single column')
  })

  it('is compared with its golden value', async () => {
    await expect(opening({ column: 1 }, 0.75)).rejects.toThrow('golden[0]: output "y" is 0.5 and should be 0.75')
    await expect(opening({ column: 1 }, [0.5, 0.5])).rejects.toThrow('must be a number')
  })
})
