/** Takes the wall time of one request in so many, after its answer: measuring every one would cost a sixth of the throughput. */
import { between, type Clock, type Instant } from '../core/clock.ts'
import type { Observer } from './observe.ts'
import type { Background } from './ports.ts'

export interface MeasuredRequest {
  readonly model: string
  readonly version: string
  readonly start: Instant
}

export class LatencyProbe {
  #requests: number

  /**
   * `every`: one request in this many is measured and stands for them all. `offset` in [0, `every`): how many pass before the first.
   * `boundary` is a zero timer: production clocks stand still between I/O and move across it (2026-11).
   */
  constructor(
    private readonly observer: Observer,
    private readonly clock: Clock,
    private readonly boundary: () => Promise<void>,
    private readonly every: number,
    offset: number,
  ) {
    this.#requests = -offset
  }

  /** To be called when the answer is made. */
  answered({ model, version, start }: MeasuredRequest, background: Background): void {
    const measured = this.#requests++ % this.every === 0
    if (!measured) return
    const measure = async (): Promise<void> => {
      await this.boundary()
      const duration = between(start, this.clock.now())
      this.observer.latency({ model, version, duration, weight: this.every })
      this.observer.afterAnswer(background)
    }
    background(measure(), 'measuring latency')
  }
}
