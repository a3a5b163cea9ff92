/** What an isolate remembers of the quota of dead letters, so that a flood of bad bodies is no flood of calls. */
import type { Clock } from '../../core/clock.ts'
import type { FailureCode } from '../../core/failure.ts'
import type { LetterCount, NewDeadLetter } from '../ports/dead-letters.ts'

const HOUR_MILLISECONDS = 3_600_000
/** After that the object is asked again: its hour may have begun a moment after the one here. */
const FULL_MILLISECONDS = 300_000

export class LetterQuota {
  #hour = 0
  /** The codes whose letters the object only counts, this hour, and until when that is believed, epoch milliseconds. */
  #full = new Map<FailureCode, number>()
  #parked = 0
  #counts = new Map<FailureCode, number>()

  constructor(
    private readonly clock: Clock,
    private readonly hourly: number,
  ) {}

  /** The object would only count this letter. */
  isUsedUp({ isPublic, code }: NewDeadLetter): boolean {
    this.#turn()
    return isPublic && this.clock.epochMilliseconds() < (this.#full.get(code) ?? 0)
  }

  /** The object has counted a letter of this code: it will count the others of this hour too. */
  usedUp(code: FailureCode): void {
    this.#turn()
    this.#full.set(code, this.clock.epochMilliseconds() + FULL_MILLISECONDS)
  }

  /** Takes one of the places that letters of the public have in the bucket, this hour. False: there is none left. */
  park(): boolean {
    this.#turn()
    return this.#parked++ < this.hourly
  }

  /** Counts letters here, to be reported. */
  count(code: FailureCode, count = 1): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + count)
  }

  /** What is to be reported; from then on it is the caller's to report, or to count again. */
  take(): readonly LetterCount[] {
    const counts = [...this.#counts].map(([code, count]) => ({ code, count }))
    this.#counts.clear()
    return counts
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  #turn(): void {
    const hour = Math.floor(this.clock.epochMilliseconds() / HOUR_MILLISECONDS)
    if (hour === this.#hour) return
    this.#hour = hour
    this.#full.clear()
    this.#parked = 0
  }
}
