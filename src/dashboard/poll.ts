/** Asks again and again: more seldom while it fails, not at all while nobody looks. */

export interface PollTimers {
  set(run: () => void, milliseconds: number): number
  clear(timer: number): void
}

/** What one question came to; `again` is how long to wait at least, milliseconds. */
export interface Outcome {
  readonly isGood: boolean
  readonly againMilliseconds: number
}

const LONGEST_MILLISECONDS = 60_000

/** From the end of one question to the next, milliseconds: `every`, doubled with each failure in a row, at most a minute or `every`. */
export const pauseAfter = (every: number, failures: number): number =>
  Math.max(every, Math.min(LONGEST_MILLISECONDS, every * 2 ** Math.min(failures, 10)))

export class Poller {
  #failures = 0
  #timer: number | null = null
  #abort: AbortController | null = null
  #isRunning = false

  constructor(
    private readonly question: (signal: AbortSignal) => Promise<Outcome>,
    private readonly every: () => number,
    private readonly timers: PollTimers,
  ) {}

  /** How long until the next question when the last one failed, milliseconds. */
  get pause(): number {
    return pauseAfter(this.every(), this.#failures)
  }

  /** Asks now, and from then on. What is under way is dropped. */
  start(): void {
    this.stop()
    this.#isRunning = true
    void this.#run()
  }

  stop(): void {
    this.#isRunning = false
    this.#abort?.abort()
    this.#abort = null
    if (this.#timer !== null) this.timers.clear(this.#timer)
    this.#timer = null
  }

  async #run(): Promise<void> {
    const abort = new AbortController()
    this.#abort = abort
    const { isGood, againMilliseconds } = await this.question(abort.signal)
    if (!this.#isRunning || this.#abort !== abort) return
    this.#failures = isGood ? 0 : this.#failures + 1
    this.#timer = this.timers.set(() => void this.#run(), Math.max(this.pause, againMilliseconds))
  }
}
