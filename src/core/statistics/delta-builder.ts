/** A delta while it grows in the isolate: one call for each event, so every call is a few additions. */
import type { Duration } from '../clock.ts'
import type { ComparedOutput } from '../judgement/compared-events.ts'
import { type AnsweredByBoth, ComparedRecorder } from '../judgement/compared-recorder.ts'
import { DEFAULT_JUDGEMENT } from '../judgement/config.ts'
import type { EvidenceSubject } from '../judgement/evidence.ts'
import { EvidenceBuilder } from '../judgement/evidence-builder.ts'
import type { JudgedOutput } from '../judgement/output-recorder.ts'
import { LIMITS, OTHER, OTHER_VERSION } from './counts.ts'
import { DELTA_FORMAT, type StatisticsDelta } from './delta.ts'
import { SketchRecorder } from './latency-sketch.ts'
import { OTHER_PAIR, pairKey, type VersionPair } from './pair-counts.ts'
import { PairRecorder } from './pair-recorder.ts'
import {
  type FieldRow,
  increment,
  type LayoutOf,
  type ObservedOutputs,
  type TimedStage,
  toCountBy,
  VersionRecorder,
} from './version-recorder.ts'

export const evidenceKey = ({ model, canary, stable, since }: EvidenceSubject): string =>
  `${model}@${stable}~${canary} ${since}`

export interface DeltaHeader {
  readonly isolate: string
  readonly sequence: number
  readonly codeVersion: string
}

/** Its size is bounded by `LIMITS` and `MAX_BINS`, however long it grows. `at` is epoch milliseconds throughout. */
export class DeltaBuilder {
  readonly #versions = new Map<string, VersionRecorder>()
  readonly #rejected = new Map<string, number>()
  readonly #zipLookups = new Map<string, number>()
  readonly #zipReads = new Map<string, number>()
  readonly #browser = new Map<string, SketchRecorder>()
  readonly #loadFailures = new Map<string, number>()
  readonly #limitFaults = new Map<string, number>()
  readonly #requests = new Map<string, number>()
  readonly #pairs = new Map<string, PairRecorder>()
  readonly #evidence = new Map<string, EvidenceBuilder>()
  readonly #compared = new Map<string, ComparedRecorder>()
  #lost = 0
  #accepted = 0
  #from: number | undefined
  #to = 0

  constructor(private readonly layoutOf: LayoutOf) {}

  get isEmpty(): boolean {
    return this.#from === undefined
  }

