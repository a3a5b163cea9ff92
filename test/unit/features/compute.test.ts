import { describe, expect, it } from 'vitest'
import { compileFeatureView, type FeatureInput } from '../../../src/core/features/compute.ts'
import type { Field } from '../../../src/core/features/feature-view.ts'
import type { ZipFeatures } from '../../../src/core/zip/zip-features.ts'

const columns = ['latitude', 'longitude', 'state', 'time_zone', 'income']
const zip = (level: ZipFeatures['level'], values: ZipFeatures['values']): ZipFeatures => ({
  level,
  data: '2026-11',
  columns,
  values,
})
const sanFrancisco = zip('exact', [37.7621, -122.3971, 'CA', 'America/Los_Angeles', 90_000])
const newYork = zip('exact', [40.7484, -73.9967, 'NY', 'America/New_York', null])
const national = zip('national_mean', [38.5, -91.2, 'TX', 'America/New_York', 60_000])

const event = (over: Partial<FeatureInput> = {}): FeatureInput => ({
  epochMilliseconds: 1731880381293,
  zip: sanFrancisco,
  origins: [],
  record: { cart: { value: 12.5 }, device: 'phone', vip: true, items: '3' },
  ...over,
})

/** One row of a view, as field → value, with the fields it imputed. */
const row = (fields: readonly Field[], input: FeatureInput, strings: readonly string[] = []) => {
  const computer = compileFeatureView({ version: 1, fields }, new Set(strings))
  const rows = {
    numbers: new Float64Array(fields.length),
    strings: computer.hasStrings ? new Array<string | null>(fields.length).fill(null) : null,
  }
  const imputed: string[] = []
  const utc = computer.compute(input, rows, 0, imputed)
  return {
    values: Object.fromEntries(fields.map((field, index) => [field.name, rows.numbers[index]])),
    strings: rows.strings,
    imputed,
    utc,
  }
}

describe('a feature row', () => {
  it('holds the UTC calendar and the calendar at the zip', () => {
    const { values, utc, imputed } = row(
      [
        { name: 'hour_of_day', source: 'time' },
        { name: 'day_of_week', source: 'time' },
        { name: 'local_hour_of_day', source: 'local_time' },
        { name: 'utc_offset_hours', source: 'local_time' },
      ],
      event(),
    )
    expect(values).toEqual({ hour_of_day: 21, day_of_week: 6, local_hour_of_day: 13, utc_offset_hours: -8 })
    expect(utc).toMatchObject({ dayOfYear: 322, dayOfWeek: 6, hourOfDay: 21 })
    expect(imputed).toEqual([])
  })

  it('takes zip columns from the zip, a user’s own included', () => {
    const { values, imputed } = row(
      [
        { name: 'latitude', source: 'zip' },
        { name: 'income', source: 'zip' },
      ],
      event(),
    )
    expect(values).toEqual({ latitude: 37.7621, income: 90_000 })
    expect(imputed).toEqual([])
  })

  it('flags what is missing, and puts the default in its place', () => {
    const { values, imputed } = row([{ name: 'income', source: 'zip', default: 55_000 }], event({ zip: newYork }))
    expect(values).toEqual({ income: 55_000 })
    expect(imputed).toEqual(['income'])
  })

  it('flags every field that rests on a coarse zip', () => {
    const { imputed } = row(
      [
        { name: 'hour_of_day', source: 'time' },
        { name: 'latitude', source: 'zip' },
        { name: 'local_hour_of_day', source: 'local_time' },
      ],
      event({ zip: zip('zip3_mean', [37.7, -122.4, 'CA', 'America/Los_Angeles', 80_000]) }),
    )
    expect(imputed).toEqual(['latitude', 'local_hour_of_day'])
  })

  it('prefers the model’s own default to the mean of the country', () => {
    const fields: Field[] = [
      { name: 'latitude', source: 'zip', default: 39.8 },
      { name: 'longitude', source: 'zip' },
    ]
    expect(row(fields, event({ zip: national })).values).toEqual({ latitude: 39.8, longitude: -91.2 })
  })

  it('reads the event by path: numbers, booleans, digits; what is none of them is NaN and flagged', () => {
    const { values, imputed } = row(
      [
        { name: 'cart_value', source: 'event', path: 'cart.value', default: null },
        { name: 'vip', source: 'event' },
        { name: 'items', source: 'event' },
        { name: 'nothing', source: 'event' },
      ],
      event(),
    )
    expect(values).toEqual({ cart_value: 12.5, vip: 1, items: 3, nothing: Number.NaN })
    expect(imputed).toEqual(['nothing'])
  })

  it.each([Number.POSITIVE_INFINITY, 10n ** 400n, 'Infinity', '0x10', '', 'twelve', '1,5', null, {}])(
    'takes %s for missing: it is no decimal number',
    (odd) => {
      expect(row([{ name: 'odd', source: 'event' }], event({ record: { odd } }))).toMatchObject({
        values: { odd: Number.NaN },
        imputed: ['odd'],
      })
    },
  )

  it('encodes categories by their place, unknown ones as told', () => {
    const field = (path: string): Field => ({
      name: path,
      source: 'event',
      encoding: { categories: ['desktop', 'phone'], unknown: -1 },
    })
    expect(row([field('device'), field('cart')], event()).values).toEqual({ device: 1, cart: -1 })
    expect(row([field('absent')], event())).toMatchObject({ values: { absent: Number.NaN }, imputed: ['absent'] })
  })

  it('keeps strings for the graphs that want them', () => {
    const { strings, imputed } = row(
      [
        { name: 'device', source: 'event', default: 'none' },
        { name: 'colour', source: 'event', default: 'none' },
      ],
      event(),
      ['device', 'colour'],
    )
    expect(strings).toEqual(['phone', 'none'])
    expect(imputed).toEqual(['colour'])
  })

  it('measures the distance between two zips, and knows when it cannot', () => {
    const field: Field = { name: 'distance_km', source: 'distance', from: 'shipFromZip' }
    const known = row([field], event({ origins: [newYork] }))
    // The haversine formula worked in Python's float64 on the mean Earth radius gives 4127.7104623.
    expect(known.values.distance_km).toBeCloseTo(4127.7104623, 6)
    expect(known.imputed).toEqual([])
    const unknown = row([field], event({ origins: [national] }))
    expect(unknown).toMatchObject({ values: { distance_km: Number.NaN }, imputed: ['distance_km'] })
  })

  it('refuses a view with a field nobody can compute, naming it', () => {
    expect(() => compileFeatureView({ version: 1, fields: [{ name: 'moon_phase', source: 'time' }] })).toThrow(
      /moon_phase.*day_of_year/,
    )
    expect(() => compileFeatureView({ version: 1, fields: [{ name: 'd', source: 'distance' }] })).toThrow(/from/)
  })
})
