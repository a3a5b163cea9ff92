/** Calls of ports that end in time, whether or not the port keeps its deadline. */
import { atMost, type Clock, type Deadline } from '../../core/clock.ts'
import { Failure, type FailureCode } from '../../core/failure.ts'
import type { Timers } from '../ports.ts'
import { TIMED_OUT, within } from '../within.ts'

/** What a call that did not end in time fails with. */
const CODES = {
  archive: 'archive_unavailable',
  letters: 'dead_letters_unavailable',
  owners: 'deadline_exceeded',
  predictor: 'deadline_exceeded',
  statistics: 'statistics_unavailable',
} as const satisfies { readonly [port: string]: FailureCode }

/** For one call. */
const MILLISECONDS = { archive: 10_000, letters: 5_000, owners: 5_000, predictor: 5_000, statistics: 5_000 } as const

export class PortCalls {
  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** What `call` gives. Rejects with a `Failure` when it has not by then, and with what it rejects with. */
  async in<T>(port: keyof typeof CODES, deadline: Deadline, call: (deadline: Deadline) => Promise<T>): Promise<T> {
    // What is begun too late would only count as a failure of whoever is asked.
    if (deadline.remainingMilliseconds() === 0) throw new Failure(CODES[port], `${port}: there was no time left to ask`)
    const own = atMost(this.clock, deadline, MILLISECONDS[port])
    const result = await within(call(own), own, this.timers)
    if (result === TIMED_OUT) throw new Failure(CODES[port], `${port}: no answer within ${MILLISECONDS[port]} ms`)
    return result
  }
}
