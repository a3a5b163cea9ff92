/** Reads all hits of a stretch of time, page by page, in the order of time. */
import { Cursor } from './cursor.ts'
import { ServerFailure } from './failure.ts'
import type { Hit, Page, PageReader } from './hits.ts'
import type { PageSize } from './page-size.ts'
import { isExpired, type PointInTime } from './point-in-time.ts'
import { type Extent, pageBody, type Selection } from './queries.ts'
import type { SearchServer } from './search-server.ts'

/** Points in time that expire one after the other before a page has come are kept alive for too short a time. */
const MAX_EXPIRED_IN_A_ROW = 3

export interface WalkContext {
  readonly server: SearchServer
  readonly selection: Selection
  readonly pit: PointInTime
  readonly reader: PageReader
  readonly pageSize: PageSize
  readonly signal: AbortSignal
}

/** A page, and those of its hits that no page before it had. */
export interface FreshPage {
  readonly page: Page
  readonly hits: readonly Hit[]
}

const lost = (): ServerFailure =>
  new ServerFailure('the point in time expired, and what was read of it cannot be told from what was not', {
    isPassing: false,
  })

/** The next page, in another point in time where the present one has expired. */
const nextPage = async (context: WalkContext, cursor: Cursor, size: number): Promise<Page> => {
  const { server, selection, pit, reader, signal } = context
  for (let expired = 1; ; expired++) {
    const { id, generation } = pit.handle()
    const { extent, after } = cursor
    const request = { extent, size, pit: { id, keepAlive: pit.keepAlive }, after }
    try {
      const body = pageBody(selection, server.tiebreak, request)
      const page = await server.searchPit(body, (bytes) => reader.read(bytes), signal)
      pit.renew(page.pitId, generation)
      return page
    } catch (error) {
      if (!isExpired(error) || expired === MAX_EXPIRED_IN_A_ROW) throw error
      await pit.reopen(generation)
      if (!cursor.restart()) throw lost()
    }
  }
}

/** Pages until no hit is left. Throws a ServerFailure, or `context.signal.reason`. */
export async function* walk(context: WalkContext, extent: Extent): AsyncGenerator<FreshPage, void> {
  const { pageSize } = context
  const cursor = new Cursor(extent, context.server.tiebreak)
  for (let size = pageSize.next(); ; ) {
    const page = await nextPage(context, cursor, size)
    const before = cursor.after
    const hits = cursor.take(page.hits)
    pageSize.learn(page.hits.length, page.bytes.length)
    if (hits.length > 0) yield { page, hits }
    if (page.hits.length < size) return
    // No further than before: more hits are equal than a page holds.
    size = cursor.after === before ? pageSize.larger(size) : pageSize.next()
  }
}
