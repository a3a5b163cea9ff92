/** Waits for work no longer than a deadline allows. */
import type { Deadline } from '../core/clock.ts'
import type { Timers } from './ports.ts'

export const TIMED_OUT: unique symbol = Symbol('timed out')

/** As `within`, with a timer that goes when the work is done: half as dear as one that stays, and 10,000 are all that an invocation may have. */
const withAlarm = <T>(
  work: Promise<T>,
  milliseconds: number,
  alarm: NonNullable<Timers['alarm']>,
): Promise<T | typeof TIMED_OUT> =>
  new Promise((resolve, reject) => {
    const stop = alarm(milliseconds, () => resolve(TIMED_OUT))
    work.then(
      (value) => {
        stop()
        resolve(value)
      },
      (error: unknown) => {
        stop()
        reject(error)
      },
    )
  })

/**
 * The value of `work`, or `TIMED_OUT` when `deadline` passes first. The work itself goes on; a rejection that comes too late is the
 * business of whoever holds the work (it is marked as handled here). The timer belongs to the calling request, as workerd wants it.
 */
export const within = <T>(work: Promise<T>, deadline: Deadline, timers: Timers): Promise<T | typeof TIMED_OUT> => {
  if (timers.alarm !== undefined) return withAlarm(work, deadline.remainingMilliseconds(), timers.alarm)
  work.catch(() => undefined)
  const timeout = timers.sleep(deadline.remainingMilliseconds()).then((): typeof TIMED_OUT => TIMED_OUT)
  return Promise.race([work, timeout])
}
