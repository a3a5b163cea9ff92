/** One look at an index for events that were not delivered yet. */
import type { FollowState } from './follow-state.ts'
import { type Hit, type Page, PageReader } from './hits.ts'
import { linkedSignal } from './linked-signal.ts'
import { PageSize } from './page-size.ts'
import { PointInTime } from './point-in-time.ts'
import type { ReadingOptions } from './slice-source.ts'
import type { OpenIndex } from './sources.ts'
import { walk } from './walk.ts'

export interface UndeliveredPage {
  readonly page: Page
  /** Not empty, in the order of time. */
  readonly hits: readonly Hit[]
}

/** What the index holds since `state.start` and was not delivered, in the order of time. Rejects with a ServerFailure or `signal.reason`. */
export async function* poll(
  { server, selection }: OpenIndex,
  state: FollowState,
  options: ReadingOptions,
  outer: AbortSignal,
): AsyncGenerator<UndeliveredPage, void> {
  const link = linkedSignal(outer)
  const { signal } = link
  try {
    const pit = await PointInTime.open(server, selection.index, options.keepAlive, signal)
    try {
      const pageSize = new PageSize(options.pageHits)
      const reader = new PageReader()
      const context = { server, selection, pit, reader, pageSize, signal }
      for await (const { page, hits } of walk(context, { start: state.start, end: undefined })) {
        const fresh = state.fresh(hits)
        if (fresh.length > 0) yield { page, hits: fresh }
      }
    } finally {
      link.abort()
      await pit.close()
    }
  } finally {
    link.unlink()
  }
}
