/** The bucket of events: the archive, and the payloads that are too large for a message. */
import type { Deadline } from '../../core/clock.ts'

export interface ListedObject {
  readonly key: string
  readonly bytes: number
  /** Epoch milliseconds. */
  readonly writtenAt: number
}

export interface ObjectPage {
  /** In order of their keys. */
  readonly objects: readonly ListedObject[]
  /** To go on with; `null` at the end. */
  readonly cursor: string | null
}

/** Every method rejects with a Failure `archive_unavailable` when the bucket fails or does not answer in time. */
export interface EventObjects {
  put(key: string, bytes: Uint8Array, deadline: Deadline): Promise<void>
  /** `null`: there is none. */
  get(key: string, deadline: Deadline): Promise<Uint8Array | null>
  /** At most `limit` (1,000) of the objects whose key begins with `prefix`, after `cursor`. */
  list(prefix: string, cursor: string | null, limit: number, deadline: Deadline): Promise<ObjectPage>
  /** At most 1,000; what is not there is no error. */
  delete(keys: readonly string[], deadline: Deadline): Promise<void>
}
