/** Every zip's features under a small number: its own row, else the means that stand in at the edge. */
import { readFileSync } from 'node:fs'
import { zip3 } from '../../core/event/zip-code.ts'
import { nationalMean, zip3Mean } from '../../core/zip/coarse-zip.ts'
import { readZipPack } from '../../core/zip/read-zip-pack.ts'
import { type ZipFeatures, type ZipLevel, zipValue } from '../../core/zip/zip-features.ts'
import type { ZipMeans, ZipPack } from '../../core/zip/zip-pack.ts'
import { zipPackKey } from '../../protocol/store-keys.ts'
import { UsageError } from '../command.ts'
import type { ZipPaths } from './plan.ts'
import { ZipRows } from './zip-rows.ts'

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

/** The value of a KV entry: text, or as `wrangler kv bulk get` may write it, an object around the text. */
const textOf = (value: unknown): unknown => {
  if (typeof value === 'object' && value !== null && 'value' in value) return value.value
  return value
}

/** Key and value of each entry of `[{"key":…,"value":…}]` or `{"key":"value"}`, the forms in which KV is filled and exported. */
const entriesOf = (json: unknown): [string, unknown][] => {
  if (Array.isArray(json)) {
    return json.map((entry: { key?: unknown; name?: unknown; value?: unknown }) => [
      String(entry.key ?? entry.name),
      entry.value,
    ])
  }
  if (typeof json === 'object' && json !== null) return Object.entries(json)
  throw new Error('expected a list of {"key","value"} or an object of keys and values')
}

const readPacks = (path: string): Map<string, ZipPack> => {
  const packs = new Map<string, ZipPack>()
  for (const [key, value] of entriesOf(JSON.parse(readFileSync(path, 'utf8')))) {
    const [, zip3] = /^zip3\/(\d{3})$/.exec(key) ?? []
    if (zip3 === undefined) continue
    const text = textOf(value)
    packs.set(zip3, readZipPack(typeof text === 'string' ? JSON.parse(text) : text))
  }
  if (packs.size === 0) throw new Error(`it holds no key such as ${zipPackKey('941')}`)
  return packs
}

const readAs = <T>(path: string, read: (path: string) => T): T => {
  try {
    return read(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`cannot read zip features from ${path}: ${reason}; nearcast zips writes them`)
  }
}

const readMeans = (path: string): ZipMeans => {
  const value = JSON.parse(readFileSync(path, 'utf8')) as ZipMeans
  if (value.format !== 1 || !Array.isArray(value.national)) throw new Error('expected the means of format 1')
  return value
}

const textColumnsOf = ({ columns, national, zip3: means }: ZipMeans): string[] => {
  const rows = [national, ...Object.values(means)]
  return columns.filter((_, index) => rows.some((row) => typeof row?.[index] === 'string'))
}

export class ZipTable {
  /** The release of the zip data. */
  readonly release: string
  /** The zip data's own columns, in their order, and which of them hold strings. */
  readonly columns: readonly string[]
  readonly textColumns: ReadonlySet<string>
  private readonly rows: ZipRows
  private readonly means: ZipMeans
  /** How each zip is known, by the numbers above, 0 where it was not looked up yet; bytes, so that they stay in a cache. */
  private readonly levels = new Uint8Array(FIRST_MEAN_KEY)
  /** What was asked for by `features`. Filled, since V8 makes a slow table of an array with holes this large. */
  private readonly known = new Array<ZipFeatures | undefined>(KEY_LIMIT).fill(undefined)
  /** For each key the place of its time zone among `zones`, 0 where it was not looked up yet; small, as `levels`. */
  private readonly zoneNumbers = new Uint16Array(KEY_LIMIT)
  private readonly zones: (string | undefined)[] = [undefined]

  /** Throws a UsageError when a file is not what it should be. */
  constructor(paths: ZipPaths) {
    const packs = readAs(paths.packs, readPacks)
    this.means = readAs(paths.means, readMeans)
    this.rows = readAs(paths.packs, () => new ZipRows(packs))
    this.release = [...packs.values()][0].data
    this.columns = this.rows.columns
    this.textColumns = new Set([...this.rows.textColumns, ...textColumnsOf(this.means)])
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
      const features = this.rows.find(digitsOf(key))
      if (features !== undefined) return features
    } else if (key !== NATIONAL_KEY) {
      const features = zip3Mean(this.means, String(key - FIRST_MEAN_KEY).padStart(3, '0'))
      if (features !== undefined) return features
    } else return nationalMean(this.means)
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
    const features = this.rows.find(digits) ?? zip3Mean(this.means, zip3(digits)) ?? nationalMean(this.means)
    const level = LEVELS[features.level]
    this.levels[zip] = level
    return level === EXACT ? zip : level === MEAN ? meanKey(zip) : NATIONAL_KEY
  }
}
