import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type ArchiveBucket, r2TaggedObjects } from '../../../src/adapters/r2-archive.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'

/** What R2 says to a second write of a key within a second. */
const TOO_FAST = 'put: Reduce your concurrent request rate for the same object. (10058)'

/** The real bucket, which refuses the first `times` writes. */
const refusing = (times: number, why: string): ArchiveBucket => {
  let left = times
  const put = (async (...call: Parameters<R2Bucket['put']>) => {
    if (left-- > 0) throw new Error(why)
    return await env.ARCHIVE.put(...call)
  }) as R2Bucket['put']
  return { get: env.ARCHIVE.get.bind(env.ARCHIVE), list: env.ARCHIVE.list.bind(env.ARCHIVE), put }
}

const newKey = (): string => `joining/test-${crypto.randomUUID()}.json`
/** Deadlines as they are, pauses short. */
const timers = { sleep: (milliseconds: number) => systemTimers.sleep(milliseconds > 1_100 ? milliseconds : 1) }
const bytes = new TextEncoder().encode('{}')

describe('a record that is written again at once', () => {
  it('waits where R2 says that it comes too soon, and is written', async () => {
    const key = newKey()
    const objects = r2TaggedObjects(refusing(2, TOO_FAST), timers)
    const tag = await objects.write(key, bytes, null, deadlineIn(systemClock, 10_000))
    expect((await env.ARCHIVE.head(key))?.etag).toBe(tag)
  })

  it('is not tried again for anything else, nor without the time for it', async () => {
    const other = r2TaggedObjects(refusing(1, 'put: internal error (10001)'), timers)
    await expect(other.write(newKey(), bytes, null, deadlineIn(systemClock, 10_000))).rejects.toThrow('10001')
    const late = r2TaggedObjects(refusing(1, TOO_FAST), timers)
    await expect(late.write(newKey(), bytes, null, deadlineIn(systemClock, 2_000))).rejects.toThrow('10058')
  })
})
