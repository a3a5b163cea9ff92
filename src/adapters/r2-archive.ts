/** The bucket of events in R2, as compaction and the readers of the archive need it. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { StoredObjects } from '../serving/ports/stored-objects.ts'
import type { TaggedObjects } from '../serving/ports/tagged-objects.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the bucket binding. */
export type ArchiveBucket = Pick<R2Bucket, 'get' | 'put' | 'list'>

const inTime = async <T>(what: string, work: Promise<T>, deadline: Deadline, timers: Timers): Promise<T> => {
  const refuse = (why: string, cause?: unknown): Failure =>
    new Failure('archive_unavailable', `${what} failed: ${why}`, undefined, { cause })
  const done = await within(work, deadline, timers).catch((cause: unknown) => {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
  })
  if (done === TIMED_OUT) throw refuse('R2 did not answer in time')
  return done
}

/** R2 takes one write a second of the same key and refuses others with this ("Limits" and "Error codes", read 2026-11). */
const TOO_FAST = /\(10058\)/
const PAUSE_MILLISECONDS = 1_100
/** For a pause and the write. */
const LEAST_MILLISECONDS = 2 * PAUSE_MILLISECONDS

/** What `write` gives; begun again, after a pause, where R2 refused it for coming too soon after the last one. */
const unhurried = async <T>(write: () => Promise<T>, deadline: Deadline, timers: Timers): Promise<T> => {
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!TOO_FAST.test(String(error)) || deadline.remainingMilliseconds() < LEAST_MILLISECONDS) throw error
      await timers.sleep(PAUSE_MILLISECONDS)
    }
  }
}

/** R2 is strongly consistent, conditional writes included ("Consistency model", read 2026-11). */
export const r2TaggedObjects = (bucket: ArchiveBucket, timers: Timers): TaggedObjects => ({
  read: (key, deadline) => {
    const read = async () => {
      const object = await bucket.get(key)
      return object === null ? null : { bytes: new Uint8Array(await object.arrayBuffer()), tag: object.etag }
    }
    return inTime(`reading ${key}`, read(), deadline, timers)
  },
  async write(key, bytes, expected, deadline) {
    const onlyIf = expected === null ? new Headers({ 'if-none-match': '*' }) : { etagMatches: expected }
    const put = (): Promise<R2Object | null> => bucket.put(key, bytes, { onlyIf })
    const object = await inTime(`writing ${key}`, unhurried(put, deadline, timers), deadline, timers)
    return object === null ? null : object.etag
  },
})

export const r2StoredObjects = (bucket: ArchiveBucket, timers: Timers): StoredObjects => ({
  async after(prefix, after, limit, deadline) {
    const options = after === null ? { prefix, limit } : { prefix, limit, startAfter: after }
    const { objects } = await inTime(`listing ${prefix}`, bucket.list(options), deadline, timers)
    return objects.map(({ key, size, uploaded }) => ({ key, bytes: size, writtenAt: uploaded.getTime() }))
  },
  async open(key, deadline) {
    const object = await inTime(`reading ${key}`, bucket.get(key), deadline, timers)
    return object === null ? null : { bytes: object.size, body: object.body }
  },
})
