/** Runs the other version of a pair on the same events once the answer is sent, and counts how far the two lie apart. */
import { between, type Clock, type Duration, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import { faultOf } from '../core/judgement/counted-failures.ts'
import type { EvidenceSubject } from '../core/judgement/evidence.ts'
import type { PairedOutcome } from '../core/judgement/evidence-builder.ts'
import { eventOf, unitOf as pseudonymOf } from '../core/judgement/unit.ts'
import { pairKey, type VersionPair } from '../core/statistics/pair-counts.ts'
import { type Candidate, unitOf } from './candidates.ts'
import type { FeatureRowMaker } from './feature-rows.ts'
import type { Observer } from './observe.ts'
import { comparedOutputs, judgedOutputs } from './output-layouts.ts'
import type { RowOutputs } from './output-values.ts'
import type { Background, Timers } from './ports.ts'
import { type RowsRun, runRows } from './run-rows.ts'
import type { ServedModel } from './served-model.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { ResolvedZip } from './zip-lookup.ts'

/** What one version gave for an event. */
type Result = RowOutputs | Failure

export interface Comparison {
  readonly pair: VersionPair
  /** Which of the two has not run yet. */
  readonly runs: 'first' | 'other'
  /** What the judgement knows a canary by; `null` for a shadow, which is not judged. */
  readonly subject: EvidenceSubject | null
  /** The events, each with what the version that answered gave. */
  readonly rows: readonly { readonly candidate: Candidate; readonly result: Result }[]
  /** What the answer was made of; to be completed by what only the other version asks for. */
  readonly zips: Map<string, ResolvedZip>
}

export interface ComparerParts {
  readonly models: SessionRegistry
  readonly features: FeatureRowMaker
  readonly observer: Observer
  readonly clock: Clock
  readonly timers: Timers
  /** 32 bits that no stranger knows and all isolates share: see `unitOf` in core/judgement. */
  readonly unitSeed: number
  /** Whether a batch of canary events is to be timed, which runs the canary once more. */
  readonly isTimed: () => boolean
  /** By a fair coin, which of the two is timed first: whatever else slows the isolate down then strikes both alike. */
  readonly isCanaryFirst: () => boolean
}

/** Rows that may wait: 512 take under a millisecond of one run. With more the isolate is behind, and they are skipped. */
const MAX_WAITING_ROWS = 512
/** Rows compared between two flushes: a few milliseconds of CPU a second, whatever the traffic. */
const MAX_ROWS_PER_DELTA = 2_000
/** From this many on, what waits goes into the next run. */
const ROWS_PER_RUN = 64
const LOOKUP_MILLISECONDS = 1_000
/** The request that runs what waits may have died: it is trusted for this long after its last run. */
const TRUST_MILLISECONDS = 1_000

/** Of the runs of both versions on one batch, measured alike. */
interface PairLatency {
  readonly canary: Duration
  readonly stable: Duration
}

interface TimedRun extends RowsRun {
  readonly duration: Duration
}

interface Waiting {
  readonly candidate: Candidate
  readonly result: Result
  readonly comparison: Comparison
}

const outcomeOf = (result: Result): PairedOutcome =>
  result instanceof Failure ? { failed: result.code } : { outputs: result }

/** A failure that says nothing of the version: a caller's bad input. */
const isNobodys = (result: Result): boolean => result instanceof Failure && faultOf(result.code) === null

export class Comparer {
  #waiting: Comparison[] = []
  #waitingRows = 0
  /** Until when some request's background work is trusted to run what waits. */
  #runningUntil: number = Number.NEGATIVE_INFINITY
  #countedDelta = -1
  #comparedOfDelta = 0

  constructor(private readonly parts: ComparerParts) {}

  /** Takes what there is room for; the rest is counted as skipped. To be called when the answer is made. */
  add(comparison: Comparison, background: Background): void {
    const { observer, clock } = this.parts
    const rows = comparison.rows.slice(0, this.#room())
    const skipped = comparison.rows.length - rows.length
    if (skipped > 0) observer.pair(comparison.pair).skipped(skipped)
    if (rows.length === 0) return
    this.#waiting.push({ ...comparison, rows })
    this.#waitingRows += rows.length
    this.#comparedOfDelta += rows.length
    if (clock.now() < this.#runningUntil) return
    background(this.#runAll(background), 'comparing versions')
  }

  #room(): number {
    const { deltas } = this.parts.observer
    if (deltas !== this.#countedDelta) {
      this.#countedDelta = deltas
      this.#comparedOfDelta = 0
    }
    return Math.max(0, Math.min(MAX_WAITING_ROWS - this.#waitingRows, MAX_ROWS_PER_DELTA - this.#comparedOfDelta))
  }

  async #runAll(background: Background): Promise<void> {
    const { clock, timers, observer } = this.parts
    try {
      this.#runningUntil = clock.now() + TRUST_MILLISECONDS
      // A turn of the event loop: the answer goes first.
      await timers.sleep(0)
      for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
        this.#runningUntil = clock.now() + TRUST_MILLISECONDS
        await this.#run(batch, background)
      }
    } finally {
      this.#runningUntil = Number.NEGATIVE_INFINITY
      observer.afterAnswer(background)
    }
  }

  /** What goes into one run: the first that waits and those behind it of the same pair. */
  #take(): readonly Comparison[] {
    const [first] = this.#waiting
    if (first === undefined) return []
    const key = `${pairKey(first.pair)} ${first.runs}`
    let rows = 0
    const end = this.#waiting.findIndex((one) => {
      if (rows >= ROWS_PER_RUN || `${pairKey(one.pair)} ${one.runs}` !== key) return true
      rows += one.rows.length
      return false
    })
    const batch = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
    this.#waitingRows -= rows
    return batch
  }

  async #run(batch: readonly Comparison[], background: Background): Promise<void> {
    const { models, features, observer, clock } = this.parts
    const [first] = batch
    if (first === undefined) return
    const { pair, runs } = first
    const rows = batch.flatMap((comparison): Waiting[] => comparison.rows.map((row) => ({ ...row, comparison })))
    const lease = models.lease(pair.model, pair[runs], background)
    if (lease === undefined) {
      observer.pair(pair).skipped(rows.length)
      return
    }
    try {
      const { model } = lease
      if (model.computer.origins.length > 0) {
        for (const { rows: events, zips } of batch) {
          const candidates = events.map(({ candidate }) => candidate)
          await features.lookUpOrigins(candidates, model, zips, deadlineIn(clock, LOOKUP_MILLISECONDS), background)
        }
      }
      const { results, isBroken, duration, latency } = await this.#runTimed(first, model, rows, background)
      // A session of stable that broke says nothing of the canary, one of a shadow says something of the shadow.
      if (isBroken && runs === 'first') {
        observer.pair(pair).skipped(rows.length)
        return
      }
      observer.pair(pair).latency(duration, rows.length)
      // One measurement is one vote: what slows a run down slows all its events.
      const voter = rows.findIndex(({ candidate }) => unitOf(candidate) !== null)
      rows.forEach(({ candidate, result, comparison }, row) => {
        const ran = results[row] ?? new Failure('model_failed', 'the model gave no row for this event')
        this.#count(comparison, candidate, result, ran, model, row === voter ? latency : undefined)
      })
    } finally {
      lease.release()
    }
  }

  /** Where the canary is to be timed, it runs once more: it answered among other things, so what that took is not comparable. */
  async #runTimed(
    { pair, subject }: Comparison,
    model: ServedModel,
    rows: readonly Waiting[],
    background: Background,
  ): Promise<TimedRun & { readonly latency?: PairLatency }> {
    const { models, isTimed, isCanaryFirst } = this.parts
    const again = subject !== null && isTimed() ? models.lease(pair.model, pair.other, background) : undefined
    if (again === undefined) return this.#runOn(model, rows, background)
    try {
      const before = isCanaryFirst() ? await this.#runOn(again.model, rows, background) : undefined
      const run = await this.#runOn(model, rows, background)
      const canary = before ?? (await this.#runOn(again.model, rows, background))
      return { ...run, latency: { canary: canary.duration, stable: run.duration } }
    } finally {
      again.release()
    }
  }

  /** The duration is of the run, without the features. */
  async #runOn(model: ServedModel, rows: readonly Waiting[], background: Background): Promise<TimedRun> {
    const { models, features, clock, timers } = this.parts
    const table = model.rows(rows.length)
    rows.forEach(({ candidate, comparison }, row) => {
      features.compute(candidate, model, comparison.zips, table, row)
    })
    const start = clock.now()
    const run = await runRows(models, model, table, rows.length, background)
    // Production clocks stand still between I/O and move across it (2026-11).
    await timers.sleep(0)
    return { ...run, duration: between(start, clock.now()) }
  }

  #count(
    { pair, runs, subject }: Comparison,
    candidate: Candidate,
    answered: Result,
    ran: Result,
    model: ServedModel,
    latency: PairLatency | undefined,
  ): void {
    if (isNobodys(answered) || isNobodys(ran)) return
    const { observer, clock, unitSeed } = this.parts
    const [first, other] = runs === 'first' ? [ran, answered] : [answered, ran]
    const outputs = judgedOutputs(model.loaded.manifest)
    observer
      .pair(pair)
      .compared(
        first instanceof Failure ? null : first,
        other instanceof Failure ? null : other,
        (name) => outputs.find((output) => output.name === name)?.threshold ?? undefined,
      )
    const id = unitOf(candidate)
    if (subject === null || id === null) return
    const [unit, at] = [pseudonymOf(id, unitSeed), clock.epochMilliseconds()]
    const timed = latency === undefined ? {} : { latency }
    observer.evidence(subject, outputs).pair({ unit, at, canary: outcomeOf(other), stable: outcomeOf(first), ...timed })
    if (first instanceof Failure || other instanceof Failure) return
    const event = eventOf(candidate.id, unitSeed)
    observer.compared(subject, comparedOutputs(model.loaded.manifest), {
      event,
      unit,
      at,
      canary: other,
      stable: first,
    })
  }
}
