/** Zip packs in isolate memory, bounded, filled by reads of the store that many requests may share. */
import { type Clock, deadlineIn, type Instant } from '../core/clock.ts'
import type { ZipPack } from '../core/zip/zip-pack.ts'
import { type Background, type Timers, type ZipPackStore, ZipStoreFault } from './ports.ts'
import { TIMED_OUT, within } from './within.ts'

/** `miss`: the store has no such pack; `timeout`: it did not answer within a second; the others as the store failed. */
export const ZIP_READ_OUTCOMES = ['hit', 'miss', 'timeout', 'error', 'corrupt', 'skipped'] as const
export type ZipReadOutcome = (typeof ZIP_READ_OUTCOMES)[number]

export interface ZipPackCacheOptions {
  /** Packs kept in memory; one is about 50 zips, 3 KB as JSON. */
  readonly capacity: number
  /** Age from which a pack in memory is read again, in the background. */
  readonly refreshMilliseconds: number
  /** Told of every pack that was read, once. */
  readonly onRead?: (outcome: ZipReadOutcome) => void
}

interface Cached {
  /** `null`: the store has no such pack. */
  readonly pack: ZipPack | null
  /** From when on it is read again. */
  refreshAt: number
}

/** A read under way that others may await. It may belong to a request that has ended and then never settles, so it is trusted for a second only. */
interface Reading {
  readonly pack: Promise<ZipPack | null>
  readonly startedAt: Instant
}

const TRUST_READING_MILLISECONDS = 1_000
/** An absent pack is looked for again after this long, and so is one whose refresh failed: the store may have been mended since. */
const TRY_AGAIN_MILLISECONDS = 1_000
/** Most keys of one bulk read of KV (Cloudflare, "Read key-value pairs", read 2026-11). */
const PACKS_PER_READ = 100

export class ZipPackCache {
  readonly #cache = new Map<string, Cached>()
  readonly #readings = new Map<string, Reading>()

  constructor(
    private readonly store: ZipPackStore,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly options: ZipPackCacheOptions,
  ) {}

  /** The pack of `zip3` if it is in memory, `null` if the store is known to have none, `undefined` if it has to be asked. */
  peek(zip3: string, background: Background): ZipPack | null | undefined {
    const cached = this.#cache.get(zip3)
    if (cached === undefined) return undefined
    const now = this.clock.now()
    const isDue = now > cached.refreshAt
    if (cached.pack === null) return isDue ? undefined : null
    // Most recently used last: the first key of the Map is the one to drop.
    this.#cache.delete(zip3)
    this.#cache.set(zip3, cached)
    if (isDue) {
      cached.refreshAt = now + TRY_AGAIN_MILLISECONDS
      this.read([zip3], background)
    }
    return cached.pack
  }

  /**
   * The reads of these packs, begun or joined, a hundred a call of the store. Each rejects as the store does; `background` holds what was begun,
   * for a second at most, and a value that comes late still fills the memory.
   */
  read(zip3s: readonly string[], background: Background): ReadonlyMap<string, Promise<ZipPack | null>> {
    const now = this.clock.now()
    const isUnderway = (zip3: string): boolean => {
      const reading = this.#readings.get(zip3)
      return reading !== undefined && now - reading.startedAt < TRUST_READING_MILLISECONDS
    }
    const wanted = zip3s.filter((zip3) => !isUnderway(zip3))
    for (let from = 0; from < wanted.length; from += PACKS_PER_READ) {
      this.#begin(wanted.slice(from, from + PACKS_PER_READ), now, background)
    }
    return new Map(
      zip3s.flatMap((zip3) => {
        const reading = this.#readings.get(zip3)
        return reading === undefined ? [] : [[zip3, reading.pack]]
      }),
    )
  }

  #begin(zip3s: readonly string[], startedAt: Instant, background: Background): void {
    const life = deadlineIn(this.clock, TRUST_READING_MILLISECONDS)
    const open = new Set(zip3s)
    const tell = (zip3: string, outcome: ZipReadOutcome): void => {
      if (open.delete(zip3)) this.options.onRead?.(outcome)
    }
    const packs = this.store.read(zip3s, life)
    const settled = zip3s.map((zip3) => {
      const pack = packs.then((found) => {
        const value = found.get(zip3) ?? null
        if (value instanceof ZipStoreFault) throw value
        return value
      })
      pack.then(
        (value) => tell(zip3, value === null ? 'miss' : 'hit'),
        (error: unknown) => tell(zip3, error instanceof ZipStoreFault ? error.kind : 'error'),
      )
      const reading: Reading = { pack, startedAt }
      this.#readings.set(zip3, reading)
      return pack
        .then((value) => this.#remember(zip3, value))
        .finally(() => {
          if (this.#readings.get(zip3) === reading) this.#readings.delete(zip3)
        })
    })
    // That the store is left alone was said when it began.
    const unlessSkipped = (error: unknown): void => {
      if (!(error instanceof ZipStoreFault && error.kind === 'skipped')) throw error
    }
    const all = Promise.all(settled).catch(unlessSkipped)
    const inTime = within(all, life, this.timers).then((end) => {
      if (end === TIMED_OUT) for (const zip3 of open) tell(zip3, 'timeout')
    })
    background(inTime, `reading zip pack ${zip3s.join()}`)
  }

  #remember(zip3: string, pack: ZipPack | null): void {
    const age = pack === null ? TRY_AGAIN_MILLISECONDS : this.options.refreshMilliseconds
    this.#cache.delete(zip3)
    this.#cache.set(zip3, { pack, refreshAt: this.clock.now() + age })
    while (this.#cache.size > this.options.capacity) {
      const oldest = this.#cache.keys().next()
      if (!oldest.done) this.#cache.delete(oldest.value)
    }
  }
}
