/** How far a stream of events has come: what was delivered is not delivered again, and what comes late still is. */
import { createHash } from 'node:crypto'
import type { Hit } from './hits.ts'

/** As it is kept between runs. */
export interface SavedState {
  /** In the time field's own numbers: all before it was delivered. `null` before anything was. */
  readonly from: number | null
  /** Keys of what was delivered from `from` on, each with its time. */
  readonly delivered: readonly (readonly [string, number])[]
  readonly events: number
}

export const beginning: SavedState = { from: null, delivered: [], events: 0 }

/** 96 bits: among a million keys two are equal once in 10^17 times. */
const KEY_CHARACTERS = 16
const shortKey = (key: string): string => createHash('sha256').update(key).digest('base64url').slice(0, KEY_CHARACTERS)

const timeOf = ({ sort }: Hit): number => Number(sort[0])

export class FollowState {
  private from: number | null
  private events: number
  private readonly delivered: Map<string, number>

  constructor(saved: SavedState) {
    this.from = saved.from
    this.events = saved.events
    this.delivered = new Map(saved.delivered)
  }

  /** Where the next poll begins. */
  get start(): number | undefined {
    return this.from ?? undefined
  }

  /** Those of `hits` that were not delivered yet. */
  fresh(hits: readonly Hit[]): Hit[] {
    return hits.filter((hit) => !this.delivered.has(shortKey(hit.key)))
  }

  deliver(hits: readonly Hit[]): void {
    for (const hit of hits) this.delivered.set(shortKey(hit.key), timeOf(hit))
    this.events += hits.length
  }

  /** All before `time` is there and was delivered: it is not asked for again. */
  settle(time: number): void {
    if (this.from !== null && time <= this.from) return
    this.from = time
    for (const [key, delivered] of this.delivered) if (delivered < time) this.delivered.delete(key)
  }

  save(): SavedState {
    return { from: this.from, delivered: [...this.delivered], events: this.events }
  }
}

/** Where a poll may settle at most: events of before `pollMilliseconds - latenessMilliseconds` are all in the index. */
export const settledBy = (pollMilliseconds: number, latenessMilliseconds: number, perMillisecond: number): number =>
  Math.floor((pollMilliseconds - latenessMilliseconds) * perMillisecond)

/** How far the state may settle when everything up to the last of `hits`, which are in the order of time, was delivered. */
export const settledAfter = (hits: readonly Hit[], limit: number): number => {
  const last = hits.at(-1)
  return last === undefined ? limit : Math.min(timeOf(last), limit)
}
