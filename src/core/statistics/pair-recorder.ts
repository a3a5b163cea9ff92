/** The differences of two versions while they grow. */
import type { Duration } from '../clock.ts'
import { LIMITS, OTHER } from './counts.ts'
import { LatencyRecorder } from './latency-histogram.ts'
import type { DifferenceCounts, PairCounts } from './pair-counts.ts'
import type { ObservedOutput, ObservedOutputs } from './version-recorder.ts'

/** At which value an output stands for another decision; `undefined` where it stands for none. A distribution decides by its label. */
export type ThresholdOf = (output: string) => number | undefined

/** What a version gave for an event; `null` when it failed. */
export type PairSide = ObservedOutputs | null

type Growing = { -readonly [Key in keyof DifferenceCounts]: DifferenceCounts[Key] }

const greatest = (numbers: readonly number[]): number => numbers.indexOf(Math.max(...numbers))

/** Half of Σ|a - b|; a label only one side has counts as 0 on the other. */
const totalVariation = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0
  for (let label = 0; label < Math.max(a.length, b.length); label++) sum += Math.abs((a[label] ?? 0) - (b[label] ?? 0))
  return sum / 2
}

export class PairRecorder {
  #events = 0
  #skipped = 0
  #firstFailed = 0
  #otherFailed = 0
  #bothFailed = 0
  readonly #latency = new LatencyRecorder()
  readonly #outputs = new Map<string, Growing>()

  compared(first: PairSide, other: PairSide, thresholdOf: ThresholdOf): void {
    this.#events++
    if (first === null && other === null) this.#bothFailed++
    else if (first === null) this.#firstFailed++
    else if (other === null) this.#otherFailed++
    else {
      for (const name in first) {
        const [a, b] = [first[name], other[name]]
        if (a !== undefined && b !== undefined) this.#output(name, a, b, thresholdOf)
      }
    }
  }

  skipped(events: number): void {
    this.#skipped += events
  }

  latency(duration: Duration, events: number): void {
    this.#latency.record(duration, events)
  }

  #output(name: string, a: ObservedOutput, b: ObservedOutput, thresholdOf: ThresholdOf): void {
    if (typeof a === 'number' && typeof b === 'number') {
      const threshold = thresholdOf(name)
      const changed = threshold === undefined ? undefined : a >= threshold !== b >= threshold
      this.#difference(name, Math.abs(a - b), changed)
    } else if (typeof a === 'object' && typeof b === 'object') {
      const changed = greatest(a.probabilities) !== greatest(b.probabilities)
      this.#difference(name, totalVariation(a.probabilities, b.probabilities), changed)
    }
  }

  #difference(name: string, difference: number, changed: boolean | undefined): void {
    if (!Number.isFinite(difference)) return
    const key = this.#outputs.has(name) || this.#outputs.size < LIMITS.outputs ? name : OTHER
    const growing = this.#outputs.get(key) ?? { count: 0, sum: 0, maximum: 0, decisions: 0, changed: 0 }
    this.#outputs.set(key, growing)
    growing.count++
    growing.sum += difference
    growing.maximum = Math.max(growing.maximum, difference)
    if (changed === undefined) return
    growing.decisions++
    if (changed) growing.changed++
  }

  toCounts(): PairCounts {
    return {
      events: this.#events,
      skipped: this.#skipped,
      first_failed: this.#firstFailed,
      other_failed: this.#otherFailed,
      both_failed: this.#bothFailed,
      latency: this.#latency.toHistogram(),
      outputs: Object.fromEntries([...this.#outputs].map(([name, growing]) => [name, { ...growing }])),
    }
  }
}
