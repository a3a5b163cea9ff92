import { describe, expect, it } from 'vitest'
import { readZipPack, zipRow } from '../../../src/core/zip/read-zip-pack.ts'

const columns = ['latitude', 'longitude', 'state', 'time_zone']
const row = [37.7621, -122.3971, 'CA', 'America/Los_Angeles']
const pack = { format: 1, data: '2026-11', columns, zips: { '94107': row } }

describe('reading a zip pack', () => {
  it('takes what the seed holds', () => {
    expect(readZipPack(pack)).toEqual(pack)
  })

  it('takes columns of the user behind the built-in ones', () => {
    const wide = {
      ...pack,
      columns: [...columns, 'plan_price'],
      zips: { '94107': [...row, 12.5], '94108': [...row, null] },
    }
    expect(zipRow(readZipPack(wide), '94108')).toEqual([...row, null])
  })

  it.each([
    ['nothing', null, 'expected an object'],
    ['a string', 'pack', 'expected an object'],
    ['a list', [pack], 'expected an object'],
    ['no format', { ...pack, format: undefined }, 'expected "format" 1, got undefined'],
    ['a later format', { ...pack, format: 2 }, 'expected "format" 1, got 2'],
    ['no release', { ...pack, data: '' }, 'expected "data" to name a release'],
    ['no columns', { ...pack, columns: null }, 'expected "columns" to be strings that begin with latitude, longitude'],
    ['other columns', { ...pack, columns: ['longitude', 'latitude', 'state', 'time_zone'] }, 'expected "columns"'],
    ['a column that is no string', { ...pack, columns: [...columns, 5] }, 'expected "columns"'],
    ['no zips', { ...pack, zips: undefined }, 'expected "zips" to be an object'],
    ['a list of zips', { ...pack, zips: [row] }, 'expected "zips" to be an object'],
  ])('refuses %s', (_, value, message) => {
    expect(() => readZipPack(value)).toThrow(message)
  })
})

describe('looking a zip up', () => {
  it('finds its row', () => {
    expect(zipRow(readZipPack(pack), '94107')).toEqual(row)
  })

  it('finds nothing for a zip that is not there, whatever it is called', () => {
    expect(zipRow(readZipPack(pack), '94199')).toBeUndefined()
    expect(zipRow(readZipPack(pack), 'constructor')).toBeUndefined()
  })

  it.each([
    ['too short', row.slice(1)],
    ['too long', [...row, 1]],
    ['no list', 'row'],
    ['null', null],
    ['with an object in it', [...row.slice(0, 3), {}]],
  ])('refuses a row that is %s, and leaves its neighbours alone', (_, bad) => {
    const mixed = readZipPack({ ...pack, zips: { '94107': row, '94108': bad } })
    expect(() => zipRow(mixed, '94108')).toThrow('expected 4 values for zip 94108')
    expect(zipRow(mixed, '94107')).toEqual(row)
  })
})
