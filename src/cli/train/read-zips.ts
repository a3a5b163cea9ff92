/** Reads the zip features that the edge will have, from the files that seed it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readZipPack } from '../../core/zip/read-zip-pack.ts'
import type { ZipFeatures } from '../../core/zip/zip-features.ts'
import type { ZipMeans, ZipPack } from '../../core/zip/zip-pack.ts'
import { UsageError } from '../command.ts'

export interface ZipData {
  readonly packs: readonly ZipPack[]
  /** What is known where an event names no zip. */
  readonly unknown: ZipFeatures
}

/** The columns of the zip data in `directory`; none where it holds none. */
export const zipColumnsIn = (directory: string): ReadonlySet<string> => {
  const file = join(directory, 'zip3-means.json')
  if (!existsSync(file)) return new Set()
  return new Set((JSON.parse(readFileSync(file, 'utf8')) as ZipMeans).columns)
}

/** Throws a UsageError when `directory` does not hold `zips.json` and `zip3-means.json` as `nearcast zips` writes them. */
export const readZips = (directory: string): ZipData => {
  try {
    const entries = JSON.parse(readFileSync(join(directory, 'zips.json'), 'utf8')) as { value: string }[]
    const means = JSON.parse(readFileSync(join(directory, 'zip3-means.json'), 'utf8')) as ZipMeans
    return {
      packs: entries.map(({ value }) => readZipPack(JSON.parse(value))),
      unknown: { level: 'national_mean', data: means.data, columns: means.columns, values: means.national },
    }
  } catch (error) {
    throw new UsageError(
      `cannot read the zip features in ${directory}: ${error instanceof Error ? error.message : String(error)}; nearcast zips writes them`,
    )
  }
}
