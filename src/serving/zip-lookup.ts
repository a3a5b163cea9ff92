/** What is known of a zip: isolate memory, then the store within a deadline, then the bundled means, the last two flagged. */
import { atMost, type Clock, type Deadline } from '../core/clock.ts'
import { zip3 } from '../core/event/zip-code.ts'
import type { WarningCode } from '../core/warning.ts'
import { nationalMean, zip3Mean } from '../core/zip/coarse-zip.ts'
import { zipRow } from '../core/zip/read-zip-pack.ts'
import type { ZipFeatures } from '../core/zip/zip-features.ts'
import type { ZipMeans, ZipPack, ZipValue } from '../core/zip/zip-pack.ts'
import { type Background, type Timers, type ZipPackStore, ZipStoreFault } from './ports.ts'
import { TIMED_OUT } from './within.ts'
import { ZipPackCache, type ZipPackCacheOptions } from './zip-pack-cache.ts'

export const ZIP_LOOKUP_OUTCOMES = [
  'memory',
  'store',
  'unknown',
  'missing',
  'timeout',
  'error',
  'corrupt',
  'skipped',
  'unseeded',
] as const

/** How a lookup ended; counted in the statistics. */
export type ZipLookupOutcome = (typeof ZIP_LOOKUP_OUTCOMES)[number]

export interface ResolvedZip {
  readonly features: ZipFeatures
  readonly outcome: ZipLookupOutcome
  readonly warnings: readonly WarningCode[]
}

export interface ZipLookupOptions extends ZipPackCacheOptions {
  /** How long reads of the store may hold up a prediction. */
  readonly deadlineMilliseconds: number
  /** Called once, when the store turns out to lack what the bundle knows of: to tell the operator. */
  readonly onUnseeded?: () => void
}

const NO_WARNINGS: readonly WarningCode[] = []

export class ZipLookup {
  readonly #packs: ZipPackCache
  readonly #nationalMean: ZipFeatures
  #toldUnseeded = false

  constructor(
    store: ZipPackStore,
    private readonly means: ZipMeans,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly options: ZipLookupOptions,
  ) {
    this.#packs = new ZipPackCache(store, clock, timers, options)
    this.#nationalMean = nationalMean(means)
  }

  /** An event without a usable zip. */
  none(reason: 'zip_missing' | 'zip_malformed'): ResolvedZip {
    return { features: this.#nationalMean, outcome: 'missing', warnings: [reason, 'national_mean'] }
  }

  /** What memory knows of `zip` (five digits), without waiting; `undefined` when the store has to be asked. */
  peek(zip: string, background: Background): ResolvedZip | undefined {
    const pack = this.#packs.peek(zip3(zip), background)
    return pack === undefined ? undefined : this.#known(pack, zip, 'memory')
  }

  /**
   * What is known of each of `zips` (five digits, which memory did not know), waiting for the store no longer than `patienceMilliseconds`, all
   * together. Never rejects.
   */
  async resolve(
    zips: readonly string[],
    deadline: Deadline,
    background: Background,
    patienceMilliseconds = this.options.deadlineMilliseconds,
  ): Promise<ReadonlyMap<string, ResolvedZip>> {
    const reads = this.#packs.read([...new Set(zips.map(zip3))], background)
    const patience = atMost(this.clock, deadline, patienceMilliseconds).remainingMilliseconds()
    const timeout = this.timers.sleep(patience).then((): typeof TIMED_OUT => TIMED_OUT)
    const resolved = zips.map(async (zip): Promise<[string, ResolvedZip]> => {
      const read = reads.get(zip3(zip)) ?? Promise.resolve(null)
      return [zip, await this.#afterRead(zip, Promise.race([read, timeout]))]
    })
    return new Map(await Promise.all(resolved))
  }

  async #afterRead(zip: string, read: Promise<ZipPack | null | typeof TIMED_OUT>): Promise<ResolvedZip> {
    try {
      const pack = await read
      return pack === TIMED_OUT ? this.#coarse(zip, 'timeout', 'zip_store_timeout') : this.#known(pack, zip, 'store')
    } catch (error) {
      const kind = error instanceof ZipStoreFault ? error.kind : 'error'
      return this.#coarse(zip, kind, `zip_store_${kind}`)
    }
  }

  #known(pack: ZipPack | null, zip: string, outcome: 'memory' | 'store'): ResolvedZip {
    if (pack === null) return this.#absent(zip)
    let values: readonly ZipValue[] | undefined
    try {
      values = zipRow(pack, zip)
    } catch {
      return this.#coarse(zip, 'corrupt', 'zip_store_corrupt')
    }
    if (values === undefined) return this.#coarse(zip, 'unknown', 'zip_unknown')
    const { data, columns } = pack
    return { features: { level: 'exact', data, columns, values }, outcome, warnings: NO_WARNINGS }
  }

  /** The store has no pack: a prefix that no zip has, unless the bundle knows better. */
  #absent(zip: string): ResolvedZip {
    if (zip3Mean(this.means, zip3(zip)) === undefined) return this.#coarse(zip, 'unknown', 'zip_unknown')
    if (!this.#toldUnseeded) this.options.onUnseeded?.()
    this.#toldUnseeded = true
    return this.#coarse(zip, 'unseeded', 'zip_store_unseeded')
  }

  #coarse(zip: string, outcome: ZipLookupOutcome, reason: WarningCode): ResolvedZip {
    const mean = zip3Mean(this.means, zip3(zip))
    return mean === undefined
      ? { features: this.#nationalMean, outcome, warnings: [reason, 'national_mean'] }
      : { features: mean, outcome, warnings: [reason, 'zip3_mean'] }
  }
}
