/** One shard of the statistics: applies the deltas of its isolates, each once, and answers what a window holds. */
import { DurableObject } from 'cloudflare:workers'
import { readScored } from '../core/accuracy/scored.ts'
import type { AlertCountsReply } from '../core/alerts/alert-windows.ts'
import type { HoursReply } from '../core/drift/hours-reply.ts'
import { joinOutcomes } from '../core/judgement/outcomes.ts'
import { readOutcomes } from '../core/judgement/read-outcomes.ts'
import { emptyCounts, mergeCounts, OTHER_VERSION, type StatisticsCounts } from '../core/statistics/counts.ts'
import { countsOf, type StatisticsDelta } from '../core/statistics/delta.ts'
import { readDelta } from '../core/statistics/read-delta.ts'
import type {
  DeltaReply,
  DeltasReply,
  EvidenceReply,
  OutcomesReply,
  ScoredReply,
  SeriesReply,
  TotalsReply,
  WindowReply,
} from '../core/statistics/replies.ts'
import type { StatisticsWindow } from '../core/statistics/report.ts'
import {
  cover,
  DAY,
  gatherable,
  HOUR,
  MINUTE,
  minuteOf,
  nextRollup,
  type Span,
  windowStretch,
} from '../core/statistics/rollup.ts'
import { firstCounted, type SeriesRange, seriesStretch } from '../core/statistics/series.ts'
import { migrate } from './migrate.ts'
import { StatsAccuracy } from './stats-accuracy.ts'
import { StatsAlerts } from './stats-alerts.ts'
import { StatsCompared } from './stats-compared.ts'
import { StatsEvidence } from './stats-evidence.ts'
import { StatsHours } from './stats-hours.ts'
import { type ReleaseControllers, StatsReleases } from './stats-releases.ts'
import { addTables, STATISTICS_STEPS } from './stats-schema.ts'
import { StatsSeries } from './stats-series.ts'
import { StatsStore } from './stats-store.ts'
import { StatsTotals } from './stats-totals.ts'
import { type Watches, WatchWaker } from './wake-watch.ts'

/** The bindings it uses; a deployment may have no controllers yet. */
interface Bindings {
  readonly RELEASE_CONTROLLER?: ReleaseControllers
  readonly WATCH?: Watches
}

/** The models of `name@version` keys. */
const modelsOf = (versions: object): readonly string[] =>
  Object.keys(versions).flatMap((key) => (key === OTHER_VERSION ? [] : [key.slice(0, key.lastIndexOf('@'))]))

