import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mergeZips } from '../../../src/cli/zips/merge-zips.ts'
import { seedFiles } from '../../../src/cli/zips/write-seed.ts'
import { readZipSources } from '../../../src/cli/zips/zip-sources.ts'
import { localCalendarAt } from '../../../src/core/time/zones.ts'
import { readZipPack, zipRow } from '../../../src/core/zip/read-zip-pack.ts'
import type { ZipMeans, ZipPack, ZipValue } from '../../../src/core/zip/zip-pack.ts'

const folder = resolve(import.meta.dirname, '../../../kv-seed')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

const entries = JSON.parse(read('zips.json')) as readonly { key: string; value: string }[]
const packs = new Map(entries.map(({ key, value }) => [key, readZipPack(JSON.parse(value))]))
const means = JSON.parse(read('zip3-means.json')) as ZipMeans

const rowOf = (zip: string): readonly ZipValue[] | undefined => {
  const pack = packs.get(`zip3/${zip.slice(0, 3)}`)
  return pack === undefined ? undefined : zipRow(pack, zip)
}

const rowsOf = (pack: ZipPack): (readonly [string, readonly ZipValue[]])[] =>
  Object.keys(pack.zips).map((zip) => [zip, zipRow(pack, zip) ?? []] as const)

const rows = [...packs.values()].flatMap(rowsOf)

/** USPS Publication 28, Appendix B: the 50 states, the District, the territories, freely associated states and the military regions in use. */
const STATES =
  'AA AE AK AL AP AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY'.split(
    ' ',
  )

describe('the committed zip data', () => {
  it('are what the same command writes again', () => {
    const sources = readZipSources()
    const { table, report } = mergeZips(sources)
    const files = seedFiles({ data: means.data, table, versions: sources.versions, report, user: null })
    expect(Object.keys(files).filter((name) => files[name] !== read(name))).toEqual([])
  })

  it('hold between 41,000 and 42,500 zips, each in the pack of its first three digits', () => {
    expect(rows.length).toBeGreaterThan(41_000)
    expect(rows.length).toBeLessThan(42_500)
    const stray = [...packs].flatMap(([key, pack]) =>
      Object.keys(pack.zips).filter((zip) => `zip3/${zip.slice(0, 3)}` !== key),
    )
    expect(stray).toEqual([])
    expect(rows.filter(([zip]) => !/^\d{5}$/.test(zip))).toEqual([])
  })

  it('are sorted, one entry a line', () => {
    const keys = entries.map(({ key }) => key)
    expect(keys).toEqual(keys.toSorted())
    expect(read('zips.json').split('\n')).toHaveLength(entries.length + 3)
  })

  it('give every zip coordinates on Earth, a state the post office knows and a zone that every runtime knows', () => {
    const zones = new Set(rows.map(([, [, , , zone]]) => String(zone)))
    for (const zone of zones) {
      expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow()
      expect(localCalendarAt(zone, 1731880381293)).toBeDefined()
    }
    const states = new Set(rows.map(([, [, , state]]) => String(state)))
    expect([...states].toSorted()).toEqual(STATES)
    const lost = rows.filter(
      ([, [latitude, longitude]]) => !(Math.abs(Number(latitude)) <= 90 && Math.abs(Number(longitude)) <= 180),
    )
    expect(lost).toEqual([])
  })

  it.each([
    ['94107', 37.76, -122.4, 'CA', 'America/Los_Angeles', 'San Francisco'],
    ['10001', 40.75, -74, 'NY', 'America/New_York', 'New York'],
    ['99553', 54.14, -165.79, 'AK', 'America/Nome', 'Akutan, Aleutians East, on Alaska time'],
    ['99546', 51.87, -176.63, 'AK', 'America/Adak', 'Adak, Aleutians West'],
    ['96799', -14.32, -170.75, 'AS', 'Pacific/Pago_Pago', 'American Samoa, no day off'],
    ['00601', 18.18, -66.75, 'PR', 'America/Puerto_Rico', 'Adjuntas'],
    ['00802', 18.34, -64.94, 'VI', 'America/St_Thomas', 'St Thomas'],
    ['96910', 13.45, 144.75, 'GU', 'Pacific/Guam', 'Hagåtña'],
    ['96950', 15.19, 145.75, 'MP', 'Pacific/Saipan', 'Saipan'],
    ['96960', 7.11, 171.24, 'MH', 'Pacific/Majuro', 'Majuro'],
    ['96701', 21.39, -157.93, 'HI', 'Pacific/Honolulu', 'Aiea'],
    ['79901', 31.76, -106.48, 'TX', 'America/Denver', 'El Paso, the Mountain corner of Texas'],
    ['46201', 39.78, -86.11, 'IN', 'America/Indiana/Indianapolis', 'Indianapolis'],
    ['46320', 41.61, -87.51, 'IN', 'America/Chicago', 'Hammond, the Central corner of Indiana'],
    ['85001', 33.45, -112.07, 'AZ', 'America/Phoenix', 'Phoenix, no summer time'],
    ['86503', 36.13, -109.6, 'AZ', 'America/Denver', 'Chinle, Navajo Nation, summer time'],
    ['86034', 35.81, -110.28, 'AZ', 'America/Phoenix', 'Keams Canyon, Hopi, no summer time'],
    ['30124', 34.12, -85.34, 'GA', 'America/New_York', 'Cave Spring, where coordinates alone mislead'],
    ['89024', 36.81, -114.07, 'NV', 'America/Los_Angeles', 'Mesquite, corrected by its county'],
    ['99506', 61.27, -149.81, 'AK', 'America/Anchorage', 'Elmendorf, corrected by the Census'],
    ['56682', 48.85, -95.22, 'MN', 'America/Chicago', 'Swift, not in Winnipeg'],
    ['09001', 38.11, 15.66, 'AE', 'Europe/Rome', 'military post in Italy'],
    ['96201', 34.72, 128.58, 'AP', 'Asia/Seoul', 'military post in Korea'],
    ['96598', -90, 139.27, 'AP', 'Antarctica/McMurdo', 'the South Pole'],
    ['34002', 8.97, -79.56, 'AA', 'America/Panama', 'military post in Panama'],
  ])('know %s', (zip, latitude, longitude, state, zone) => {
    const [foundLatitude, foundLongitude, ...rest] = rowOf(zip) ?? []
    expect(rest).toEqual([state, zone])
    expect(Math.abs(Number(foundLatitude) - latitude)).toBeLessThan(0.02)
    expect(Math.abs(Number(foundLongitude) - longitude)).toBeLessThan(0.02)
  })
})

