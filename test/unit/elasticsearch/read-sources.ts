/** Reads sources to their end, for tests that look at what came. */
import { readSearchFlags } from '../../../src/cli/elasticsearch/flags.ts'
import { openServerSources, type SearchOptions } from '../../../src/cli/elasticsearch/sources.ts'
import type { RecordSource } from '../../../src/cli/featurize/source.ts'

export type Flags = Parameters<typeof readSearchFlags>[0]

/** One search at a time, so that requests come in one order; points in time as the fixtures name them. */
export const optionsFor = (url: string, index: string, flags: Flags = {}): SearchOptions => {
  const all = { elasticsearch: url, index, parallel: '1', attempts: '5', ...flags }
  const options = readSearchFlags(all, undefined, {})
  return { ...options, reading: { ...options.reading, keepAlive: '1s' } }
}

export const running = (): AbortSignal => new AbortController().signal

export const textOf = async (source: RecordSource, signal = running()): Promise<string[]> => {
  const pages: string[] = []
  for await (const { bytes } of source.chunks(signal)) pages.push(new TextDecoder().decode(bytes))
  return pages
}

interface HitPage {
  readonly hits: { readonly hits: readonly { readonly _id: string }[] }
}

export const idsOf = (pages: readonly string[]): string[] =>
  pages.flatMap((page) => (JSON.parse(page) as HitPage).hits.hits.map(({ _id }) => _id))

export interface ReadPart {
  readonly part: string
  readonly pages: readonly string[]
}

/** All sources of a server, one after the other. */
export const readAll = async (options: SearchOptions): Promise<ReadPart[]> => {
  const { sources, close } = await openServerSources(options, undefined, () => undefined, running())
  try {
    const parts: ReadPart[] = []
    for (const source of sources) parts.push({ part: source.part, pages: await textOf(source) })
    return parts
  } finally {
    await close()
  }
}
