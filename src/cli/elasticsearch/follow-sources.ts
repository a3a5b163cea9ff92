/** A stream of events as sources of records: each holds what came since the one before, for `--follow --output`. */
import { setTimeout as pause } from 'node:timers/promises'
import type { RecordSource, SourceChunk } from '../featurize/source.ts'
import { endure } from './endure.ts'
import type { FollowOptions } from './follow-options.ts'
import { FollowState, settledAfter, settledBy } from './follow-state.ts'
import { FollowedStream } from './followed-stream.ts'
import { cutPage } from './hits.ts'
import { AUTO_SLICE_HITS } from './plan-reading.ts'
import { poll, type UndeliveredPage } from './poll.ts'
import type { ReadingOptions } from './slice-source.ts'
import { type OpenIndex, openIndex, type SearchOptions } from './sources.ts'

export interface StreamOptions {
  readonly reading: ReadingOptions
  readonly follow: FollowOptions
  /** Whether a part of this name stands under its final name. */
  readonly isFinished: (part: string) => boolean
  readonly notice: (message: string) => void
}

const nameOf = (part: number): string => `events-${String(part).padStart(6, '0')}`

/** One look at the index. */
interface Look {
  readonly index: OpenIndex
  readonly follow: FollowOptions
  readonly stream: FollowedStream
  readonly pages: AsyncGenerator<UndeliveredPage, void>
  /** Where it may settle at most. */
  readonly limit: number
  readonly notice: (message: string) => void
  /** Nothing that it could find is left. */
  isWhole: boolean
}

/** What a look finds, up to a part's worth. What it has given when the server fails is a part, only a shorter one. */
async function* chunksOf(look: Look, first: UndeliveredPage, signal: AbortSignal): AsyncGenerator<SourceChunk, void> {
  const { index, follow, stream, pages, limit, notice } = look
  const state = new FollowState(stream.state.save())
  let position = 0
  look.isWhole = false
  for (let next: UndeliveredPage | undefined = first; next !== undefined; ) {
    const { page, hits }: UndeliveredPage = next
    state.deliver(hits)
    state.settle(settledAfter(hits, limit))
    position += hits.length
    yield { bytes: cutPage(page, hits), position }
    if (position >= AUTO_SLICE_HITS) break
    signal.throwIfAborted()
    try {
      const result: IteratorResult<UndeliveredPage, void> = await pages.next()
      look.isWhole = result.done === true
      next = result.value ?? undefined
    } catch (error) {
      endure(error, index, follow, notice)
      break
    }
  }
  if (look.isWhole) state.settle(limit)
  stream.announcePart(state)
}

/**
 * A source whenever there are new events, until `signal` aborts. A source counts as finished when the caller comes back for the next one; a
 * run that ends before that gives its events again, in a part of the same name. Rejects with a SourceFailure.
 */
export async function* streamSources(
  index: OpenIndex,
  options: StreamOptions,
  signal: AbortSignal,
): AsyncGenerator<RecordSource, void> {
  const { reading, follow, isFinished, notice } = options
  const { server, selection } = index
  const stream = FollowedStream.open(index, follow, (part) => isFinished(nameOf(part)))
  while (!signal.aborted) {
    const limit = settledBy(Date.now(), follow.latenessMilliseconds, selection.field.perMillisecond)
    const pages = poll(index, stream.state, reading, signal)
    const look: Look = { index, follow, stream, pages, limit, notice, isWhole: true }
    try {
      const { value: first } = await pages.next()
      if (first === undefined) stream.state.settle(limit)
      else {
        const part = nameOf(stream.part)
        const name = `${server.url}/${selection.index} ${part}`
        yield { name, part, format: 'pages', size: undefined, chunks: (stopped) => chunksOf(look, first, stopped) }
        stream.finishPart()
      }
    } catch (error) {
      if (signal.aborted) return
      endure(error, index, follow, notice)
    } finally {
      await pages.return()
    }
    if (look.isWhole) await pause(follow.everyMilliseconds, undefined, { signal }).catch(() => undefined)
  }
}

/** Connects, and streams as `streamSources` does. Rejects as `openIndex` does. */
export async function* followSources(
  search: SearchOptions,
  options: Omit<StreamOptions, 'reading'>,
  signal: AbortSignal,
): AsyncGenerator<RecordSource, void> {
  const index = await openIndex(search, signal)
  try {
    yield* streamSources(index, { ...options, reading: search.reading }, signal)
  } finally {
    await index.server.close()
  }
}