export class StatsAggregator extends DurableObject<Bindings> {
  readonly #store: StatsStore
  readonly #totals: StatsTotals
  readonly #series: StatsSeries
  readonly #evidence: StatsEvidence
  readonly #compared: StatsCompared
  readonly #accuracy: StatsAccuracy
  readonly #alerts: StatsAlerts
  readonly #hours: StatsHours
  readonly #releases: StatsReleases
  readonly #waker: WatchWaker

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    migrate(ctx.storage, STATISTICS_STEPS)
    addTables(ctx.storage.sql)
    this.#store = new StatsStore(ctx.storage.sql)
    this.#totals = new StatsTotals(ctx.storage.sql, this.#store)
    this.#series = new StatsSeries(ctx.storage.sql, this.#store)
    this.#evidence = new StatsEvidence(ctx.storage.sql)
    this.#compared = new StatsCompared(ctx.storage.sql)
    this.#accuracy = new StatsAccuracy(ctx.storage.sql, this.#store)
    this.#alerts = new StatsAlerts(this.#store)
    this.#hours = new StatsHours(this.#store)
    this.#releases = new StatsReleases(ctx.storage.sql, env.RELEASE_CONTROLLER)
    this.#waker = new WatchWaker(env.WATCH)
  }

  /** Takes a release from its controller, to be passed on with the next replies. A lower revision than the one here is no news. */
  setRelease(value: unknown): { readonly format: 1; readonly applied: boolean } {
    return { format: 1, applied: this.#releases.push(value, Date.now()) }
  }

  /**
   * Counts `value`, a delta, unless its isolate has sent this sequence or a later one before. The counts and the sequence are written in
   * one transaction, and the reply, which carries the current releases, leaves only when they are on disk. Throws a `RangeError` for what
   * is not a delta.
   */
  async apply(value: unknown): Promise<DeltaReply> {
    const { applied, releases } = await this.#applyAll([readDelta(value)])
    return { format: 1, applied: applied[0] === true, releases }
  }

  /** The same for several deltas in one transaction. Throws a `RangeError` when one of them is none; then nothing is counted. */
  async applyMany(values: readonly unknown[]): Promise<DeltasReply> {
    return { format: 1, ...(await this.#applyAll(values.map(readDelta))) }
  }

  async #applyAll(deltas: readonly StatisticsDelta[]): Promise<Omit<DeltasReply, 'format'>> {
    const now = Date.now()
    const applied = this.ctx.storage.transactionSync(() => this.#countAll(deltas, now))
    const fresh = deltas.filter((_, index) => applied[index] === true)
    for (const delta of fresh) this.#series.add(countsOf(delta), delta.to, now)
    for (const { load_failures } of fresh) this.ctx.waitUntil(this.#releases.tellLoadFailures(load_failures))
    this.ctx.waitUntil(this.#waker.wake(now))
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(nextRollup(now))
    const models = [...new Set(deltas.flatMap(({ versions }) => modelsOf(versions)))]
    return { applied, releases: await this.#releases.news(models, now) }
  }

  /** For each delta whether it is counted now. A minute is read and written once, however many deltas fall into it. */
  #countAll(deltas: readonly StatisticsDelta[], now: number): readonly boolean[] {
    const store = this.#store
    const minutes = new Map<number, { readonly before: StatisticsCounts; after: StatisticsCounts }>()
    const applied = deltas.map((delta) => {
      if (delta.sequence <= store.lastSequence(delta.isolate)) return false
      const minute = minuteOf(delta.to, now, store.gathered)
      let counts = minutes.get(minute)
      if (counts === undefined) {
        const before = store.load({ span: MINUTE, from: minute, to: minute + MINUTE })
        counts = { before, after: before }
        minutes.set(minute, counts)
      }
      counts.after = mergeCounts(counts.after, countsOf(delta))
      for (const evidence of delta.evidence) this.#evidence.add(evidence, now)
      for (const compared of delta.compared) this.#compared.add(compared, now)
      store.remember(delta.isolate, delta.sequence, now)
      return true
    })
    for (const [minute, { before, after }] of minutes) store.save(MINUTE, minute, after, before)
    return applied
  }

  /** What `window` holds at `now`, epoch milliseconds: the same for all shards that are asked together. */
  read(window: StatisticsWindow, now: number): WindowReply {
    const { from, to } = windowStretch(window, now)
    const stretches = cover(from, to, this.#store.gathered)
    return {
      format: 1,
      counts: stretches.map((stretch) => this.#store.load(stretch)).reduce(mergeCounts, emptyCounts()),
    }
  }

  /** What `range` holds at `now`, epoch milliseconds, point by point; points that hold nothing are left out. At most 170 points of 40 KB. */
  series(range: SeriesRange, now: number): SeriesReply {
    const points = this.#series.read(seriesStretch(range, now), now)
    return { format: 1, first: firstCounted((span) => this.#store.first(span)), points }
  }

  /** What alerts are judged by at `now`, epoch milliseconds, in all their windows. */
  alertCounts(now: number): AlertCountsReply {
    return { format: 1, ...this.#alerts.read(now) }
  }

  /** What was counted of a version hour by hour from `from` to `until`, epoch milliseconds: at most a week. */
  hours(model: string, version: string, from: number, until: number): HoursReply {
    return { format: 1, blocks: this.#hours.read(`${model}@${version}`, from, until) }
  }

  /** What it has counted since the beginning, and by what code in the last five minutes before `now`, epoch milliseconds. */
  totals(now: number): TotalsReply {
    const { code_versions } = this.read('5m', now).counts
    return { format: 1, totals: this.#totals.read(this.#store.gathered), code_versions }
  }

  /** What was seen of the canaries of `model` beside stable, one for each canary. */
  evidence(model: string): EvidenceReply {
    return { format: 1, evidence: this.#evidence.of(model) }
  }

  /**
   * Takes what really happened to events, as evidence of the canaries that were compared on them. Of a unit the outcome that was reported
   * first counts, so reporting one again changes nothing. Throws a `RangeError` for what are no outcomes.
   */
  outcomes(value: unknown): OutcomesReply {
    const outcomes = readOutcomes(value)
    const now = Date.now()
    const { fates, evidence } = joinOutcomes(outcomes, (event) => this.#compared.of(event), now)
    this.ctx.storage.transactionSync(() => {
      for (const each of evidence) this.#evidence.add(each, now)
    })
    return { format: 1, fates }
  }

  /**
   * Counts outcomes into the accuracy of the versions that foretold them, when they did: each once, however often it is reported. Throws a
   * `RangeError` for what are no such outcomes; then none is counted.
   */
  async score(value: unknown): Promise<ScoredReply> {
    const scored = readScored(value)
    const now = Date.now()
    const fates = this.ctx.storage.transactionSync(() => this.#accuracy.add(scored, now))
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(nextRollup(now))
    return { format: 1, fates }
  }

  /** Gathers minutes into hours and hours into days, forgets what is old, and sleeps until there is more to do. */
  override async alarm(): Promise<void> {
    const now = Date.now()
    const next = gatherable(now)
    const { gathered } = this.#store
    this.ctx.storage.transactionSync(() => {
      this.#totals.fold(next.hours, gathered)
      this.#gather(MINUTE, HOUR, gathered.hours, next.hours)
      this.#gather(HOUR, DAY, gathered.days, next.days)
      this.#store.gathered = next
      this.#store.forget(now, next)
      this.#evidence.forget(now)
      this.#compared.forget(now)
      this.#accuracy.forget(now)
    })
    if (!this.#store.isEmpty) await this.ctx.storage.setAlarm(nextRollup(now))
  }

  /** Writes one row group of the coarser span for each that has rows of the finer one. */
  #gather(finer: Span, coarser: Span, from: number, to: number): void {
    for (const start of this.#store.occupied(finer, { span: coarser, from, to })) {
      const counts = this.#store.load({ span: finer, from: start, to: start + coarser })
      this.#store.save(coarser, start, counts, emptyCounts())
    }
  }
}
