import { describe, expect, it } from 'vitest'
import { meanLongitude, medianPoint } from '../../../src/cli/zips/point.ts'
import { zipMeans } from '../../../src/cli/zips/zip-means.ts'

describe('the mean longitude', () => {
  it.each([
    [[-122, -120], -121],
    [[10, 20, 60], 30],
    [[179, -179], -180],
    [[-176.6, 178, -179], -179.2],
    [[144.75, -170.75], 167],
  ])('of %j is %d', (longitudes, expected) => {
    expect(meanLongitude(longitudes)).toBeCloseTo(expected, 9)
  })
})

describe('the median point', () => {
  it('is not moved by one that is far off', () => {
    const points = [10, 11, 90].map((degrees) => ({ latitude: degrees, longitude: -degrees }))
    expect(medianPoint(points)).toEqual({ latitude: 11, longitude: -11 })
  })
})

describe('the means of a zip table', () => {
  const table = {
    columns: ['latitude', 'longitude', 'state', 'time_zone', 'price', 'region'],
    rows: new Map([
      ['10001', [40, -74, 'NY', 'America/New_York', 1, null]],
      ['10002', [42, -76, 'NY', 'America/New_York', null, 'b']],
      ['10003', [41, -75, 'NJ', 'America/New_York', 4, 'a']],
      ['34002', [9, -79, 'AA', 'America/Panama', 100, null]],
    ]),
  }
  const means = zipMeans(table, '2026-11')

  it('average numbers and take the commonest string, the first in order of equals, without the nulls', () => {
    expect(means.zip3['100']).toEqual([41, -75, 'NY', 'America/New_York', 2.5, 'a'])
  })

  it('are null where a column says nothing', () => {
    expect(means.zip3['340']).toEqual([9, -79, 'AA', 'America/Panama', 100, null])
  })

  it('leave military post out of the national mean', () => {
    expect(means.national).toEqual([41, -75, 'NY', 'America/New_York', 2.5, 'a'])
  })
})
