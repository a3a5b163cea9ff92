/** The places that zip codes stand for, and how many people live where. */
import type { ZipFeatures } from '../core/zip/zip-features.ts'
import type { ZipPack, ZipValue } from '../core/zip/zip-pack.ts'

export interface Place {
  readonly zip: string
  readonly latitude: number
  readonly longitude: number
  readonly state: string
  readonly timeZone: string
  readonly features: ZipFeatures
}

/** Military mail: their coordinates are those of a post office that handles it, or of a base abroad. */
const MILITARY_STATES = new Set<ZipValue>(['AA', 'AE', 'AP'])

/** Every civil zip of `packs`, in zip order. */
export const civilPlaces = (packs: readonly ZipPack[]): Place[] =>
  packs
    .flatMap(({ data, columns, zips }) =>
      Object.entries(zips).flatMap(([zip, values = []]): Place[] => {
        const [latitude, longitude, state, timeZone] = values
        const isPlace = typeof latitude === 'number' && typeof longitude === 'number' && typeof timeZone === 'string'
        if (!isPlace || typeof state !== 'string' || MILITARY_STATES.has(state)) return []
        return [{ zip, latitude, longitude, state, timeZone, features: { level: 'exact', data, columns, values } }]
      }),
    )
    .sort((a, b) => (a.zip < b.zip ? -1 : 1))

/**
 * Residents on 1 April 2020, by the letters of the USPS. Source: US Census Bureau, 2020 Census apportionment results, table 2 (published
 * 2021-04-26); the fifty states and DC have 331,449,281.
 */
// biome-ignore format: a table
export const RESIDENTS: Readonly<Record<string, number>> = {
  AL: 5_024_279, AK: 733_391, AZ: 7_151_502, AR: 3_011_524, CA: 39_538_223, CO: 5_773_714, CT: 3_605_944, DE: 989_948,
  DC: 689_545, FL: 21_538_187, GA: 10_711_908, HI: 1_455_271, ID: 1_839_106, IL: 12_812_508, IN: 6_785_528, IA: 3_190_369,
  KS: 2_937_880, KY: 4_505_836, LA: 4_657_757, ME: 1_362_359, MD: 6_177_224, MA: 7_029_917, MI: 10_077_331, MN: 5_706_494,
  MS: 2_961_279, MO: 6_154_913, MT: 1_084_225, NE: 1_961_504, NV: 3_104_614, NH: 1_377_529, NJ: 9_288_994, NM: 2_117_522,
  NY: 20_201_249, NC: 10_439_388, ND: 779_094, OH: 11_799_448, OK: 3_959_353, OR: 4_237_256, PA: 13_002_700, RI: 1_097_379,
  SC: 5_118_425, SD: 886_667, TN: 6_910_840, TX: 29_145_505, UT: 3_271_616, VT: 643_077, VA: 8_631_393, WA: 7_705_281,
  WV: 1_793_716, WI: 5_893_718, WY: 576_851, PR: 3_285_874,
}

/** Chooses an item by a number in [0, 1): the chance of each is its share of the weights, none of which is negative. */
export const weightedPicker = <T>(
  items: readonly T[],
  weightOf: (item: T, index: number) => number,
): ((chance: number) => T) => {
  const bounds = new Float64Array(items.length)
  let sum = 0
  items.forEach((item, index) => {
    sum += weightOf(item, index)
    bounds[index] = sum
  })
  if (!(sum > 0)) throw new RangeError('nothing to choose from: the weights add up to 0')
  return (chance) => {
    const wanted = chance * sum
    let low = 0
    let high = bounds.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (bounds[middle] > wanted) high = middle
      else low = middle + 1
    }
    return items[low]
  }
}

/** How many people each place stands for: those of its state, shared out evenly over the state's zips; of other states none. */
export const residentsOf = (places: readonly Place[]): ((place: Place) => number) => {
  const zips = new Map<string, number>()
  for (const { state } of places) zips.set(state, (zips.get(state) ?? 0) + 1)
  return ({ state }) => (RESIDENTS[state] ?? 0) / (zips.get(state) ?? 1)
}

/** The places whose zips are given, in that order. Throws a RangeError for a zip that is none of `places`. */
export const placesAt = (places: readonly Place[], zips: readonly string[]): Place[] => {
  const byZip = new Map(places.map((place) => [place.zip, place]))
  return zips.map((zip) => {
    const place = byZip.get(zip)
    if (place === undefined) throw new RangeError(`the zip data have no civil zip ${zip}`)
    return place
  })
}
