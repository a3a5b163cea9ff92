/** A model's release: which version answers which share, as the controller holds it and every isolate reads it. */

/** A version that answers a share of the units. */
export interface Canary {
  readonly version: string
  /** In (0, 1). */
  readonly share: number
  /** When it became the canary, epoch milliseconds; raising its share leaves this as it is. */
  readonly since: number
}

/** A version that runs after the answer is sent, and answers nobody. */
export interface Shadow {
  readonly version: string
  /** Epoch milliseconds. */
  readonly since: number
}

/** Stops every automatic move until somebody resumes, or `until` has passed. */
export interface Hold {
  readonly reason: string
  /** Epoch milliseconds; `null` has no end. */
  readonly until: number | null
  readonly by: Actor
}

/** Who changes a release. */
export type Actor =
  | { readonly kind: 'operator'; readonly name: string }
  /** An automatic move, by the rule that made it. */
  | { readonly kind: 'rule'; readonly name: string }

/** Format 1. A reader ignores one of a lower revision than it knows. */
export interface Release {
  readonly format: 1
  readonly model: string
  /** Only grows; 0 is what the bundle ships. */
  readonly revision: number
  readonly stable: string
  readonly canary: Canary | null
  readonly shadow: Shadow | null
  /** Answers where the version that should cannot be loaded: an earlier stable version, never one that was rolled back. */
  readonly fallback: string | null
  readonly hold: Hold | null
  /** Versions that were rolled back and not promoted since, oldest first: neither fallback nor canary without being asked for again. */
  readonly rolledBack: readonly string[]
  /** When this revision was made, epoch milliseconds. */
  readonly changedAt: number
}

/** The latest instant that a date can hold, epoch milliseconds (ECMA-262, "Time Values and Time Range"). */
export const LATEST_MILLISECONDS = 8.64e15

/** What a command can change, and what the history shows before and after it. */
export type ReleaseState = Pick<Release, 'stable' | 'canary' | 'shadow' | 'fallback' | 'hold' | 'rolledBack'>

type BareCommand =
  /** Begins a canary, or changes the share of the one there is. */
  | { readonly command: 'canary'; readonly version: string; readonly share: number }
  /** `null` ends the shadow. */
  | { readonly command: 'shadow'; readonly version: string | null }
  /** The canary becomes stable, the stable version the fallback. */
  | { readonly command: 'promote' }
  /** Ends the canary; where there is none, stable becomes the fallback version. */
  | { readonly command: 'rollback'; readonly reason: string }
  /** Blue-green: one flip of stable to a version that is warm. */
  | { readonly command: 'switch'; readonly version: string }
  | { readonly command: 'hold'; readonly reason: string; readonly until: number | null }
  | { readonly command: 'resume' }

export type ReleaseCommand = BareCommand & {
  /** The revision the command was meant for: at any other it is a conflict. A rule always states it. */
  readonly expectedRevision?: number | undefined
}

/** One entry of the history. Its `revision`, `at` and `after` are the whole release it made. */
export interface ReleaseChange {
  readonly format: 1
  readonly revision: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly actor: Actor
  readonly command: ReleaseCommand
  readonly before: ReleaseState
  readonly after: ReleaseState
  /** In words; `null` where nobody gave one. */
  readonly reason: string | null
  /** What a rule judged by: anything JSON can hold, `null` where there is none. */
  readonly evidence: unknown
  /** The trace of the command, 32 hexadecimal digits; absent where it belonged to none. */
  readonly traceId?: string
}

/** Revision 0: every unit gets `stable`, the version the bundle ships. Its time is 0, for no change made it. */
export const bundledRelease = (model: string, stable: string): Release => ({
  format: 1,
  model,
  revision: 0,
  stable,
  canary: null,
  shadow: null,
  fallback: null,
  hold: null,
  rolledBack: [],
  changedAt: 0,
})

/** The hold that stops automatic moves at `now`, epoch milliseconds; `null` once it has expired. */
export const activeHold = ({ hold }: Pick<Release, 'hold'>, now: number): Hold | null =>
  hold !== null && (hold.until === null || now < hold.until) ? hold : null
