/** Objects of the bucket of events, to be handed on: listed from any key on, and streamed. */
import type { Deadline } from '../../core/clock.ts'
import type { ListedObject } from './event-objects.ts'

export interface ObjectStream {
  readonly bytes: number
  readonly body: ReadableStream<Uint8Array>
}

/** Both methods reject with a Failure `archive_unavailable` when the bucket fails or does not begin to answer in time. */
export interface StoredObjects {
  /** At most `limit` (1,000) objects whose key begins with `prefix` and comes after `after` (`null`: the first ones), in order. */
  after(prefix: string, after: string | null, limit: number, deadline: Deadline): Promise<readonly ListedObject[]>
  /** `null`: there is none. */
  open(key: string, deadline: Deadline): Promise<ObjectStream | null>
}
