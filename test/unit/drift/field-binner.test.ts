/** Field values are counted in the bins of the reference profile. */
import { describe, expect, it } from 'vitest'
import { FieldBinner } from '../../../src/core/drift/field-binner.ts'
import { seriesCounts } from '../../../src/core/drift/window-counts.ts'
import { binOf, type ProfileField } from '../../../src/core/profile/reference-profile.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { readDelta } from '../../../src/core/statistics/read-delta.ts'

const rest = { kind: 'continuous', range: null, counts: [], missing: [] } as const
const edges: ProfileField = { ...rest, name: 'edges', edges: [-1.5, 0.1, 3] }
const values: ProfileField = { ...rest, name: 'values', values: [5, 0.1, -2, 5] }
const wide: ProfileField = { ...rest, name: 'wide', edges: Array.from({ length: 64 }, (_, edge) => edge) }

describe('the bins of field values', () => {
  it('are those of the profile, at, below and above every edge and value', () => {
    const binner = new FieldBinner([edges, values], ['values', 'edges'])
    const tried = [-1.5, 0.1, 3, 5, -2, Math.fround(0.1)].flatMap((value) => [value - 0.01, value, value + 0.01])
    for (const value of [...tried, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      expect(binner.binOf(0, value)).toBe(binOf(edges, value))
      expect(binner.binOf(1, value)).toBe(binOf(values, value))
    }
    expect(binner.binOf(0, Number.NaN)).toBeNaN()
  })

  it('reach a delta that is read again, without fields that no column holds or whose bins are too many', () => {
    const binner = new FieldBinner([edges, values, wide], ['values', 'edges', 'wide'])
    const builder = new DeltaBuilder(() => ({ lowest: 0, highest: 1, bins: 20 }))
    const rows = Float32Array.from([5, 0.1, 7, Number.NaN, 9, 7])
    for (const row of [0, 1]) builder.prediction('m', '1.0.0', {}, [], 1 + row, { binner, numbers: rows, row })
    const delta = readDelta(builder.toDelta({ isolate: 'a', sequence: 1, codeVersion: 'c' }))
    const fields = delta.versions['m@1.0.0']?.fields ?? {}
    expect(Object.keys(fields)).toEqual(['edges', 'values'])
    expect(seriesCounts(fields.edges as never)).toEqual({ counts: [0, 1, 0, 1], missing: 0 })
    expect(seriesCounts(fields.values as never)).toEqual({ counts: [1, 0, 0, 0, 0], missing: 1 })
  })
})
