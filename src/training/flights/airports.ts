/** Airports, and the derived join from an airport to the zip nearest to it. */
import { distanceKilometres } from '../../core/geo.ts'
import type { ZipFeatures } from '../../core/zip/zip-features.ts'
import type { ZipPack } from '../../core/zip/zip-pack.ts'
import { civilPlaces } from '../places.ts'

export interface Airport {
  readonly code: string
  /** Degrees, WGS 84. */
  readonly latitude: number
  readonly longitude: number
}

/** The zip that stands for an airport: the data know airports, events know zips, so this join is derived, not observed. */
export interface AirportZip {
  readonly zip: string
  readonly distanceKilometres: number
  readonly timeZone: string
  readonly features: ZipFeatures
}

/**
 * For each airport the civil zip with the least great-circle distance, the first in zip order of equals.
 * Throws an Error when the packs hold no civil zip.
 */
export const nearestZips = (airports: readonly Airport[], packs: readonly ZipPack[]): Map<string, AirportZip> => {
  const zips = civilPlaces(packs)
  return new Map(
    airports.map((airport) => {
      let nearest: AirportZip | undefined
      for (const { zip, latitude, longitude, timeZone, features } of zips) {
        const distance = distanceKilometres(airport.latitude, airport.longitude, latitude, longitude)
        if (nearest === undefined || distance < nearest.distanceKilometres) {
          nearest = { zip, timeZone, features, distanceKilometres: distance }
        }
      }
      if (nearest === undefined) throw new Error('the zip data hold no civil zip')
      return [airport.code, nearest]
    }),
  )
}
