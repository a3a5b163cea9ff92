/** Reads the slices of an index into parts the way `--output DIR/` does: under a temporary name until a slice is finished. */
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSearchFlags } from '../../src/cli/elasticsearch/flags.ts'
import { openServerSources, type SearchOptions } from '../../src/cli/elasticsearch/sources.ts'
import type { RecordSource } from '../../src/cli/featurize/source.ts'

interface HitPage {
  readonly hits: { readonly hits: readonly { readonly _id: string }[] }
}

/** Each hit's id and its raw `visitor.number`, which JSON.parse would round. */
const linesOf = (bytes: Uint8Array): string[] => {
  const text = new TextDecoder().decode(bytes)
  const numbers = [...text.matchAll(/"number":(\d+)/g)].map(([, digits]) => digits)
  const { hits } = JSON.parse(text) as HitPage
  return hits.hits.map(({ _id }, index) => `${_id} ${numbers[index] ?? ''}`)
}

export const optionsFor = (
  url: string,
  index: string,
  flags: Parameters<typeof readSearchFlags>[0] = {},
  keepAlive = '1m',
): SearchOptions => {
  const options = readSearchFlags({ elasticsearch: url, index, ...flags }, undefined, {})
  return { ...options, reading: { ...options.reading, keepAlive } }
}

export interface PartsRequest {
  readonly options: SearchOptions
  readonly directory: string
  /** Called with the number of chunks that came so far. */
  readonly afterChunk?: (chunks: number) => Promise<void>
  readonly signal?: AbortSignal
}

export const writePart = async (
  source: RecordSource,
  directory: string,
  signal: AbortSignal,
  afterChunk: () => Promise<void>,
): Promise<void> => {
  const temporary = join(directory, `${source.part}.tmp`)
  writeFileSync(temporary, '')
  try {
    for await (const { bytes } of source.chunks(signal)) {
      appendFileSync(temporary, `${linesOf(bytes).join('\n')}\n`)
      await afterChunk()
    }
  } catch (error) {
    rmSync(temporary)
    throw error
  }
  renameSync(temporary, join(directory, `${source.part}.txt`))
}

/** Returns the parts that this run wrote. Rejects with what the first source that fails rejects with. */
export const readParts = async (request: PartsRequest): Promise<string[]> => {
  const signal = request.signal ?? new AbortController().signal
  const { sources, close } = await openServerSources(request.options, request.directory, console.error, signal)
  const written: string[] = []
  let chunks = 0
  try {
    for (const source of sources) {
      if (existsSync(join(request.directory, `${source.part}.txt`))) continue
      await writePart(source, request.directory, signal, async () => request.afterChunk?.(++chunks))
      written.push(source.part)
    }
  } finally {
    await close()
  }
  return written
}

/** All lines of all finished parts. */
export const linesIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
