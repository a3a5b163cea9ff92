/** The bucket of events in R2. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { EventObjects } from '../serving/ports/event-objects.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the bucket binding. */
export type EventBucket = Pick<R2Bucket, 'get' | 'put' | 'list' | 'delete'>

export const r2EventObjects = (bucket: EventBucket, timers: Timers): EventObjects => {
  const inTime = async <T>(what: string, work: Promise<T>, deadline: Deadline): Promise<T> => {
    const refuse = (why: string, cause?: unknown): Failure =>
      new Failure('archive_unavailable', `${what} failed: ${why}`, undefined, { cause })
    const done = await within(work, deadline, timers).catch((cause: unknown) => {
      throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
    })
    if (done === TIMED_OUT) throw refuse('R2 did not answer in time')
    return done
  }
  const read = async (key: string): Promise<Uint8Array | null> => {
    const object = await bucket.get(key)
    return object === null ? null : new Uint8Array(await object.arrayBuffer())
  }
  return {
    async put(key, bytes, deadline) {
      await inTime(`writing ${key}`, bucket.put(key, bytes), deadline)
    },
    get: (key, deadline) => inTime(`reading ${key}`, read(key), deadline),
    async list(prefix, cursor, limit, deadline) {
      const options = cursor === null ? { prefix, limit } : { prefix, limit, cursor }
      const page = await inTime(`listing ${prefix}`, bucket.list(options), deadline)
      return {
        objects: page.objects.map(({ key, size, uploaded }) => ({ key, bytes: size, writtenAt: uploaded.getTime() })),
        cursor: page.truncated ? page.cursor : null,
      }
    },
    async delete(keys, deadline) {
      if (keys.length > 0) await inTime(`deleting ${keys.length} objects`, bucket.delete([...keys]), deadline)
    },
  }
}
