/** Small records in the bucket of events that are replaced only by who has seen their present content. */
import type { Deadline } from '../../core/clock.ts'

export interface TaggedObject {
  readonly bytes: Uint8Array
  /** Changes with the content. */
  readonly tag: string
}

/** Both methods reject with a Failure `archive_unavailable` when the bucket fails or does not answer in time; a write may have been done then. */
export interface TaggedObjects {
  /** `null`: there is none. */
  read(key: string, deadline: Deadline): Promise<TaggedObject | null>
  /** Writes if what is there has the tag `expected` (`null`: if nothing is there). Resolves to the new tag, or to `null` when it has another. */
  write(key: string, bytes: Uint8Array, expected: string | null, deadline: Deadline): Promise<string | null>
}
