import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { referenceView } from '../../../src/core/drift/reference-view.ts'
import { readReferenceProfile } from '../../../src/core/profile/read-reference-profile.ts'
import { profileOf, viewOf } from './small-profile.ts'

describe('the view of the bundled model', () => {
  const path = new URL('../../../model/late-arrival/1.0.0/reference.json', import.meta.url)
  const view = referenceView(readReferenceProfile(JSON.parse(readFileSync(path, 'utf8'))), new Set())

  it('spans seventeen weeks and takes each series for what it is', () => {
    expect(view.weeks).toBeCloseTo(17.1, 1)
    expect(view.byHour).toBe(true)
    expect(Object.fromEntries(view.series.map(({ name, kind }) => [name, kind]))).toEqual({
      hour_of_day: 'calendar',
      day_of_week: 'calendar',
      local_hour_of_day: 'calendar',
      local_day_of_week: 'calendar',
      local_minute_of_day: 'calendar',
      utc_offset_hours: 'calendar',
      latitude: 'continuous',
      longitude: 'continuous',
      late_probability: 'score',
    })
  })

  it('has every training row in each series', () => {
    for (const { rows, missing, totals } of view.series) {
      const sum = (row: Float64Array) => row.reduce((total, count) => total + count, 0)
      expect(sum(rows) + sum(missing)).toBe(1_975_922)
      expect(sum(totals)).toBe(sum(rows))
    }
  })

  it('knows how far its values spread, to the width of their bins', () => {
    const byName = new Map(view.series.map((series) => [series.name, series]))
    expect(byName.get('latitude')?.deviation).toBeGreaterThan(4)
    expect(byName.get('latitude')?.deviation).toBeLessThan(8)
    expect(byName.get('late_probability')?.deviation).toBeCloseTo(0.072, 1)
  })
})

describe('a view', () => {
  it('of a field that never varied has the deviation that its bins would hide', () => {
    const layout = { lowest: 0, highest: 1, bins: 10 }
    const view = viewOf({ outputs: [{ name: 'score', layout, counts: () => [0, 0, 7, 0, 0, 0, 0, 0, 0, 0] }] })
    expect(view.series[0].deviation).toBeCloseTo(0.1 / Math.sqrt(12), 12)
  })

  it('of a calendar field with no known cycle compares its bins', () => {
    const field = { name: 'moon_phase', kind: 'calendar', bins: { values: [0, 1] }, counts: () => [1, 1, 0] } as const
    expect(viewOf({ fields: [field] }).series[0]).toMatchObject({ kind: 'discrete', calendar: null })
  })

  it('of nothing but missing values has no places', () => {
    const field = { name: 'x', kind: 'continuous', range: null, bins: { edges: [] }, counts: () => [0] } as const
    expect(viewOf({ fields: [field] }).series[0]).toMatchObject({ positions: null, deviation: null })
  })

  it('of a profile without dates spans one week', () => {
    const profile = { ...profileOf({}), from: 'some day', to: 'another' }
    expect(referenceView(profile, new Set()).weeks).toBe(1)
    expect(viewOf({ byHour: false }).weeks).toBe(1)
  })
})
