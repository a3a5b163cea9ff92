/** Waits for work no longer than a deadline allows. */
import type { Deadline } from '../core/clock.ts'
import type { Timers } from './ports.ts'

export const TIMED_OUT: unique symbol = Symbol('timed out')

/**
 * The value of `work`, or `TIMED_OUT` when `deadline` passes first. The work itself goes on; a rejection that comes too late is the
 * business of whoever holds the work (it is marked as handled here). The timer belongs to the calling request, as workerd wants it.
 */
export const within = <T>(work: Promise<T>, deadline: Deadline, timers: Timers): Promise<T | typeof TIMED_OUT> => {
  work.catch(() => undefined)
  const timeout = timers.sleep(deadline.remainingMilliseconds()).then((): typeof TIMED_OUT => TIMED_OUT)
  return Promise.race([work, timeout])
}
