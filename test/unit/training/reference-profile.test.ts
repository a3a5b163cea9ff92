/** The reference profile: bins, packed counts, and what is counted where. */
import { describe, expect, it } from 'vitest'
import type { Field } from '../../../src/core/features/feature-view.ts'
import { readReferenceProfile } from '../../../src/core/profile/read-reference-profile.ts'
import { binCount, binOf, hourOfWeek, packCounts, unpackCounts } from '../../../src/core/profile/reference-profile.ts'
import { PROBABILITY_LAYOUT } from '../../../src/core/statistics/bin-counts.ts'
import { buildProfile } from '../../../src/training/profile/build-profile.ts'

describe('bins', () => {
  it('with edges hold what is above the last edge and up to their own', () => {
    const bins = { edges: [0.1, 2] }
    expect(binCount(bins)).toBe(3)
    expect([-5, 0.1, 0.1000001, 2, 2.5].map((value) => binOf(bins, value))).toEqual([0, 0, 1, 1, 2])
  })

  it('with values hold one value each, and the last all others', () => {
    const bins = { values: [0, 0.1, 3] }
    expect(binCount(bins)).toBe(4)
    expect([0, 0.1, Math.fround(0.1), 3, 2].map((value) => binOf(bins, value))).toEqual([0, 1, 1, 2, 3])
  })

  it('have none for a missing value', () => {
    expect(binOf({ edges: [1] }, Number.NaN)).toBe(-1)
    expect(binOf({ values: [1] }, Number.NaN)).toBe(-1)
  })
})

describe('packed counts', () => {
  it('come back as they were', () => {
    for (const counts of [[0, 0, 3, 0, 5, 0, 0, 0], [1, 2], [0], []]) {
      expect([...unpackCounts(packCounts(counts), counts.length)]).toEqual(counts)
    }
    expect(packCounts([0, 0, 3, 0, 5])).toEqual([-2, 3, -1, 5])
  })

  it('of another length are refused, with both lengths', () => {
    expect(() => unpackCounts([-2, 3], 4)).toThrow('Expected 4 counts, got 3.')
    expect(() => unpackCounts([1, 2, 3], 2)).toThrow('Expected 2 counts, got 3.')
  })
})

describe('the hour of the week', () => {
  it('begins on Monday 00:00 UTC', () => {
    expect(hourOfWeek(Date.UTC(2024, 10, 18))).toBe(0)
    expect(hourOfWeek(Date.UTC(2024, 10, 17, 23, 59))).toBe(167)
    expect(hourOfWeek(1731880381293)).toBe(6 * 24 + 21)
  })
})

describe('a profile', () => {
  const fields: Field[] = [
    { name: 'hour_of_day', source: 'time' },
    { name: 'latitude', source: 'zip' },
    { name: 'utc_offset_hours', source: 'local_time' },
  ]
  const rows = 500
  const start = Date.UTC(2024, 10, 11)
  const instants = Float64Array.from({ length: rows }, (_, row) => start + row * 1_800_000)
  const values = Float32Array.from({ length: rows * 3 }, (_, index) => {
    const row = Math.floor(index / 3)
    if (index % 3 === 0) return Math.floor(row / 2) % 24
    if (index % 3 === 1) return row % 10 === 0 ? Number.NaN : 25 + (row % 97) / 4
    return -5 - (row % 4)
  })
  const matrix = { names: fields.map(({ name }) => name), values, labels: new Uint8Array(rows) }
  const probabilities = Float32Array.from({ length: rows }, (_, row) => (row % 20) / 20 + 0.01)
  const source = { model: 'm', version: '1.0.0', fields, matrix, instants }
  const profile = buildProfile({
    ...source,
    outputs: [{ name: 'p', layout: PROBABILITY_LAYOUT, values: probabilities }],
  })

  it('counts every row once per field, in its hour of the week', () => {
    for (const field of profile.fields) {
      const bins = field.counts.map((row) => unpackCounts(row, binCount(field)))
      const missing = unpackCounts(field.missing, 168)
      const perHour = bins.map((row, hour) => row.reduce((sum, count) => sum + count, missing[hour]))
      // 500 half hours from a Monday on: two rows in each hour of the week, three times over but for the last four hours.
      expect(perHour.reduce((sum, count) => sum + count, 0)).toBe(rows)
      expect(perHour[0]).toBe(4)
      expect(perHour[167]).toBe(2)
    }
  })

  it('knows the kind of a field, and its missing values', () => {
    expect(profile.fields.map(({ kind }) => kind)).toEqual(['calendar', 'continuous', 'discrete'])
    const [hour, latitude, offset] = profile.fields
    expect(unpackCounts(latitude.missing, 168).reduce((sum, count) => sum + count, 0)).toBe(50)
    expect('values' in hour && hour.values.length).toBe(24)
    expect('edges' in latitude && latitude.edges.length).toBe(19)
    expect('values' in offset && offset.values).toEqual([-8, -7, -6, -5])
    expect(latitude.range).toEqual([25, 49])
  })

  it('counts outputs in the layout of the edge, and keeps a hundred rows', () => {
    const [output] = profile.outputs
    const totals = new Float64Array(20)
    for (const row of output.counts) {
      for (const [bin, count] of unpackCounts(row, 20).entries()) totals[bin] += count
    }
    expect([...totals]).toEqual(new Array(20).fill(25))
    expect(profile.background.rows.length).toBe(100)
    expect(profile.background.rows.some((row) => row.includes(null))).toBe(true)
  })

  it('is read back from JSON, and refused where a row of counts is short', () => {
    const json = JSON.stringify(profile)
    expect(readReferenceProfile(JSON.parse(json))).toEqual(profile)
    const broken = JSON.parse(json)
    broken.fields[1].counts[3] = [1]
    expect(() => readReferenceProfile(broken)).toThrow('"latitude", slice 3: Expected 20 counts, got 1.')
    expect(() => readReferenceProfile({ ...broken, format: 2 })).toThrow('"format" 1, got 2')
  })

  it('of rows without a time has one slice', () => {
    const timeless = buildProfile({ ...source, instants: undefined, outputs: [] })
    expect(timeless.hour_of_week).toBeNull()
    expect(timeless.fields[0].counts.length).toBe(1)
    expect(readReferenceProfile(JSON.parse(JSON.stringify(timeless)))).toEqual(timeless)
  })
})