  /** An answered event; `fields` are its field values, where they can be counted. */
  prediction(
    model: string,
    version: string,
    outputs: ObservedOutputs,
    flags: readonly string[],
    at: number,
    fields?: FieldRow | null,
  ): void {
    this.#stamp(at)
    const recorder = this.#version(model, version)
    recorder.prediction(outputs, flags)
    // Versions beyond the limit are counted as one, and have no bins in common.
    if (fields && recorder !== this.#versions.get(OTHER_VERSION)) recorder.fieldValues(fields)
  }

  /** An event that failed after a version was chosen. */
  failure(model: string, version: string, code: string, at: number): void {
    this.#stamp(at)
    this.#version(model, version).failure(code)
  }

  /** An event or request that failed before. */
  rejected(code: string, at: number): void {
    this.#stamp(at)
    increment(this.#rejected, code)
  }

  latency(
    model: string,
    version: string,
    duration: Duration,
    weight: number,
    at: number,
    stages: readonly TimedStage[] = [],
  ): void {
    this.#stamp(at)
    this.#version(model, version).latency(duration, weight, stages)
  }

  zipLookup(outcome: string, at: number): void {
    this.#stamp(at)
    increment(this.#zipLookups, outcome)
  }

  /** A zip pack read from the store. Alone it makes no delta: a lookup comes with it. */
  zipRead(outcome: string): void {
    increment(this.#zipReads, outcome)
  }

  /** How long a browser waited for an answer of `route`. */
  browser(route: string, duration: Duration, at: number): void {
    this.#stamp(at)
    const key = this.#browser.has(route) || this.#browser.size < LIMITS.browserRoutes ? route : OTHER
    const recorder = this.#browser.get(key) ?? new SketchRecorder()
    this.#browser.set(key, recorder)
    recorder.record(duration, 1)
  }

  /** A version that could not be loaded. */
  loadFailure(model: string, version: string, at: number): void {
    this.#stamp(at)
    increment(this.#loadFailures, `${model}@${version}`)
  }

  /** Events that were stored to be predicted later. */
  accepted(events: number, at: number): void {
    this.#stamp(at)
    this.#accepted += events
  }

  /** A request that passed uncounted. */
  limitFault(fault: string, at: number): void {
    this.#stamp(at)
    increment(this.#limitFaults, fault)
  }

  /** A request answered. Alone it makes no delta: who only asks for figures would otherwise cause a write each time. */
  request(route: string, status: number): void {
    increment(this.#requests, `${route} ${Math.floor(status / 100)}xx`, LIMITS.requests)
  }

  /** The differences of a pair, to be added to. */
  pair(pair: VersionPair, at: number): PairRecorder {
    this.#stamp(at)
    const key = pairKey(pair)
    const kept = this.#pairs.has(key) || this.#pairs.size < LIMITS.pairs ? key : OTHER_PAIR
    const recorder = this.#pairs.get(kept) ?? new PairRecorder()
    this.#pairs.set(kept, recorder)
    return recorder
  }

  /** The evidence of a canary, to be added to. `outputs` is read with its first event. */
  evidence(subject: EvidenceSubject, outputs: readonly JudgedOutput[], at: number): EvidenceBuilder {
    this.#stamp(at)
    const key = evidenceKey(subject)
    const builder = this.#evidence.get(key) ?? new EvidenceBuilder(subject, outputs, DEFAULT_JUDGEMENT.latency)
    // More canaries at once than this belong to more models than a deployment has; their evidence is left out.
    if (this.#evidence.size < LIMITS.evidence) this.#evidence.set(key, builder)
    return builder
  }

  /** An event that a canary and stable answered, for when its outcome is reported. `outputs` is read with the canary's first. */
  compared(subject: EvidenceSubject, outputs: readonly ComparedOutput[], answered: AnsweredByBoth): void {
    this.#stamp(answered.at)
    const kept = [...this.#compared.values()].reduce((sum, { size }) => sum + size, 0)
    if (kept >= LIMITS.compared) return
    const key = evidenceKey(subject)
    const recorder = this.#compared.get(key) ?? new ComparedRecorder(subject, outputs)
    if (this.#compared.size < LIMITS.evidence) this.#compared.set(key, recorder)
    recorder.add(answered)
  }

  lost(events: number, at: number): void {
    this.#stamp(at)
    this.#lost += events
  }

  toDelta({ isolate, sequence, codeVersion }: DeltaHeader): StatisticsDelta {
    return {
      format: DELTA_FORMAT,
      isolate,
      sequence,
      code_version: codeVersion,
      from: this.#from ?? this.#to,
      to: this.#to,
      versions: Object.fromEntries([...this.#versions].map(([key, recorder]) => [key, recorder.toCounts()])),
      rejected: toCountBy(this.#rejected),
      zip_lookups: toCountBy(this.#zipLookups),
      zip_reads: toCountBy(this.#zipReads),
      browser: Object.fromEntries([...this.#browser].map(([route, recorder]) => [route, recorder.toSketch()])),
      lost: this.#lost,
      accepted: this.#accepted,
      load_failures: toCountBy(this.#loadFailures),
      limit_faults: toCountBy(this.#limitFaults),
      requests: toCountBy(this.#requests),
      evidence: [...this.#evidence.values()].filter(({ isEmpty }) => !isEmpty).map((builder) => builder.toEvidence()),
      compared: [...this.#compared.values()].filter(({ size }) => size > 0).map((recorder) => recorder.toEvents()),
      pairs: Object.fromEntries([...this.#pairs].map(([key, recorder]) => [key, recorder.toCounts()])),
    }
  }

  #stamp(at: number): void {
    this.#from ??= at
    // The wall clock may be set back.
    if (at > this.#to) this.#to = at
  }

  #version(model: string, version: string): VersionRecorder {
    const key = `${model}@${version}`
    return this.#versions.get(key) ?? this.#addVersion(key, model, version)
  }

  #addVersion(key: string, model: string, version: string): VersionRecorder {
    const kept = this.#versions.size < LIMITS.versions ? key : OTHER_VERSION
    const present = this.#versions.get(kept)
    if (present !== undefined) return present
    const recorder = new VersionRecorder((output) => this.layoutOf(model, version, output))
    this.#versions.set(kept, recorder)
    return recorder
  }
}
