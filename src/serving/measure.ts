/** Takes the wall time of one request in so many, after its answer: measuring every one would cost a sixth of the throughput. */
import { between, type Clock } from '../core/clock.ts'
import type { Observer } from './observe.ts'
import type { Background } from './ports.ts'
import type { Stages } from './stages.ts'

export interface MeasuredRequest {
  readonly model: string
  readonly version: string
  readonly stages: Pick<Stages, 'start' | 'list'>
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
  answered({ model, version, stages }: MeasuredRequest, background: Background): void {
    const measured = this.#requests++ % this.every === 0
    if (!measured) return
    // What is timed after the answer is none of it.
    const timed = [...stages.list]
    const measure = async (): Promise<void> => {
      await this.boundary()
      const duration = between(stages.start, this.clock.now())
      this.observer.latency({ model, version, duration, weight: this.every, stages: timed })
      this.observer.afterAnswer(background)
    }
    background(measure(), 'measuring latency')
  }
}
