/** A clock and timers that move only when a test says so. */
import type { Clock, Instant } from '../../src/core/clock.ts'
import type { Timers } from '../../src/serving/ports.ts'

export class ManualClock implements Clock, Timers {
  #milliseconds = 0
  #sleepers: { at: number; wake: () => void }[] = []

  constructor(private readonly startEpochMilliseconds = Date.UTC(2026, 0, 1)) {}

  epochMilliseconds(): number {
    return this.startEpochMilliseconds + this.#milliseconds
  }

  now(): Instant {
    return this.#milliseconds as Instant
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#milliseconds + milliseconds, wake })
    })
  }

  /** Sleepers that have not been woken. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  /** Moves on, waking each sleeper at its time; what a woken one starts may sleep and be woken too. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#milliseconds + milliseconds
    await settle()
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
      this.#milliseconds = Math.max(this.#milliseconds, next.at)
      next.wake()
      await settle()
    }
    this.#milliseconds = end
    await settle()
  }
}

/** Lets every promise that can settle without time settle. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
