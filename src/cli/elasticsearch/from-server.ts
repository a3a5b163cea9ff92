/** What `nearcast featurize --elasticsearch` does with its flags: sources to read, or events to post. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { TimeUnit } from '../../core/event/epoch-number.ts'
import { UsageError } from '../command.ts'
import type { RecordSource } from '../featurize/source.ts'
import { readSearchFlags, SEARCH_FLAGS, SEARCH_HELP, type SearchFlagValues } from './flags.ts'
import { FOLLOW_FLAGS, FOLLOW_HELP, type FollowFlagValues, readFollowFlags, readTarget } from './follow-options.ts'
import { followSources } from './follow-sources.ts'
import { type DeliveryTotals, followTo } from './follow-to.ts'
import { openServerSources } from './sources.ts'

/** For `parseArgs`. */
export const SERVER_FLAGS = { ...SEARCH_FLAGS, ...FOLLOW_FLAGS } as const
export const SERVER_HELP = `${SEARCH_HELP}\n${FOLLOW_HELP}`

export type ServerFlagValues = SearchFlagValues & FollowFlagValues

const STREAM_FILE = '_stream.json'

/** Whether the flags name a server. Throws a UsageError where they only belong to one. */
export const namesServer = (flags: ServerFlagValues): boolean => {
  if (flags.elasticsearch !== undefined) return true
  const stray = Object.keys(SERVER_FLAGS).find((name) => flags[name as keyof ServerFlagValues] !== undefined)
  if (stray !== undefined) throw new UsageError(`--${stray} goes with --elasticsearch URL`)
  return false
}

export interface OpenSources {
  /** An endless stream asks for the next source when the one before has been committed. */
  readonly sources: readonly RecordSource[] | AsyncIterable<RecordSource>
  close(): Promise<void>
}

export interface SourceRequest {
  readonly flags: ServerFlagValues
  /** Of `--time-unit`. */
  readonly timeUnit: TimeUnit | undefined
  /** A file is finished only in the end, so that nothing endless can go there. */
  readonly output: { readonly kind: 'file' | 'folder' | 'stream'; readonly path: string }
  /** Whether a part of this name stands under its final name. */
  readonly isFinished: (part: string) => boolean
  readonly notice: (message: string) => void
}

/** Rejects with a UsageError for flags or an index that do not fit, with a SourceFailure where the server fails. */
export const openSources = async (request: SourceRequest, signal: AbortSignal): Promise<OpenSources> => {
  const { flags, timeUnit, output, isFinished, notice } = request
  const search = readSearchFlags(flags, timeUnit, process.env)
  const folder = output.kind === 'folder' ? output.path : undefined
  if (flags.follow !== true) return openServerSources(search, folder, notice, signal)
  if (output.kind === 'file') throw new UsageError('--follow writes to --output DIR/, to standard output, or --to URL')
  const checkpoint = flags.checkpoint ?? (folder === undefined ? undefined : join(folder, STREAM_FILE))
  const follow = readFollowFlags({ ...flags, checkpoint }, Date.now())
  return { sources: followSources(search, { follow, isFinished, notice }, signal), close: async () => undefined }
}

export interface PostRequest {
  readonly flags: ServerFlagValues
  readonly timeUnit: TimeUnit | undefined
  /** Where events that the worker did not take are added, as NDJSON. */
  readonly rejects: string | undefined
  /** Where the answers of `/v1/predict` go, one a line. */
  readonly predictions: Writable
  readonly notice: (message: string) => void
}

/** `--to URL`. Resolves when all is posted, an endless stream when `signal` aborts. Rejects as `openSources` does. */
export const postEvents = async (request: PostRequest, signal: AbortSignal): Promise<DeliveryTotals> => {
  const { flags, timeUnit, rejects, notice } = request
  const search = readSearchFlags(flags, timeUnit, process.env)
  const { deadlineMilliseconds, attempts } = search.server
  const target = { url: readTarget(flags.to ?? ''), deadlineMilliseconds, attempts }
  const source = `${search.server.url}/${search.index}`
  const options = {
    follow: readFollowFlags(flags, Date.now()),
    target,
    notice,
    reject: (event: object) => {
      if (rejects !== undefined) appendFileSync(rejects, `${JSON.stringify({ source, ...event })}\n`)
    },
    predictions: (predictions: readonly object[]) => {
      for (const prediction of predictions) request.predictions.write(`${JSON.stringify(prediction)}\n`)
    },
  }
  return followTo(search, options, signal)
}
