/** How many hits a page is asked for: as many as make a few megabytes, however long the documents are. */
import { ServerFailure } from './failure.ts'

const PAGE_BYTES = 4 * 2 ** 20
const FIRST_HITS = 1_000
const LEAST_HITS = 50
/** What an index allows unless its `max_result_window` says otherwise. */
export const MAX_PAGE_HITS = 10_000

export class PageSize {
  private readonly most: number
  private size: number

  constructor(most: number) {
    this.most = most
    this.size = Math.min(FIRST_HITS, most)
  }

  next(): number {
    return this.size
  }

  /** A page of `hits` hits took `bytes` bytes. */
  learn(hits: number, bytes: number): void {
    if (hits === 0) return
    const wanted = Math.floor((PAGE_BYTES * hits) / bytes)
    this.size = Math.min(Math.max(wanted, LEAST_HITS), this.most)
  }

  /** Twice `size`. Throws a ServerFailure where the server would refuse it. */
  larger(size: number): number {
    if (size < this.most) return Math.min(size * 2, this.most)
    throw new ServerFailure(`more than ${this.most} documents have the same time and sequence number`, {
      isPassing: false,
    })
  }
}
