/** What drift needs from outside: what a version was trained on, and what came in hour by hour. */
import type { Deadline } from '../../core/clock.ts'
import type { HourCounts } from '../../core/drift/window-counts.ts'
import type { ReferenceProfile } from '../../core/profile/reference-profile.ts'
import type { Manifest } from '../../protocol/manifest.ts'

export interface VersionReference {
  readonly manifest: Manifest
  readonly profile: ReferenceProfile
}

export interface VersionReferences {
  /** `null`: no such version, or it has no profile of its own. Rejects when the store fails. */
  read(model: string, version: string, deadline: Deadline): Promise<VersionReference | null>
}

export interface HourReader {
  /**
   * What all shards counted of a version from `from` to `until`, whole hours in epoch milliseconds; blocks of the same start are not added up.
   * Rejects unless every shard answered: part of the counts tells nothing.
   */
  read(model: string, version: string, from: number, until: number, deadline: Deadline): Promise<readonly HourCounts[]>
}