describe('the bundled means', () => {
  it('have a row for every pack, in the same columns, of the same release', () => {
    expect(
      Object.keys(means.zip3)
        .map((zip3) => `zip3/${zip3}`)
        .toSorted(),
    ).toEqual([...packs.keys()])
    const odd = [...packs.values()].filter(
      ({ data, columns }) => data !== means.data || columns.join() !== means.columns.join(),
    )
    expect(odd).toEqual([])
  })

  it('lie among the zips they are the mean of', () => {
    const outside = [...packs].flatMap(([key, pack]) => {
      const mean = means.zip3[key.slice(5)] ?? []
      return [0, 1].flatMap((column) => {
        const values = rowsOf(pack).map(([, row]) => Number(row[column]))
        const [low, high] = [Math.min(...values) - 0.001, Math.max(...values) + 0.001]
        // A group that spans more than half the circle crosses the antimeridian.
        return Number(mean[column]) >= low && Number(mean[column]) <= high && high - low < 180 ? [] : [key]
      })
    })
    // Honolulu with Wake Island, American Samoa; the remote posts of the Navy, from Alaska to Australia.
    expect([...new Set(outside)]).toEqual(['zip3/965', 'zip3/968'])
  })

  it('put the middle of the country in the middle of the country', () => {
    const [latitude, longitude, ...rest] = means.national
    expect(Number(latitude)).toBeCloseTo(38.5, 0)
    expect(Number(longitude)).toBeCloseTo(-91, 0)
    expect(rest).toEqual(['TX', 'America/New_York'])
  })

  it('are small enough for the bundle', () => {
    expect(read('zip3-means.json').length).toBeLessThan(60_000)
  })
})
