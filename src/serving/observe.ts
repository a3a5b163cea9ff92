/** What an isolate counts between two answers, and how it reaches the statistics: merged, once a second at most, after the answer. */
import { type Clock, type Duration, deadlineIn, type Instant } from '../core/clock.ts'
import type { FailureCode } from '../core/failure.ts'
import type { ComparedOutput } from '../core/judgement/compared-events.ts'
import type { AnsweredByBoth } from '../core/judgement/compared-recorder.ts'
import type { EvidenceSubject } from '../core/judgement/evidence.ts'
import type { EvidenceBuilder } from '../core/judgement/evidence-builder.ts'
import type { JudgedOutput } from '../core/judgement/output-recorder.ts'
import { eventsIn } from '../core/statistics/counts.ts'
import type { StatisticsDelta } from '../core/statistics/delta.ts'
import { DeltaBuilder } from '../core/statistics/delta-builder.ts'
import type { VersionPair } from '../core/statistics/pair-counts.ts'
import type { PairRecorder } from '../core/statistics/pair-recorder.ts'
import type { ReleaseNews } from '../core/statistics/replies.ts'
import type { LayoutOf, SeenPrediction, TimedStage } from '../core/statistics/version-recorder.ts'
import type { BrowserTiming } from '../protocol/browser-timings.ts'
import type { Background, Statistics, Timers } from './ports.ts'
import type { GateFault } from './request-gate.ts'
import { TIMED_OUT, within } from './within.ts'
import type { ZipLookupOutcome } from './zip-lookup.ts'
import type { ZipReadOutcome } from './zip-pack-cache.ts'

export interface ObserverOptions {
  /** Marks every delta: the deployed version of this code. */
  readonly codeVersion: string
  /** Least time between two calls of the statistics, and from an observation to the call that brings it. */
  readonly intervalMilliseconds: number
  /** How long one call may take. */
  readonly deadlineMilliseconds: number
  /**
   * Age at which a delta that could not be brought is given up, and its events counted as lost. Less than the 15 minutes after which a
   * shard would count it in another minute than its own.
   */
  readonly giveUpMilliseconds: number
}

export interface ObserverParts {
  readonly statistics: Statistics
  readonly clock: Clock
  readonly timers: Timers
  /** Called when the first delta is sent: random values are refused at module scope. */
  readonly randomId: () => string
  readonly layoutOf: LayoutOf
  /** Told what the reply to a delta, sent at `sentAt`, says of the releases. `background` is of the request that sent it. */
  readonly onReleases?: (news: readonly ReleaseNews[], sentAt: Instant, background: Background) => void
}

/** A flush that some request's background work has promised; that request may die, so it is trusted only until it is overdue. */
interface PromisedFlush {
  readonly overdueAt: number
}

/** A delta on its way: unchanged until it is applied or given up. */
interface PendingDelta {
  readonly delta: StatisticsDelta
  readonly since: Instant
}

/** Greatest time between two tries while the statistics do not answer. */
const MAX_BACKOFF_MILLISECONDS = 8_000
/** Background work is cancelled 30 s after the answer (Cloudflare, "Context (ctx)", read 2026-11); a flush stops trying well before, the next observation goes on. */
const BACKGROUND_MILLISECONDS = 25_000
/** How late a timer may fire before the request that holds it is taken for dead. */
const OVERDUE_MILLISECONDS = 1_000

/** What answering events tells: to the isolate's observer, or to the counts of one message. */
export type Observations = Pick<Observer, 'prediction' | 'failure' | 'zipLookup'>

export class Observer {
  #collecting: DeltaBuilder
  #pending: PendingDelta | undefined
  #promised: PromisedFlush | undefined
  /** Until when a call may still be under way. */
  #callingUntil: number = Number.NEGATIVE_INFINITY
  #failedTries = 0
  #isolate: string | undefined
  #sequence = 0

  constructor(
    private readonly parts: ObserverParts,
    private readonly options: ObserverOptions,
  ) {
    this.#collecting = new DeltaBuilder(parts.layoutOf)
  }

  /** One answered event. */
  prediction({ model, version, outputs, flags, fields }: SeenPrediction): void {
    this.#collecting.prediction(model, version, outputs, flags, this.parts.clock.epochMilliseconds(), fields)
  }

  /** One failed event or request; with `model` and `version` where a version had been chosen for it. */
  failure(seen: { readonly code: FailureCode; readonly model?: string; readonly version?: string }): void {
    const at = this.parts.clock.epochMilliseconds()
    if (seen.model === undefined || seen.version === undefined) this.#collecting.rejected(seen.code, at)
    else this.#collecting.failure(seen.model, seen.version, seen.code, at)
  }

  /** The wall time of one measured request, standing for `weight` requests (a whole number from 1). */
  latency(seen: {
    readonly model: string
    readonly version: string
    readonly duration: Duration
    readonly weight: number
    readonly stages?: readonly TimedStage[]
  }): void {
    const at = this.parts.clock.epochMilliseconds()
    this.#collecting.latency(seen.model, seen.version, seen.duration, seen.weight, at, seen.stages)
  }

  /** The differences of two versions since the last flush, to be added to. */
  pair(pair: VersionPair): PairRecorder {
    return this.#collecting.pair(pair, this.parts.clock.epochMilliseconds())
  }

  /** What was seen of a canary since the last flush, to be added to. */
  evidence(subject: EvidenceSubject, outputs: readonly JudgedOutput[]): EvidenceBuilder {
    return this.#collecting.evidence(subject, outputs, this.parts.clock.epochMilliseconds())
  }

