/** What the worker under test is told to get wrong, and what it tells of it: JSON between the runner and its entry. */

/** Where a fault sits: a binding, a port, or the handler of the queue. */
export type FaultTarget =
  | 'ZIP_FEATURES'
  | 'RELEASES'
  | 'MODELS'
  | 'ARCHIVE'
  | 'EVENTS'
  | 'STATS_AGGREGATOR'
  | 'EVENT_OWNERS'
  | 'DEAD_LETTERS'
  | 'archive port'
  | 'verdict'

/** The two isolates that a deployment has at least: one answers requests, one works off the queue. */
export type Side = 'fetch' | 'queue'

/**
 * `error`: the call never gets there. `hang`: nor does it ever settle. `reply_lost`: it is done, its caller sees an error. `held`: it is done,
 * and its caller never hears of it. `overloaded`: as Durable Objects refuse. `bug`: an error that nobody expects. `restart_before`,
 * `restart_after`: the object is thrown away in mid call, before what it wrote is on disk or after.
 */
export type FaultKind =
  | 'error'
  | 'hang'
  | 'reply_lost'
  | 'held'
  | 'overloaded'
  | 'bug'
  | 'restart_before'
  | 'restart_after'

export interface Fault {
  readonly target: FaultTarget
  readonly kind: FaultKind
  /** All of them when absent. */
  readonly methods?: readonly string[]
  /** Both when absent. */
  readonly side?: Side
  /** Of the calls it sits at, counted from 1, only this one. */
  readonly nth?: number
  /** Only each so many. */
  readonly every?: number
  /** Only the first so many. */
  readonly first?: number
}

/** What the sessions of both sides do. */
export interface SessionFaults {
  /** All that they give is NaN. */
  readonly areNaN?: boolean
  /** All that are open throw from now on. */
  readonly areBroken?: boolean
  /** None can be opened. */
  readonly startFails?: boolean
}

/** Each part that is present takes the place of what held before. */
export interface Orders {
  readonly faults?: readonly Fault[]
  readonly sessions?: SessionFaults
  /** Added to the clock of the machine. */
  readonly skewMilliseconds?: number
  /** Isolates begin anew: nothing in memory. */
  readonly renews?: boolean
}

export interface FaultState {
  /** Calls that were got wrong since the faults were set, by target. */
  readonly injected: Readonly<Record<string, number>>
  /** Messages that the real queue took. */
  readonly sent: number
  /** Of these, those acknowledged. */
  readonly done: number
  /** Verdicts that a message is to come again. */
  readonly retried: number
  /** The texts of all of them, as sent. */
  readonly texts: readonly string[]
}

export const CONTROL_PATH = '/faults'
