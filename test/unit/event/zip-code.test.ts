/** What is read as a US zip, what is repaired, and what is left unknown. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readZip, zip3 } from '../../../src/core/event/zip-code.ts'
import type { JsonValue } from '../../../src/core/json.ts'

describe('a zip', () => {
  const cases: [JsonValue, string | null][] = [
    ['94107', '94107'],
    [94107, '94107'],
    [94107n, '94107'],
    ['00501', '00501'],
    [501, '00501'],
    ['501', '00501'],
    [2139, '02139'],
    ['2139', '02139'],
    ['2139.0', '02139'],
    ['94107.00', '94107'],
    ['94107-1234', '94107'],
    ['94107 1234', '94107'],
    ['94107-', '94107'],
    ['2139-1234', '02139'],
    ['941071234', '94107'],
    [941071234, '94107'],
    ['  94107 ', '94107'],
    ['94107\n', '94107'],
    ['00000', null],
    [0, null],
    ['12', null],
    [7, null],
    ['941071', null],
    [9410712, null],
    ['01310100', null],
    ['01310-100', null],
    ['94107-12', null],
    ['94107-12345', null],
    ['94107.5', null],
    [94107.5, null],
    [-94107, null],
    [1e21, null],
    [Number.NaN, null],
    ['K1A 0B6', null],
    ['SW1A 1AA', null],
    ['CA 94107', null],
    ['9410７', null],
    ['unknown', null],
    [true, null],
    [{ code: '94107' }, null],
    [['94107'], null],
  ]
  it.each(cases)('%o is %s', (value, zip) => {
    expect(readZip({ zipCode: value })).toEqual({ zip, state: zip === null ? 'malformed' : 'valid' })
  })

  it.each([[{}], [{ zipCode: null }], [{ zip: '' }], [{ postalCode: '  ' }]])('%j names none', (record) => {
    expect(readZip(record)).toEqual({ zip: null, state: 'missing' })
  })

  it('is read from the first field that says anything', () => {
    expect(readZip({ postalCode: '10001', zip: '60601', zipCode: '94107' }).zip).toBe('94107')
    expect(readZip({ postalCode: '10001', zip: '60601', zipCode: null }).zip).toBe('60601')
    expect(readZip({ postalCode: '10001' }).zip).toBe('10001')
    expect(readZip({ zipCode: 'unknown', zip: '94107' }).state).toBe('malformed')
  })

  it('is read only from the configured path', () => {
    expect(readZip({ geo: { postal_code: 94107 }, zipCode: '10001' }, 'geo.postal_code').zip).toBe('94107')
    expect(readZip({ 'geo.postal_code': '94107' }, 'geo.postal_code').zip).toBe('94107')
    expect(readZip({ zipCode: '10001' }, 'geo.postal_code').state).toBe('missing')
  })

  it('is five digits or null for any value, and never an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { zip, state } = readZip({ zipCode: value as JsonValue })
        expect(state === 'valid').toBe(zip !== null)
        if (zip !== null) expect(zip).toMatch(/^\d{5}$/)
      }),
      { numRuns: 2000 },
    )
  })

  it('comes back from the number it was stored as', () => {
    for (let number = 100; number <= 99_999; number++) {
      const zip = String(number).padStart(5, '0')
      expect(readZip({ zip: number }).zip).toBe(zip.startsWith('000') ? null : zip)
    }
  })
})

it('begins with its section', () => {
  expect(zip3('02139')).toBe('021')
})
