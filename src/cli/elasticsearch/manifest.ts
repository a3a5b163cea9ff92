/** The checkpoint of a resumable reading: which slices an index was cut into, kept beside their parts. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../command.ts'
import type { Slice } from './plan-slices.ts'
import { differenceOf, type Reading } from './reading.ts'

/** What begins with `_` is no part to Spark, pandas and DuckDB's directory readers. */
const MANIFEST_FILE = '_slices.json'
const VERSION = 1

export interface Manifest {
  readonly version: typeof VERSION
  readonly reading: Reading
  /** In the order of time. A slice is finished when its part stands under its final name. */
  readonly slices: readonly Slice[]
  /** How many documents had no time; they are a slice of their own. */
  readonly withoutTime: number
}

export const newManifest = (reading: Reading): Manifest => ({ version: VERSION, reading, slices: [], withoutTime: 0 })

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const parse = (text: string, path: string): Manifest => {
  try {
    const manifest = JSON.parse(text) as Manifest
    if (manifest.version === VERSION && Array.isArray(manifest.slices)) return manifest
  } catch {
    // Said below.
  }
  throw new UsageError(`${path} is not a checkpoint of this version; give another directory`)
}

/** The manifest in `directory`; `undefined` where there is none. Throws a UsageError where it belongs to another reading. */
export const readManifest = (directory: string, wanted: Reading): Manifest | undefined => {
  const path = join(directory, MANIFEST_FILE)
  const text = readText(path)
  if (text === undefined) return undefined
  const manifest = parse(text, path)
  const difference = differenceOf(manifest.reading, wanted)
  if (difference === undefined) return manifest
  throw new UsageError(`${directory} holds parts of another reading (${difference}); give another directory`)
}

/** Whole or not at all. Makes the directory where it is missing. */
export const writeManifest = (directory: string, manifest: Manifest): void => {
  const path = join(directory, MANIFEST_FILE)
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${path}.tmp`, `${JSON.stringify(manifest, undefined, 1)}\n`)
  renameSync(`${path}.tmp`, path)
}
