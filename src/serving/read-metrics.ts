/** Gathers what `GET /metrics` tells: one call to each statistics object, one to the dead letters, two to the watch, each within a deadline. */
import { type Clock, type Deadline, deadlineIn } from '../core/clock.ts'
import type { Family } from '../core/prometheus.ts'
import type { KnownReleases } from './known-releases.ts'
import { metricFamilies } from './metric-families.ts'
import type { DeadLetters, DeadLetterTotals } from './ports/dead-letters.ts'
import type { TotalsReader } from './ports/statistics-totals.ts'
import type { WatchReader } from './ports/watch-duties.ts'
import type { Background, Timers } from './ports.ts'
import { NO_FINDINGS, readFindings, type WatchFindings } from './watch-findings.ts'
import { TIMED_OUT, within } from './within.ts'

export interface MetricsParts {
  readonly totals: TotalsReader
  /** Absent where no dead letters are kept. */
  readonly letters?: Pick<DeadLetters, 'totals'>
  /** Absent where nobody watches. */
  readonly watch?: WatchReader
  readonly releases: KnownReleases
  readonly clock: Clock
  readonly timers: Timers
  readonly deadlineMilliseconds: number
  readonly version: string
  readonly codeVersion: string
  readonly log: (line: string) => void
}

export class MetricsReader {
  constructor(private readonly parts: MetricsParts) {}

  /** Never rejects: what cannot be had is left out. */
  async read(background: Background): Promise<readonly Family[]> {
    const { totals, releases, clock, deadlineMilliseconds, version, codeVersion } = this.parts
    const deadline = deadlineIn(clock, deadlineMilliseconds)
    const known = Promise.all(releases.models().map((model) => releases.consult(model, deadline, background)))
    const [merged, letters, watch, found] = await Promise.all([
      totals.read(deadline),
      this.#letters(deadline),
      this.#watch(deadline),
      known,
    ])
    const current = found.flatMap((one) => (one === null ? [] : [one.release]))
    return metricFamilies({ ...merged, letters, watch, releases: current, version, codeVersion })
  }

  async #watch(deadline: Deadline): Promise<WatchFindings> {
    const { watch, clock, timers, log } = this.parts
    if (watch === undefined) return NO_FINDINGS
    const asked = readFindings(watch, clock.epochMilliseconds(), deadline)
    const found = await within(asked, deadline, timers).catch((error: unknown) => {
      log(`metrics without what the watch found: ${String(error)}`)
      return NO_FINDINGS
    })
    return found === TIMED_OUT ? NO_FINDINGS : found
  }

  async #letters(deadline: Deadline): Promise<DeadLetterTotals | null> {
    const { letters, timers, log } = this.parts
    if (letters === undefined) return null
    const totals = await within(letters.totals(deadline), deadline, timers).catch((error: unknown) => {
      log(`metrics without the dead letters: ${String(error)}`)
      return null
    })
    return totals === TIMED_OUT ? null : totals
  }
}
