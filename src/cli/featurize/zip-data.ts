/** Reads the zip features from the files that fill KV, or from an export of it. */
import { readFileSync } from 'node:fs'
import { readZipPack } from '../../core/zip/read-zip-pack.ts'
import type { ZipMeans, ZipPack } from '../../core/zip/zip-pack.ts'
import { zipPackKey } from '../../protocol/store-keys.ts'
import { UsageError } from '../command.ts'
import { type PackedZips, packZips, textColumnsOf } from './zip-rows.ts'

/** The files that hold the zip features. */
export interface ZipPaths {
  /** `zips.json` as `nearcast zips` writes it, or an export of the KV namespace. */
  readonly packs: string
  /** `zip3-means.json`: what the edge has bundled. */
  readonly means: string
}

/** All that is known of zips, in a form that goes to threads without being copied. */
export interface ZipData {
  /** The release of the packs. */
  readonly release: string
  readonly zips: PackedZips
  readonly means: ZipMeans
  /** The packs' columns in which some value, or some mean, is a string. */
  readonly textColumns: readonly string[]
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
    const [, digits] = /^zip3\/(\d{3})$/.exec(key) ?? []
    if (digits === undefined) continue
    const text = textOf(value)
    packs.set(digits, readZipPack(typeof text === 'string' ? JSON.parse(text) : text))
  }
  if (packs.size === 0) throw new Error(`it holds no key such as ${zipPackKey('941')}`)
  return packs
}

const readMeans = (path: string): ZipMeans => {
  const value = JSON.parse(readFileSync(path, 'utf8')) as ZipMeans
  if (value.format !== 1 || !Array.isArray(value.national)) throw new Error('expected the means of format 1')
  return value
}

const readAs = <T>(path: string, read: (path: string) => T): T => {
  try {
    return read(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`cannot read zip features from ${path}: ${reason}; nearcast zips writes them`)
  }
}

const textMeans = ({ columns, national, zip3 }: ZipMeans): string[] => {
  const rows = [national, ...Object.values(zip3)]
  return columns.filter((_, index) => rows.some((row) => typeof row?.[index] === 'string'))
}

/** Throws a UsageError when a file is not what it should be. */
export const readZipData = (paths: ZipPaths): ZipData => {
  const packs = readAs(paths.packs, readPacks)
  const means = readAs(paths.means, readMeans)
  const zips = readAs(paths.packs, () => packZips(packs))
  const textColumns = [...new Set([...textColumnsOf(zips), ...textMeans(means)])]
  return { release: [...packs.values()][0].data, zips, means, textColumns }
}
