/** Durations that know whether they were measured, and deadlines that are spent stage by stage. */

/**
 * In production the clocks of a Worker stand still between I/O, so a stage of pure computation cannot be timed: such a duration is
 * unknown, which is not zero. (Cloudflare, "Performance and timers", read 2026-11.)
 */
export type Duration = { readonly known: true; readonly milliseconds: number } | { readonly known: false }

export const UNKNOWN_DURATION: Duration = { known: false }

/** A reading of the monotonic clock, in milliseconds from an arbitrary origin. */
export type Instant = number & { readonly __instant: unique symbol }

export interface Clock {
  /** Wall time, milliseconds since 1970-01-01T00:00Z. */
  epochMilliseconds(): number
  /** A monotonic reading. */
  now(): Instant
}

/** The time from `start` to `end`: known only if the clock moved in between. */
export const between = (start: Instant, end: Instant): Duration =>
  end > start ? { known: true, milliseconds: end - start } : UNKNOWN_DURATION

/** How long a caller is still willing to wait. Passed to everything that reaches out. */
export interface Deadline {
  /** Milliseconds left; never negative. */
  remainingMilliseconds(): number
}

/** A deadline `budgetMilliseconds` from now. */
export const deadlineIn = (clock: Clock, budgetMilliseconds: number): Deadline => {
  const start = clock.now()
  return { remainingMilliseconds: () => Math.max(0, budgetMilliseconds - (clock.now() - start)) }
}

/** The earlier of `deadline` and one `budgetMilliseconds` from now. */
export const atMost = (clock: Clock, deadline: Deadline, budgetMilliseconds: number): Deadline =>
  deadlineIn(clock, Math.min(budgetMilliseconds, deadline.remainingMilliseconds()))
