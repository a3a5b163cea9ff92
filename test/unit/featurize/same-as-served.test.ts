import { describe, expect, it } from 'vitest'
import { makeRecords, RECORD_SIZES } from '../../../bench/records.ts'
import type { Label } from '../../../src/cli/featurize/columns.ts'
import type { FeatureView } from '../../../src/core/features/feature-view.ts'
import { columnsOf, expectedLine, featurizeText, planOf, zipTable } from '../../support/featurize.ts'
import { oddRecords } from '../../support/odd-records.ts'

const table = zipTable()

const VIEW: FeatureView = {
  version: 1,
  fields: [
    { name: 'minute_of_day', source: 'time' },
    { name: 'latitude', source: 'zip', default: 39.8 },
    { name: 'local_hour_of_day', source: 'local_time', default: 12 },
    { name: 'cart_value', source: 'event', path: 'cart.value', default: null },
    { name: 'device', source: 'event', encoding: { categories: ['phone', 'desktop'], unknown: -1 } },
    { name: 'device_name', source: 'event', path: 'device', default: 'none' },
    { name: 'distance_km', source: 'distance', from: 'shipFromZip' },
    { name: 'prototype', source: 'event', path: '__proto__' },
  ],
}
const LABELS: Label[] = ['bought', 'cart', 'a.b', 'constructor', 'message'].map((path) => ({
  name: `label_${path}`,
  path,
  type: 'choose',
}))

const full = columnsOf({ view: VIEW, textFields: new Set(['device_name']), labels: LABELS })
const plain = columnsOf()

/** Every line, where the record says which. */
const compare = (records: readonly string[], plan: ReturnType<typeof planOf>): void => {
  const lines = featurizeText({ ...plan, keepOrder: true }, table, records.map((record) => `${record}\n`).join(''))
  expect(lines.length).toBe(records.length)
  records.forEach((record, index) => {
    expect({ record, line: lines[index] }).toEqual({ record, line: expectedLine(record, plan, table) })
  })
}

describe('the scanned values of a record give the same row as the whole record', () => {
  it.each([
    ['in the usual places', {}],
    ['at paths of their own', { timePath: 'meta.time', zipPath: 'geo.zip' }],
    ['at a dotted name', { timePath: 'event.created', timeUnit: 'ms' }],
    ['in seconds, and in a zone', { timeUnit: 's', timeZone: 'America/New_York' }],
    ['in microseconds', { timeUnit: 'us' }],
  ] as const)('with time and zip %s', (_, rules) => {
    const records = oddRecords(4_000, 7)
    compare(records, planOf(full, { rules }))
    compare(records, planOf(plain, { rules }))
  })

  it.each(RECORD_SIZES)('for ordinary records, %s', (size) => {
    const records = makeRecords(size, 500, 3).map((record) => JSON.stringify(record))
    compare(records, planOf(full))
    compare(records, planOf(plain))
  })

  it('with --strict, which finds what JSON.parse finds', () => {
    compare(oddRecords(1_000, 11), planOf(full, { strict: true }))
  })
})
