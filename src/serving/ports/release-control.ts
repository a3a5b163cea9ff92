/** What releasing needs from outside: the controller of a model's release, and the places its releases are brought to. */
import type { Deadline } from '../../core/clock.ts'
import type { Refusal } from '../../core/release/decide.ts'
import type { Actor, Release, ReleaseChange, ReleaseCommand } from '../../core/release/release.ts'
import type { VersionRecord } from '../../protocol/version-record.ts'

/** Versions that ship in the bundle, and the one that answers while nobody has released anything. */
export interface BundledVersions {
  readonly stable: string
  readonly versions: readonly string[]
}

export interface CommandRequest {
  readonly model: string
  readonly command: ReleaseCommand
  readonly actor: Actor
  /** In words, where the command itself holds none. */
  readonly reason?: string
  /** What a rule judged by: anything JSON can hold. */
  readonly evidence?: unknown
  /** The trace it belongs to, 32 hexadecimal digits. */
  readonly traceId?: string
}

/** Who follows an accepted command, and by when. */
export interface Propagation {
  /** Statistics shards that acknowledged the release before the answer; the others are tried again until they do. */
  readonly pushed: number
  readonly shards: number
  /** When the copy that cold isolates read is due to be written, epoch milliseconds; tried again until it is. */
  readonly copyDueAt: number
}

export type CommandReply = { readonly format: 1 } & (
  | {
      readonly outcome: 'changed'
      readonly release: Release
      readonly change: ReleaseChange
      readonly propagation: Propagation
    }
  | { readonly outcome: 'refused'; readonly release: Release; readonly refusal: Refusal }
  | { readonly outcome: 'unknown_model' }
)

export type ReserveReply = { readonly format: 1 } & (
  | { readonly outcome: 'reserved' }
  /** The same bytes are published already. */
  | { readonly outcome: 'published'; readonly record: VersionRecord }
  /** Other bytes are published under this version. */
  | { readonly outcome: 'exists'; readonly digest: string }
  /** The model has as many versions as a model may. */
  | { readonly outcome: 'full'; readonly most: number }
  /** Other bytes are being published under this version. */
  | { readonly outcome: 'busy'; readonly until: number }
)

export type RegisterReply = { readonly format: 1 } & (
  | { readonly outcome: 'published'; readonly record: VersionRecord }
  /** The reservation ran out, and somebody else has taken the version. */
  | { readonly outcome: 'lost' }
)

/** A version that a release named could not be loaded by some isolate; times in epoch milliseconds. */
export interface LoadAlarm {
  readonly version: string
  /** The release that named it when that was first heard of. */
  readonly revision: number
  readonly first: number
  readonly last: number
  /** Loads that failed. */
  readonly count: number
}

/** A release and the part of its history that was asked for, newest first. */
export interface ReleaseReply {
  readonly format: 1
  /** `null`: nobody has released anything, so what the bundle ships holds. */
  readonly release: Release | null
  readonly history: readonly ReleaseChange[]
  /** Newest first; absent from an object of older code. */
  readonly alarms?: readonly LoadAlarm[]
}

export interface VersionsReply {
  readonly format: 1
  /** The published versions, oldest first. */
  readonly versions: readonly VersionRecord[]
}

/** Which part of a history: at most `limit` entries, of revisions below `before`. */
export interface HistoryPage {
  readonly limit: number
  readonly before: number | null
}

/** The release authority of each model. Every method rejects with Failure `registry_unavailable` when it cannot be reached in time. */
export interface ReleaseControl {
  read(model: string, page: HistoryPage, deadline: Deadline): Promise<ReleaseReply>
  command(request: CommandRequest, deadline: Deadline): Promise<CommandReply>
  versions(model: string, deadline: Deadline): Promise<VersionsReply>
  /** Keeps `version` for the bytes of `digest` until they are written and registered, or two minutes have passed. */
  reserve(model: string, version: string, digest: string, deadline: Deadline): Promise<ReserveReply>
  /** Publishes what was reserved: from then on the version exists. May be repeated. */
  register(record: VersionRecord, deadline: Deadline): Promise<RegisterReply>
}

/** A place that keeps a copy of the release. `deliver` may be repeated, also with a lower revision, which is ignored; it rejects when not done in time. */
export interface ReleaseTarget {
  readonly name: string
  deliver(release: Release): Promise<void>
}

export interface ReleaseTargets {
  /** What busy isolates hear from within seconds. */
  readonly shards: readonly ReleaseTarget[]
  /** Looks at canaries from now on. */
  readonly watch: ReleaseTarget
  /** What cold isolates read; takes one write a second. */
  readonly copy: ReleaseTarget
}
