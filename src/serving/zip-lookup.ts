/** What is known of a zip: isolate memory, then the store within a deadline, then the bundled means, the last two flagged. */
import { atMost, type Clock, type Deadline, deadlineIn, type Instant } from '../core/clock.ts'
import type { WarningCode } from '../core/warning.ts'
import { nationalMean, zip3Mean } from '../core/zip/coarse-zip.ts'
import { zipRow } from '../core/zip/read-zip-pack.ts'
import type { ZipFeatures } from '../core/zip/zip-features.ts'
import type { ZipMeans, ZipPack, ZipValue } from '../core/zip/zip-pack.ts'
import { type Background, type Timers, type ZipPackStore, ZipStoreFault } from './ports.ts'
import { TIMED_OUT, within } from './within.ts'

/** How a lookup ended; counted in the statistics. */
export type ZipLookupOutcome = 'memory' | 'store' | 'unknown' | 'missing' | 'timeout' | 'error' | 'corrupt' | 'unseeded'

export interface ResolvedZip {
  readonly features: ZipFeatures
  readonly outcome: ZipLookupOutcome
  readonly warnings: readonly WarningCode[]
}

export interface ZipLookupOptions {
  /** Packs kept in memory; one is about 50 zips, 3 KB as JSON. */
  readonly capacity: number
  /** How long a read of the store may hold up a prediction. */
  readonly deadlineMilliseconds: number
  /** Age from which a pack in memory is read again, in the background. */
  readonly refreshMilliseconds: number
  /** Called once, when the store turns out to lack what the bundle knows of: to tell the operator. */
  readonly onUnseeded?: () => void
}

interface Cached {
  /** `null`: the store has no such pack. */
  readonly pack: ZipPack | null
  readonly readAt: Instant
}

/** A read under way that others may await. It may belong to a request that has ended and then never settles, so it is trusted for a second only. */
interface Reading {
  readonly promise: Promise<ZipPack | null>
  readonly startedAt: Instant
}

const TRUST_READING_MILLISECONDS = 1_000
/** An absent pack is looked for again after this long: the store may have been seeded since. */
const ABSENT_MILLISECONDS = 1_000

export class ZipLookup {
  readonly #cache = new Map<string, Cached>()
  readonly #readings = new Map<string, Reading>()
  readonly #nationalMean: ZipFeatures
  #toldUnseeded = false

  constructor(
    private readonly store: ZipPackStore,
    private readonly means: ZipMeans,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly options: ZipLookupOptions,
  ) {
    this.#nationalMean = nationalMean(means)
  }

  /** An event without a usable zip. */
  none(reason: 'zip_missing' | 'zip_malformed'): ResolvedZip {
    return { features: this.#nationalMean, outcome: 'missing', warnings: [reason, 'national_mean'] }
  }

  /** What memory knows of `zip` (five digits), without waiting; `undefined` when the store has to be asked. */
  peek(zip: string, background: Background): ResolvedZip | undefined {
    const zip3 = zip.slice(0, 3)
    const cached = this.#cache.get(zip3)
    if (cached === undefined) return undefined
    const age = this.clock.now() - cached.readAt
    if (cached.pack === null) return age > ABSENT_MILLISECONDS ? undefined : this.#absent(zip3)
    // Most recently used last: the first key of the Map is the one to drop.
    this.#cache.delete(zip3)
    this.#cache.set(zip3, cached)
    if (age > this.options.refreshMilliseconds) void this.#read(zip3, background)
    return this.#found(cached.pack, zip, 'memory')
  }

  /** What is known of `zip` (five digits), waiting for the store no longer than its deadline. Never rejects. */
  async resolve(zip: string, deadline: Deadline, background: Background): Promise<ResolvedZip> {
    const known = this.peek(zip, background)
    if (known !== undefined) return known
    const zip3 = zip.slice(0, 3)
    const patience = atMost(this.clock, deadline, this.options.deadlineMilliseconds)
    try {
      const pack = await within(this.#read(zip3, background), patience, this.timers)
      if (pack === TIMED_OUT) return this.#coarse(zip3, 'timeout', 'zip_store_timeout')
      return pack === null ? this.#absent(zip3) : this.#found(pack, zip, 'store')
    } catch (error) {
      return error instanceof ZipStoreFault && error.kind === 'corrupt'
        ? this.#coarse(zip3, 'corrupt', 'zip_store_corrupt')
        : this.#coarse(zip3, 'error', 'zip_store_error')
    }
  }

  /** Starts or joins the read of one pack. A value that comes late still fills the cache. */
  #read(zip3: string, background: Background): Promise<ZipPack | null> {
    const now = this.clock.now()
    const underway = this.#readings.get(zip3)
    if (underway !== undefined && now - underway.startedAt < TRUST_READING_MILLISECONDS) return underway.promise
    const life = deadlineIn(this.clock, TRUST_READING_MILLISECONDS)
    const promise = this.store.read(zip3, life)
    const reading: Reading = { promise, startedAt: now }
    this.#readings.set(zip3, reading)
    const settled = promise
      .then((pack) => this.#remember(zip3, pack))
      .finally(() => {
        if (this.#readings.get(zip3) === reading) this.#readings.delete(zip3)
      })
    background(within(settled, life, this.timers), `reading zip pack ${zip3}`)
    return promise
  }

  #remember(zip3: string, pack: ZipPack | null): void {
    this.#cache.delete(zip3)
    this.#cache.set(zip3, { pack, readAt: this.clock.now() })
    while (this.#cache.size > this.options.capacity) {
      const oldest = this.#cache.keys().next()
      if (!oldest.done) this.#cache.delete(oldest.value)
    }
  }

  #found(pack: ZipPack, zip: string, outcome: 'memory' | 'store'): ResolvedZip {
    let values: readonly ZipValue[] | undefined
    try {
      values = zipRow(pack, zip)
    } catch {
      return this.#coarse(zip.slice(0, 3), 'corrupt', 'zip_store_corrupt')
    }
    if (values === undefined) return this.#coarse(zip.slice(0, 3), 'unknown', 'zip_unknown')
    return {
      features: { level: 'exact', data: pack.data, columns: pack.columns, values },
      outcome,
      warnings: NO_WARNINGS,
    }
  }

  /** The store has no pack: a prefix that no zip has, unless the bundle knows better. */
  #absent(zip3: string): ResolvedZip {
    if (!Object.hasOwn(this.means.zip3, zip3)) return this.#coarse(zip3, 'unknown', 'zip_unknown')
    if (!this.#toldUnseeded) this.options.onUnseeded?.()
    this.#toldUnseeded = true
    return this.#coarse(zip3, 'unseeded', 'zip_store_unseeded')
  }

  #coarse(zip3: string, outcome: ZipLookupOutcome, reason: WarningCode): ResolvedZip {
    const mean = zip3Mean(this.means, zip3)
    return mean === undefined
      ? { features: this.#nationalMean, outcome, warnings: [reason, 'national_mean'] }
      : { features: mean, outcome, warnings: [reason, 'zip3_mean'] }
  }
}

const NO_WARNINGS: readonly WarningCode[] = []