  /** An event that a canary and stable answered, for when its outcome is reported. */
  compared(subject: EvidenceSubject, outputs: readonly ComparedOutput[], answered: AnsweredByBoth): void {
    this.#collecting.compared(subject, outputs, answered)
  }

  loadFailure(model: string, version: string): void {
    this.#collecting.loadFailure(model, version, this.parts.clock.epochMilliseconds())
  }

  /** Events that were stored to be predicted later. */
  accepted(events: number): void {
    this.#collecting.accepted(events, this.parts.clock.epochMilliseconds())
  }

  /** A request that passed uncounted since the limit of requests failed. */
  limitFault(fault: GateFault): void {
    this.#collecting.limitFault(fault, this.parts.clock.epochMilliseconds())
  }

  /** A request answered by the operation `route`; sent along with what else is counted. */
  request(route: string, status: number): void {
    this.#collecting.request(route, status)
  }

  /** Events whose counts could not be brought anywhere. */
  lost(events: number): void {
    this.#collecting.lost(events, this.parts.clock.epochMilliseconds())
  }

  /** How many deltas have been made up. */
  get deltas(): number {
    return this.#sequence
  }

  /** A zip pack that was read from the store, or could not be. */
  zipRead(outcome: ZipReadOutcome): void {
    this.#collecting.zipRead(outcome)
  }

  /** How long a browser says that it waited for an answer of `route`. */
  browserTiming({ route, milliseconds }: BrowserTiming): void {
    this.#collecting.browser(route, { known: true, milliseconds }, this.parts.clock.epochMilliseconds())
  }

  zipLookup(outcome: ZipLookupOutcome): void {
    this.#collecting.zipLookup(outcome, this.parts.clock.epochMilliseconds())
  }

  /** To be called by every request that has observed something: sees to it that a flush is promised. */
  afterAnswer(background: Background): void {
    if (this.#isIdle()) return
    if (this.#promised !== undefined && this.parts.clock.now() < this.#promised.overdueAt) return
    background(this.#flush(background), 'sending statistics')
  }

  #isIdle(): boolean {
    return this.#pending === undefined && this.#collecting.isEmpty
  }

  /** Time from now to the next call: doubled with every try that failed. */
  #delay(): number {
    const { intervalMilliseconds } = this.options
    const backoff = Math.min(intervalMilliseconds * 2 ** this.#failedTries, MAX_BACKOFF_MILLISECONDS)
    return Math.max(intervalMilliseconds, backoff)
  }

  /** Sleeps, sends, and goes on for as long as something is left that nobody else has promised to send. Rejects when it stops without success. */
  async #flush(background: Background): Promise<void> {
    const { clock, timers } = this.parts
    const { deadlineMilliseconds } = this.options
    // Counted down from what was slept, since the clock may stand still.
    let patience = BACKGROUND_MILLISECONDS
    let fault: unknown
    let delay = this.#delay()
    do {
      const promise = { overdueAt: clock.now() + delay + deadlineMilliseconds + OVERDUE_MILLISECONDS }
      this.#promised = promise
      await timers.sleep(delay)
      const busy = this.#callingUntil - clock.now()
      if (busy > 0) await timers.sleep(busy)
      // It was overdue and another request promised the flush: it is that one's now.
      if (this.#promised !== promise) return
      this.#promised = undefined
      fault = await this.#send(background)
      patience -= delay + deadlineMilliseconds
      delay = this.#delay()
    } while (!this.#isIdle() && this.#promised === undefined && delay + deadlineMilliseconds <= patience)
    if (fault !== undefined) {
      const tries = `statistics not sent in ${this.#failedTries} tries`
      throw new Error(`${tries}: ${fault instanceof Error ? fault.message : String(fault)}`, { cause: fault })
    }
  }

  /** Sends the pending delta, or else what was collected. Returns what went wrong, `undefined` when nothing did. */
  async #send(background: Background): Promise<unknown> {
    this.#giveUp()
    this.#pending ??= this.#take()
    const pending = this.#pending
    if (pending === undefined) return undefined
    const { clock, timers, statistics, onReleases } = this.parts
    const { deadlineMilliseconds } = this.options
    const deadline = deadlineIn(clock, deadlineMilliseconds)
    const sentAt = clock.now()
    this.#callingUntil = sentAt + deadlineMilliseconds
    try {
      const news = await within(statistics.send(pending.delta, deadline), deadline, timers)
      if (news === TIMED_OUT) throw new Error(`no reply within ${deadlineMilliseconds} ms`)
      if (this.#pending === pending) this.#pending = undefined
      this.#failedTries = 0
      onReleases?.(news, sentAt, background)
      return undefined
    } catch (fault) {
      this.#failedTries++
      return fault
    } finally {
      this.#callingUntil = Number.NEGATIVE_INFINITY
    }
  }

  #take(): PendingDelta | undefined {
    if (this.#collecting.isEmpty) return undefined
    this.#isolate ??= this.parts.randomId()
    const header = { isolate: this.#isolate, sequence: ++this.#sequence, codeVersion: this.options.codeVersion }
    const delta = this.#collecting.toDelta(header)
    this.#collecting = new DeltaBuilder(this.parts.layoutOf)
    return { delta, since: this.parts.clock.now() }
  }

  /** Drops a pending delta that has become too old; the next one tells how many events it held. */
  #giveUp(): void {
    const pending = this.#pending
    if (pending === undefined || this.parts.clock.now() - pending.since < this.options.giveUpMilliseconds) return
    this.#collecting.lost(eventsIn(pending.delta) + pending.delta.lost, this.parts.clock.epochMilliseconds())
    this.#pending = undefined
  }
}
