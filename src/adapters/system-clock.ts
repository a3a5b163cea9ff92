/** The platform's own clock and timers. */
import type { Clock, Instant } from '../core/clock.ts'
import type { Timers } from '../serving/ports.ts'

export const systemClock: Clock = {
  epochMilliseconds: () => Date.now(),
  now: () => performance.now() as Instant,
}

export const systemTimers: Timers = {
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  alarm: (milliseconds, ring) => {
    const timer = setTimeout(ring, milliseconds)
    return () => clearTimeout(timer)
  },
}
