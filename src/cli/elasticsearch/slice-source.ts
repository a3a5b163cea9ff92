/** One slice of time of an index, as a source of records. */
import { type RecordSource, type SourceChunk, SourceFailure } from '../featurize/source.ts'
import { ServerFailure } from './failure.ts'
import { cutPage, type PageReader } from './hits.ts'
import { linkedSignal } from './linked-signal.ts'
import type { PageSize } from './page-size.ts'
import { planEven, type Slice } from './plan-slices.ts'
import { PointInTime } from './point-in-time.ts'
import { type Extent, type Selection, WITHOUT_TIME } from './queries.ts'
import { readAhead } from './read-ahead.ts'
import type { SearchServer } from './search-server.ts'
import { partName, sliceName } from './slice-names.ts'
import { type FreshPage, type WalkContext, walk } from './walk.ts'

export interface ReadingOptions {
  /** How many searches run at once. */
  readonly parallel: number
  /** How long a point in time lives without a search, as servers take it: `5m`. */
  readonly keepAlive: string
  /** The most hits of one answer. */
  readonly pageHits: number
}

export interface SliceRequest {
  readonly server: SearchServer
  readonly selection: Selection
  readonly options: ReadingOptions
  /** Shared by all slices: what one learns of the length of documents serves the next. */
  readonly pageSize: PageSize
  readonly reader: PageReader
  /** Another run goes on where this one ends. */
  readonly isResumable: boolean
}

/** Below so many documents a slice is read by one search after the other. */
const WORTH_SPLITTING = 2_000
/** A stretch is a page or two: so much that waits its turn is held in memory. */
const STRETCH_SHARE = 0.9

/** The stretches that a slice is read in, several at a time. They cover it, so that nothing depends on the counts they were cut by. */
const stretchesOf = async (context: WalkContext, slice: Slice, parallel: number): Promise<Extent[]> => {
  if (parallel === 1 || slice.hits < WORTH_SPLITTING) return [slice]
  const { server, selection, pageSize, signal } = context
  return planEven(server, selection, slice, Math.ceil(pageSize.next() * STRETCH_SHARE), signal)
}

/** All pages of a slice in the order of time, and of what has no time in any. */
async function* pagesOf(
  { server, selection, options, pageSize, reader }: SliceRequest,
  slice: Slice | typeof WITHOUT_TIME,
  outer: AbortSignal,
): AsyncGenerator<FreshPage, void> {
  const link = linkedSignal(outer)
  const { signal } = link
  try {
    const pit = await PointInTime.open(server, selection.index, options.keepAlive, signal)
    try {
      const context: WalkContext = { server, selection, pit, reader, pageSize, signal }
      const extents = slice === WITHOUT_TIME ? [slice] : await stretchesOf(context, slice, options.parallel)
      const left = extents.values()
      yield* readAhead(() => {
        const { value } = left.next()
        return value === undefined ? undefined : walk(context, value)
      }, options.parallel)
    } finally {
      link.abort()
      await pit.close()
    }
  } finally {
    link.unlink()
  }
}

async function* chunksOf(pages: AsyncIterable<FreshPage>): AsyncGenerator<SourceChunk, void> {
  let position = 0
  for await (const { page, hits } of pages) {
    position += hits.length
    yield { bytes: cutPage(page, hits), position }
  }
}

const RESUME = '; the finished parts are kept, and the same command goes on from there'

export const sliceSource = (request: SliceRequest, slice: Slice | typeof WITHOUT_TIME, hits: number): RecordSource => {
  const { server, selection } = request
  const name = `${server.url}/${selection.index} ${sliceName(slice, selection.field)}`
  return {
    name,
    part: partName(slice, selection.field),
    format: 'pages',
    size: hits,
    mayGiveNoRows: slice === WITHOUT_TIME,
    async *chunks(signal) {
      try {
        yield* chunksOf(pagesOf(request, slice, signal))
      } catch (error) {
        if (!(error instanceof ServerFailure)) throw error
        const remedy = request.isResumable ? RESUME : ''
        throw new SourceFailure(`${name}: ${error.message}${remedy}`, { cause: error })
      }
    },
  }
}
