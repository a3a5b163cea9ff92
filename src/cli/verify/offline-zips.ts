/** The zip features of a kv-seed directory, as the worker would have them: exact, or by the mean an answer was flagged with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nationalMean, zip3Mean } from '../../core/zip/coarse-zip.ts'
import { readZipPack, zipRow } from '../../core/zip/read-zip-pack.ts'
import type { ZipFeatures, ZipLevel } from '../../core/zip/zip-features.ts'
import type { ZipMeans, ZipPack } from '../../core/zip/zip-pack.ts'
import { zipPackKey } from '../../protocol/store-keys.ts'
import { UsageError } from '../command.ts'

export interface OfflineZips {
  /** The releases of the packs and of the bundled means. */
  readonly data: string
  readonly meansData: string
  /** `undefined`: these data do not know the zip at that level. */
  features(zip: string | null, level: ZipLevel): ZipFeatures | undefined
}

/** Throws a UsageError when `directory` does not hold `zips.json` and `zip3-means.json` as `nearcast zips` writes them. */
export const readOfflineZips = (directory: string): OfflineZips => {
  const read = (file: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(directory, file), 'utf8'))
    } catch (cause) {
      throw new UsageError(`cannot read the zip features in ${directory}: ${String(cause)}; nearcast zips writes them`)
    }
  }
  const entries = new Map((read('zips.json') as { key: string; value: string }[]).map(({ key, value }) => [key, value]))
  const means = read('zip3-means.json') as ZipMeans
  const packs = new Map<string, ZipPack>()
  const packOf = (zip: string): ZipPack | undefined => {
    const key = zipPackKey(zip.slice(0, 3))
    const text = entries.get(key)
    const pack = packs.get(key) ?? (text === undefined ? undefined : readZipPack(JSON.parse(text)))
    if (pack !== undefined) packs.set(key, pack)
    return pack
  }
  const exact = (zip: string): ZipFeatures | undefined => {
    const pack = packOf(zip)
    const values = pack === undefined ? undefined : zipRow(pack, zip)
    return pack === undefined || values === undefined
      ? undefined
      : { level: 'exact', data: pack.data, columns: pack.columns, values }
  }
  const [first] = entries.values()
  return {
    data: first === undefined ? '' : readZipPack(JSON.parse(first)).data,
    meansData: means.data,
    features(zip, level) {
      if (level === 'national_mean') return nationalMean(means)
      if (zip === null) return undefined
      return level === 'exact' ? exact(zip) : zip3Mean(means, zip.slice(0, 3))
    },
  }
}
