/** Where each zip lies: GeoNames, corrected by the Census where GeoNames only guessed. */
import { zip3 } from '../../core/event/zip-code.ts'
import { kilometresBetween, medianPoint, type Point } from './point.ts'
import type { PostalPlace, ZipSources } from './zip-sources.ts'
import { groupByZip3 } from './zip3-groups.ts'

export type PointSource = 'geonames' | 'census' | 'census_correction'

export interface LocatedZip extends Point {
  readonly zip: string
  /** USPS letters; empty where GeoNames names none. */
  readonly state: string
  readonly county: string
  readonly source: PointSource
  /** Between the two sources, km; `null` where only one has the zip. */
  readonly disagreementKilometres: number | null
}

/** An estimated point this far from the Census point is the centre of some county or the zip of another place. 9 of 10 zips agree within 8 km. */
const ESTIMATE_LIMIT_KILOMETRES = 20

/** In Alaska a tabulation area spans hundreds of km and its internal point lies in the wild, so the village is kept, unless it is further off than this. */
const ALASKA_LIMIT_KILOMETRES = 200

/** Whether the Census point stands in for an estimated one. `centre` is the median point of the zip3. */
const isCorrected = (place: PostalPlace, census: Point, centre: Point): boolean => {
  if (!place.isEstimated) return false
  const apart = kilometresBetween(place, census)
  if (place.state !== 'AK') return apart > ESTIMATE_LIMIT_KILOMETRES
  return apart > ALASKA_LIMIT_KILOMETRES && kilometresBetween(census, centre) < kilometresBetween(place, centre)
}

/** All zips that a source knows the place of, sorted. Of two GeoNames lines for one zip the one with a state counts. */
export const locateZips = ({ geonames, census }: ZipSources): LocatedZip[] => {
  const places = new Map<string, PostalPlace>()
  for (const place of geonames) {
    const known = places.get(place.zip)
    if (known === undefined || (known.state === '' && place.state !== '')) places.set(place.zip, place)
  }
  const centres = new Map([...groupByZip3(places.values())].map(([key, group]) => [key, medianPoint(group)]))
  const located: LocatedZip[] = []
  for (const [zip, place] of places) {
    const other = census.get(zip)
    const centre = centres.get(zip3(zip))
    const corrected = other !== undefined && centre !== undefined && isCorrected(place, other, centre)
    const { latitude, longitude } = corrected ? other : place
    located.push({
      zip,
      latitude,
      longitude,
      state: place.state,
      county: place.county,
      source: corrected ? 'census_correction' : 'geonames',
      disagreementKilometres: other === undefined ? null : kilometresBetween(place, other),
    })
  }
  for (const [zip, point] of census) {
    if (!places.has(zip)) {
      located.push({ zip, ...point, state: '', county: '', source: 'census', disagreementKilometres: null })
    }
  }
  return located.toSorted((a, b) => (a.zip < b.zip ? -1 : 1))
}
