/** Where a walk through hits in the order of time stands, so that each hit is given once, whatever page or point in time it comes from. */
import type { Hit } from './hits.ts'
import type { Extent } from './queries.ts'
import { WITHOUT_TIME } from './queries.ts'
import type { SearchServer } from './search-server.ts'

/** So many documents of one time are remembered at most: a hundred bytes each. */
const MAX_REMEMBERED = 200_000

/**
 * Hits are sorted by time and a tiebreak. Within a point in time a page begins after the last hit of the one before. `_seq_no` may be equal in
 * two shards, so there it begins one before: the last hits come again and are known by their keys. A new point in time keeps the order of
 * `_seq_no`, but not that of `_shard_doc`: there the walk goes back to the beginning of the last time, and what was given of it is known.
 */
export class Cursor {
  private readonly tiebreak: SearchServer['tiebreak']
  private readonly isTimed: boolean
  /** Hits before it belong to another slice, which has them by another of their times. */
  private least: number
  private lastSort: readonly string[] | undefined
  private lastTime: string | undefined
  /** Keys of the hits given that have `lastTime`, the latest last. */
  private readonly given = new Set<string>()
  private hasForgotten = false
  /** What the walk is narrowed to since the point in time was opened again. */
  private narrowed: Extent | undefined
  private readonly whole: Extent

  constructor(extent: Extent, tiebreak: SearchServer['tiebreak']) {
    this.whole = extent
    this.tiebreak = tiebreak
    this.isTimed = extent !== WITHOUT_TIME
    this.least = extent === WITHOUT_TIME ? Number.NEGATIVE_INFINITY : (extent.start ?? Number.NEGATIVE_INFINITY)
  }

  /** What the next page is asked for. */
  get extent(): Extent {
    return this.narrowed ?? this.whole
  }

  /** JSON for `search_after`; `undefined` at the beginning. */
  get after(): string | undefined {
    if (this.lastSort === undefined) return undefined
    if (this.tiebreak === '_shard_doc') return `[${this.lastSort.join(',')}]`
    const number = BigInt(this.lastSort.at(-1) as string) - 1n
    return `[${[...this.lastSort.slice(0, -1), number].join(',')}]`
  }

  /** Those of a page's hits that were not given yet. */
  take(hits: readonly Hit[]): Hit[] {
    const fresh: Hit[] = []
    for (const hit of hits) {
      const time = this.isTimed ? hit.sort[0] : ''
      if (this.isTimed && Number(time) < this.least) continue
      if (time !== this.lastTime) this.turnTo(time)
      if (this.given.has(hit.key)) continue
      this.remember(hit.key)
      fresh.push(hit)
    }
    this.lastSort = hits.at(-1)?.sort ?? this.lastSort
    return fresh
  }

  /** Goes on in another point in time. Returns false where nobody can say which hits were given. */
  restart(): boolean {
    if (this.lastSort === undefined || this.tiebreak === '_seq_no') return true
    if (this.hasForgotten || this.whole === WITHOUT_TIME) return false
    const last = Number(this.lastTime)
    if (Math.abs(last) > Number.MAX_SAFE_INTEGER) return false
    this.least = last
    this.narrowed = { start: last, end: this.whole.end }
    this.lastSort = undefined
    return true
  }

  private turnTo(time: string | undefined): void {
    this.lastTime = time
    this.given.clear()
    this.hasForgotten = false
  }

  private remember(key: string): void {
    this.given.add(key)
    if (this.given.size <= MAX_REMEMBERED) return
    for (const oldest of this.given) {
      this.given.delete(oldest)
      break
    }
    this.hasForgotten = true
  }
}
