/** A delta while it grows in the isolate: one call for each event, so every call is a few additions. */
import type { Duration } from '../clock.ts'
import { LIMITS, OTHER_VERSION } from './counts.ts'
import { DELTA_FORMAT, type StatisticsDelta } from './delta.ts'
import { increment, type LayoutOf, type ObservedOutputs, toCountBy, VersionRecorder } from './version-recorder.ts'

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
  #lost = 0
  #from: number | undefined
  #to = 0

  constructor(private readonly layoutOf: LayoutOf) {}

  get isEmpty(): boolean {
    return this.#from === undefined
  }

  prediction(model: string, version: string, outputs: ObservedOutputs, flags: readonly string[], at: number): void {
    this.#stamp(at)
    this.#version(model, version).prediction(outputs, flags)
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

  latency(model: string, version: string, duration: Duration, weight: number, at: number): void {
    this.#stamp(at)
    this.#version(model, version).latency(duration, weight)
  }

  zipLookup(outcome: string, at: number): void {
    this.#stamp(at)
    increment(this.#zipLookups, outcome)
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
      lost: this.#lost,
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
