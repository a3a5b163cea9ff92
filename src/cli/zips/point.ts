/** Places on the map: how far apart, and in the middle of others. */
import { distanceKilometres } from '../../core/geo.ts'

/** Degrees, WGS 84. */
export interface Point {
  readonly latitude: number
  readonly longitude: number
}

/** Great-circle distance, km. */
export const kilometresBetween = (a: Point, b: Point): number =>
  distanceKilometres(a.latitude, a.longitude, b.latitude, b.longitude)

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** The median latitude and the median longitude of `points`, each the upper of two; NaN of none. */
export const medianPoint = (points: readonly Point[]): Point => ({
  latitude: median(points.map((point) => point.latitude)),
  longitude: median(points.map((point) => point.longitude)),
})

/**
 * The arithmetic mean of longitudes, degrees in [−180, 180), unwrapped about their direction on the circle, so that 179 and −179 give −180
 * and not 0. NaN of none.
 */
export const meanLongitude = (longitudes: readonly number[]): number => {
  const radians = longitudes.map((longitude) => (longitude * Math.PI) / 180)
  const sine = radians.reduce((sum, angle) => sum + Math.sin(angle), 0)
  const cosine = radians.reduce((sum, angle) => sum + Math.cos(angle), 0)
  const centre = (Math.atan2(sine, cosine) * 180) / Math.PI
  const unwrapped = longitudes.map((longitude) => longitude - 360 * Math.round((longitude - centre) / 360))
  const mean = unwrapped.reduce((sum, longitude) => sum + longitude, 0) / longitudes.length
  return ((((mean + 180) % 360) + 360) % 360) - 180
}
