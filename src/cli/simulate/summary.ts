/** What came of a run of traffic, as JSON: counts by status and by fault, and how long answers took. */
import { SketchRecorder, sketchQuantile } from '../../core/statistics/latency-sketch.ts'
import type { Answered, Sent } from './send.ts'

export interface TrafficSummary {
  readonly sent: number
  readonly answered: Readonly<Record<string, number>>
  readonly unanswered: number
  readonly seconds: number
  readonly rate: number
  readonly held_back: number
  readonly latest_ms: number
  readonly latency_ms: Readonly<Record<'p50' | 'p90' | 'p99', number | null>>
  readonly faults: Readonly<Record<string, number>>
  readonly interrupted: boolean
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

/** In bounded memory, however long the run. */
export class Tally {
  readonly #statuses = new Map<string, number>()
  readonly #faults = new Map<string, number>()
  readonly #latency = new SketchRecorder()
  #answered = 0
  #unanswered = 0

  get answered(): number {
    return this.#answered
  }

  get unanswered(): number {
    return this.#unanswered
  }

  add({ request, status, milliseconds }: Answered): void {
    const { fault } = request
    if (fault !== null) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1)
    if (status === null) {
      this.#unanswered++
      return
    }
    this.#answered++
    this.#statuses.set(String(status), (this.#statuses.get(String(status)) ?? 0) + 1)
    this.#latency.record({ known: true, milliseconds }, 1)
  }

  summary(sent: Sent, interrupted: boolean): TrafficSummary {
    const sketch = this.#latency.toSketch()
    const quantile = (share: number): number | null => {
      const seconds = sketchQuantile(sketch, share)
      return seconds === null ? null : rounded(seconds * 1_000, 3)
    }
    const sorted = (counts: ReadonlyMap<string, number>) =>
      Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    const seconds = sent.milliseconds / 1_000
    return {
      sent: sent.sent,
      answered: sorted(this.#statuses),
      unanswered: this.#unanswered,
      seconds: rounded(seconds, 3),
      rate: seconds > 0 ? rounded(sent.sent / seconds, 2) : 0,
      held_back: sent.heldBack,
      latest_ms: rounded(sent.latestMilliseconds, 1),
      latency_ms: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) },
      faults: sorted(this.#faults),
      interrupted,
    }
  }
}
