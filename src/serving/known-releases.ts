/** What this isolate knows of the releases: learnt with every flush of the statistics, else read from the store, else what the bundle ships. */
import { atMost, type Clock, type Deadline, deadlineIn, type Instant } from '../core/clock.ts'
import type { Release } from '../core/release/release.ts'
import type { ReleaseNews } from '../core/statistics/replies.ts'
import { isModelName } from '../protocol/manifest.ts'
import type { Background, ReleaseStore, Releases, Timers } from './ports.ts'
import { within } from './within.ts'

export type ReleaseSource = 'bundled' | 'store' | 'controller'

export interface KnownRelease {
  readonly release: Release
  readonly source: ReleaseSource
  /** False when the store was asked whether it still holds and did not answer. */
  readonly isCertain: boolean
  /** When its controller said so, by the monotonic clock; -Infinity for what no controller has said. */
  readonly confirmedAt: number
  /** Until when it is used without asking again. */
  readonly goodUntil: number
}

export interface KnownReleasesOptions {
  /** How long a read of the store may hold up a prediction. */
  readonly deadlineMilliseconds: number
  /** Called whenever a release was heard of, also when it is the one that was known. `background` is of the request that heard. */
  readonly onRelease: (release: Release, background: Background) => void
}

/** A read under way. It may belong to a request that has ended and then never settles, so it is trusted for a second only. */
interface Reading {
  readonly settled: Promise<void>
  readonly startedAt: Instant
}

/** Older knowledge is not used before the store was asked. */
const GOOD_MILLISECONDS = 30_000
const TRUST_READING_MILLISECONDS = 1_000
/** After a read that failed, predictions go on without one for this long. */
const TRY_AGAIN_MILLISECONDS = 1_000
/** Bound what names that callers make up can hold of the memory. */
const MAX_MODELS = 64
const MAX_ABSENT = 256

export class KnownReleases implements Releases {
  readonly #known = new Map<string, KnownRelease>()
  /** Models nobody has released, as far as the store knows, and until when that is believed. */
  readonly #absent = new Map<string, number>()
  readonly #readings = new Map<string, Reading>()

  /** `bundled`: what holds while nobody has released anything. Without a store it is never asked whether that still holds. */
  constructor(
    bundled: readonly Release[],
    private readonly store: ReleaseStore | null,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly options: KnownReleasesOptions,
  ) {
    const goodUntil = store === null ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    const confirmedAt = Number.NEGATIVE_INFINITY
    for (const release of bundled) {
      this.#known.set(release.model, { release, source: 'bundled', isCertain: true, confirmedAt, goodUntil })
    }
  }

  models(): readonly string[] {
    return [...this.#known.keys()]
  }

  /** What is known, however old. */
  known(model: string): KnownRelease | null {
    return this.#known.get(model) ?? null
  }

  current(model: string): Release | null {
    return this.known(model)?.release ?? null
  }

  /** How long ago a controller said so; infinite when none did. */
  ageMilliseconds({ confirmedAt }: KnownRelease): number {
    return this.clock.now() - confirmedAt
  }

  /** What is known well enough to answer with, `null` where there is no such model, `undefined` when the store has to be asked. */
  peek(model: string): KnownRelease | null | undefined {
    const now = this.clock.now()
    const known = this.#known.get(model)
    if (known !== undefined) return now < known.goodUntil ? known : undefined
    if (this.store === null || !isModelName(model)) return null
    const absentUntil = this.#absent.get(model)
    return absentUntil !== undefined && now < absentUntil ? null : undefined
  }

  /** What is known, after asking the store where `peek` says so, and waiting for it no longer than its deadline. Never rejects. */
  async consult(model: string, deadline: Deadline, background: Background): Promise<KnownRelease | null> {
    const known = this.peek(model)
    if (known !== undefined || this.store === null) return known ?? null
    const patience = atMost(this.clock, deadline, this.options.deadlineMilliseconds)
    // A failure is logged by the request that holds the read.
    await within(this.#read(model, this.store, background), patience, this.timers).catch(() => undefined)
    const learnt = this.peek(model)
    return learnt === undefined ? this.#doubt(model) : learnt
  }

  /** Takes what the reply to a delta said, which was sent at `sentAt`. */
  learn(news: readonly ReleaseNews[], sentAt: Instant, background: Background): void {
    for (const { model, release, age_milliseconds } of news) {
      this.#take(model, release, 'controller', sentAt - age_milliseconds, background)
    }
  }

  /** A lower revision is ignored, whoever says it; the same one confirms what is known. */
  #take(
    model: string,
    release: Release | null,
    source: 'store' | 'controller',
    heardAt: number,
    background: Background,
  ): void {
    const goodUntil = heardAt + GOOD_MILLISECONDS
    const known = this.#known.get(model)
    if (known === undefined) {
      if (release === null) this.#remember(model, goodUntil)
      if (release === null || this.#known.size >= MAX_MODELS) return
    }
    const [revision, knownRevision] = [release?.revision ?? 0, known?.release.revision ?? -1]
    // The store is always behind: what it holds of an earlier revision says nothing against a later one.
    if (revision < knownRevision && source === 'controller') return
    const isNews = release !== null && revision > knownRevision
    const confirmedAt = source === 'controller' ? heardAt : Number.NEGATIVE_INFINITY
    const next: KnownRelease | undefined = isNews
      ? { release, source, isCertain: true, confirmedAt, goodUntil }
      : known && {
          release: known.release,
          source: source === 'controller' && release !== null ? source : known.source,
          isCertain: true,
          confirmedAt: Math.max(known.confirmedAt, confirmedAt),
          goodUntil: Math.max(known.goodUntil, goodUntil),
        }
    if (next === undefined) return
    this.#known.set(model, next)
    this.#absent.delete(model)
    this.options.onRelease(next.release, background)
  }

  #remember(model: string, absentUntil: number): void {
    const oldest = this.#absent.keys().next()
    if (this.#absent.size >= MAX_ABSENT && !oldest.done) this.#absent.delete(oldest.value)
    this.#absent.set(model, absentUntil)
  }

  /** The store did not answer: what is known goes on, in doubt, and is asked about again in a second. */
  #doubt(model: string): KnownRelease | null {
    const goodUntil = this.clock.now() + TRY_AGAIN_MILLISECONDS
    const known = this.#known.get(model)
    if (known === undefined) {
      this.#remember(model, goodUntil)
      return null
    }
    const doubted: KnownRelease = { ...known, isCertain: false, goodUntil }
    this.#known.set(model, doubted)
    return doubted
  }

  #read(model: string, store: ReleaseStore, background: Background): Promise<void> {
    const now = this.clock.now()
    const underway = this.#readings.get(model)
    if (underway !== undefined && now - underway.startedAt < TRUST_READING_MILLISECONDS) return underway.settled
    const life = deadlineIn(this.clock, TRUST_READING_MILLISECONDS)
    const settled = store
      .read(model, life)
      .then((release) => this.#take(model, release, 'store', this.clock.now(), background))
      .finally(() => {
        if (this.#readings.get(model) === reading) this.#readings.delete(model)
      })
    const reading: Reading = { settled, startedAt: now }
    this.#readings.set(model, reading)
    background(within(settled, life, this.timers), `reading the release of ${model}`)
    return settled
  }
}
