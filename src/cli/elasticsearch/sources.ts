/** An index of a server as sources of records, one for each slice of time; what `nearcast featurize --elasticsearch` reads. */
import type { TimeUnit } from '../../core/event/epoch-number.ts'
import { type RecordSource, SourceFailure } from '../featurize/source.ts'
import { connect } from './connect.ts'
import { ServerFailure } from './failure.ts'
import { PageReader } from './hits.ts'
import { newManifest, readManifest, writeManifest } from './manifest.ts'
import { PageSize } from './page-size.ts'
import { extendManifest, type SliceLength } from './plan-reading.ts'
import { type Selection, WITHOUT_TIME } from './queries.ts'
import { readingOf } from './reading.ts'
import type { SearchServer } from './search-server.ts'
import type { ServerOptions } from './server-options.ts'
import { type ReadingOptions, sliceSource } from './slice-source.ts'
import { findTimeField } from './time-field.ts'

export interface SearchOptions {
  readonly server: ServerOptions
  /** A name, an alias, a data stream or a pattern. */
  readonly index: string
  readonly query: object | undefined
  /** By which slices are cut; the first usual one where `undefined`. */
  readonly timeField: string | undefined
  /** Of a time field mapped as a number. */
  readonly timeUnit: TimeUnit
  readonly slice: SliceLength
  readonly reading: ReadingOptions
}

export interface OpenIndex {
  readonly server: SearchServer
  readonly selection: Selection
}

/** Connects and looks at the index. Rejects with a SourceFailure where the server fails, with a UsageError where the index is not fit. */
export const openIndex = async (options: SearchOptions, signal: AbortSignal): Promise<OpenIndex> => {
  const { index, query } = options
  const server = await connect(options.server, signal).catch((error: unknown) => {
    throw error instanceof ServerFailure ? new SourceFailure(`${options.server.url}: ${error.message}`) : error
  })
  try {
    const field = await findTimeField(server, index, options.timeField, options.timeUnit, signal)
    return { server, selection: { index, query, field } }
  } catch (error) {
    await server.close()
    throw error instanceof ServerFailure ? new SourceFailure(`${server.url}/${index}: ${error.message}`) : error
  }
}

/** What `read` rejects with, a ServerFailure as a SourceFailure that names the index. */
const namingIndex = async <T>({ server, selection }: OpenIndex, read: () => Promise<T>): Promise<T> => {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ServerFailure)) throw error
    throw new SourceFailure(`${server.url}/${selection.index}: ${error.message}`, { cause: error })
  }
}

export interface PlanOptions {
  readonly slice: SliceLength
  readonly reading: ReadingOptions
  /** Keeps the checkpoint and the parts; `undefined` where nothing is to be resumed. */
  readonly directory: string | undefined
  readonly notice: (message: string) => void
}

/**
 * The slices of an index, in the order of time; what has no time comes last. Given a directory, they are those of its checkpoint and of what
 * came since, and the checkpoint is written before anything is read: so every run names the same parts, and those that exist are finished.
 */
export const planSources = (index: OpenIndex, options: PlanOptions, signal: AbortSignal): Promise<RecordSource[]> =>
  namingIndex(index, async () => {
    const { server, selection } = index
    const { slice: length, reading: readingOptions, directory, notice } = options
    const reading = readingOf(server, selection)
    const kept = (directory === undefined ? undefined : readManifest(directory, reading)) ?? newManifest(reading)
    const manifest = await extendManifest(kept, { server, selection, length, notice, signal })
    if (directory !== undefined) writeManifest(directory, manifest)
    const pageSize = new PageSize(readingOptions.pageHits)
    const isResumable = directory !== undefined
    const reader = new PageReader()
    const request = { server, selection, options: readingOptions, pageSize, reader, isResumable }
    const sources = manifest.slices.map((slice) => sliceSource(request, slice, slice.hits))
    if (manifest.withoutTime > 0) sources.push(sliceSource(request, WITHOUT_TIME, manifest.withoutTime))
    return sources
  })

export interface ServerSources {
  readonly sources: readonly RecordSource[]
  /** Ends the connections. */
  close(): Promise<void>
}

/** Connects, and plans as `planSources` does. Rejects as `openIndex` does. */
export const openServerSources = async (
  options: SearchOptions,
  directory: string | undefined,
  notice: (message: string) => void,
  signal: AbortSignal,
): Promise<ServerSources> => {
  const index = await openIndex(options, signal)
  const close = (): Promise<void> => index.server.close()
  try {
    const { slice, reading } = options
    return { sources: await planSources(index, { slice, reading, directory, notice }, signal), close }
  } catch (error) {
    await close()
    throw error
  }
}
