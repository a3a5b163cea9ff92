/** Files and standard input as sources. */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import type { Readable } from 'node:stream'
import { glob, isDynamicPattern } from 'tinyglobby'
import type { RecordFormat } from '../../../core/scan/detect-format.ts'
import { UsageError } from '../../command.ts'
import type { RecordSource } from '../source.ts'
import { byteStream } from './byte-stream.ts'
import { compressionOf, MAGIC_BYTES } from './decompress.ts'

/** Names standard input. */
export const STANDARD_INPUT = '-'

const READ_BYTES = 2 ** 20

/** File names of 255 bytes at most hold it with an extension, and with what a temporary name adds. */
const PART_CHARACTERS = 180

/** Begins with a letter or digit, since readers pass over files that begin with a dot or an underscore. */
const partName = (path: string): string => {
  const shown = relative('.', path)
  const plain = shown
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(-PART_CHARACTERS)
  // Paths that differ in other letters only get parts of different names.
  return plain === shown ? plain : `${plain}-${createHash('sha256').update(shown).digest('hex').slice(0, 8)}`
}

const startOf = (path: string): Uint8Array => {
  const file = openSync(path, 'r')
  try {
    const start = new Uint8Array(MAGIC_BYTES)
    return start.subarray(0, readSync(file, start, 0, MAGIC_BYTES, 0))
  } finally {
    closeSync(file)
  }
}

/** A named pipe or a terminal can be read once only and has no size. */
const fileSource = (path: string, format: RecordFormat | undefined): RecordSource => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new UsageError(`${path}: no such file`)
  if (stat.isDirectory()) throw new UsageError(`${path} is a directory; name its files, for example '${path}/*.ndjson'`)
  const isPlain = stat.isFile() && compressionOf(startOf(path)) === undefined
  return {
    name: path,
    part: partName(path),
    format,
    size: stat.isFile() ? stat.size : undefined,
    ...(isPlain && { file: path }),
    ...(stat.isFile() && { changedAt: stat.mtimeMs }),
    chunks: (signal) => byteStream(createReadStream(path, { highWaterMark: READ_BYTES }), path, signal),
  }
}

const inputSource = (stream: Readable, format: RecordFormat | undefined): RecordSource => ({
  name: STANDARD_INPUT,
  part: 'stdin',
  format,
  size: undefined,
  chunks: (signal) => byteStream(stream, 'standard input', signal),
})

/** A file of that very name goes before a pattern. */
const pathsOf = async (input: string): Promise<string[]> => {
  const isFile = statSync(input, { throwIfNoEntry: false }) !== undefined
  if (isFile || !isDynamicPattern(input)) return [input]
  const paths = await glob(input, { absolute: false, dot: false, onlyFiles: true, expandDirectories: false })
  if (paths.length === 0) throw new UsageError(`${input}: no file fits this pattern`)
  return paths.sort()
}

/** The paths that `inputs` (paths, patterns, `-`) name, each once. Throws a UsageError for a pattern that no file fits. */
export const inputPaths = async (inputs: readonly string[]): Promise<ReadonlySet<string>> => {
  const paths = new Set<string>()
  for (const input of inputs) {
    for (const path of input === STANDARD_INPUT ? [input] : await pathsOf(input)) paths.add(path)
  }
  return paths
}

/**
 * The sources that `inputs` (paths, patterns, `-`) name, in their order, each file once. Throws a UsageError for what is not there and for
 * directories, the error of a file that cannot be opened.
 */
export const fileSources = async (
  inputs: readonly string[],
  format: RecordFormat | undefined,
  standardInput: Readable,
): Promise<RecordSource[]> => {
  const paths = await inputPaths(inputs)
  return [...paths].map((path) =>
    path === STANDARD_INPUT ? inputSource(standardInput, format) : fileSource(path, format),
  )
}
