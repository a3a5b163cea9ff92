/** Every zip's features under a small number: its own row, else the means that stand in at the edge. */
import { zip3 } from '../../core/event/zip-code.ts'
import { nationalMean, zip3Mean } from '../../core/zip/coarse-zip.ts'
import { type ZipFeatures, type ZipLevel, zipValue } from '../../core/zip/zip-features.ts'
import type { ZipData } from './zip-data.ts'
import { findZip } from './zip-rows.ts'

/** Keys below are zips that have a row of their own, 0 to 99999; then means of three digits; then the mean of the country. */
const FIRST_MEAN_KEY = 100_000
export const NATIONAL_KEY = FIRST_MEAN_KEY + 1_000
/** A bound of all keys. */
export const KEY_LIMIT = NATIONAL_KEY + 1

const EXACT = 1
const MEAN = 2
const NATIONAL = 3
const LEVELS: Record<ZipLevel, number> = { exact: EXACT, zip3_mean: MEAN, national_mean: NATIONAL }

const digitsOf = (zip: number): string => String(zip).padStart(5, '0')

const meanKey = (zip: number): number => FIRST_MEAN_KEY + ((zip / 100) | 0)

export const levelOfKey = (key: number): ZipLevel => {
  if (key < FIRST_MEAN_KEY) return 'exact'
  return key === NATIONAL_KEY ? 'national_mean' : 'zip3_mean'
}

export class ZipTable {
  private readonly data: ZipData
  /** How each zip is known, by the numbers above, 0 where it was not looked up yet; bytes, so that they stay in a cache. */
  private readonly levels = new Uint8Array(FIRST_MEAN_KEY)
  /** What was asked for by `features`. Filled, since V8 makes a slow table of an array with holes this large. */
  private readonly known = new Array<ZipFeatures | undefined>(KEY_LIMIT).fill(undefined)
  /** For each key the place of its time zone among `zones`, 0 where it was not looked up yet; small, as `levels`. */
  private readonly zoneNumbers = new Uint16Array(KEY_LIMIT)
  private readonly zones: (string | undefined)[] = [undefined]

  constructor(data: ZipData) {
    this.data = data
  }

  /** The key of the zip that is the number `zip`, 0 to 99999. */
  keyOf(zip: number): number {
    switch (this.levels[zip]) {
      case EXACT:
        return zip
      case MEAN:
        return meanKey(zip)
      case NATIONAL:
        return NATIONAL_KEY
      default:
        return this.find(zip)
    }
  }

  /** What stands under a key that `keyOf` returned, in this thread or another, or under `NATIONAL_KEY`; remembered. */
  features(key: number): ZipFeatures {
    const known = this.known[key]
    if (known !== undefined) return known
    const features = this.findFeatures(key)
    this.known[key] = features
    return features
  }

  /** The same, not remembered. */
  findFeatures(key: number): ZipFeatures {
    if (key < FIRST_MEAN_KEY) {
      const features = findZip(this.data.zips, digitsOf(key))
      if (features !== undefined) return features
    } else if (key !== NATIONAL_KEY) {
      const features = zip3Mean(this.data.means, String(key - FIRST_MEAN_KEY).padStart(3, '0'))
      if (features !== undefined) return features
    } else return nationalMean(this.data.means)
    throw new RangeError(`no zip features under the key ${key}`)
  }

  /** The time zone under a key, as `features` has it. */
  zoneOf(key: number): string | undefined {
    const number = this.zoneNumbers[key]
    return this.zones[number === 0 ? this.findZone(key) : number]
  }

  private findZone(key: number): number {
    const value = zipValue(this.findFeatures(key), 'time_zone')
    const zone = typeof value === 'string' ? value : undefined
    let number = this.zones.indexOf(zone, 1)
    if (number < 0) number = this.zones.push(zone) - 1
    this.zoneNumbers[key] = number
    return number
  }

  private find(zip: number): number {
    const digits = digitsOf(zip)
    const features =
      findZip(this.data.zips, digits) ?? zip3Mean(this.data.means, zip3(digits)) ?? nationalMean(this.data.means)
    const level = LEVELS[features.level]
    this.levels[zip] = level
    return level === EXACT ? zip : level === MEAN ? meanKey(zip) : NATIONAL_KEY
  }
}
