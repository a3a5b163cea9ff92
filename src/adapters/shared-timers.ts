/** Timers for one invocation with thousands of deadlines: sleeps that end at nearly the same time share a timer. */
import type { Clock } from '../core/clock.ts'
import type { Timers } from '../serving/ports.ts'

/** A sleep lasts up to so much longer. */
const SLICE_MILLISECONDS = 100

/**
 * An invocation may have 10,000 timers that have not run out (workerd 1.20261023.1, 2026-11), and a deadline's timer stays until then though
 * its work is done. Timers belong to the invocation that makes them, so these must not outlive it.
 */
export const sharedTimers = (timers: Timers, clock: Clock): Timers => {
  const slices = new Map<number, Promise<void>>()
  return {
    sleep(milliseconds) {
      const slice = Math.ceil((clock.now() + milliseconds) / SLICE_MILLISECONDS)
      const known = slices.get(slice)
      if (known !== undefined) return known
      const made = timers.sleep(slice * SLICE_MILLISECONDS - clock.now()).finally(() => slices.delete(slice))
      slices.set(slice, made)
      return made
    },
  }
}
