/** Distance on the sphere. */

/** Mean Earth radius, km (IUGG 1980). */
const EARTH_RADIUS_KM = 6371.0088
const RADIANS = Math.PI / 180

/**
 * Great-circle distance by the haversine formula, in km; NaN if a coordinate is NaN.
 * Coordinates in degrees. Source: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
 */
export const distanceKilometres = (
  latitudeA: number,
  longitudeA: number,
  latitudeB: number,
  longitudeB: number,
): number => {
  const sinLatitude = Math.sin(((latitudeB - latitudeA) * RADIANS) / 2)
  const sinLongitude = Math.sin(((longitudeB - longitudeA) * RADIANS) / 2)
  const a =
    sinLatitude * sinLatitude +
    Math.cos(latitudeA * RADIANS) * Math.cos(latitudeB * RADIANS) * sinLongitude * sinLongitude
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(a)))
}
