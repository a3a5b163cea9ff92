/** Compaction beside the real consumer: what is delivered again, or late, is archived once. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { createCompactor } from '../../../src/archive-services.ts'
import type { Compacted } from '../../../src/serving/archive/compact.ts'
import { archivedIn, consuming, good, idsOf, messageOf } from '../events/queue-bench.ts'
import { freshHour, keysOf, readLines } from './lines.ts'

const HOUR = 3_600_000

/** A compaction at the time when an hour that began at `start` has been over for long enough. */
const compactAt = (start: number, minutes: number): Promise<Compacted> => {
  const at = start + HOUR + 7_200_000 + 1_000 + minutes * 60_000
  return createCompactor(env, {
    compactLimits: { recentHours: 2, seesOlder: false },
    time: { clock: { epochMilliseconds: () => at, now: systemClock.now }, timers: systemTimers },
  }).run()
}

const idsIn = async (hour: string): Promise<string[]> =>
  (await readLines(hour)).map((line) => String(JSON.parse(line)._id)).sort()

describe('a message that is delivered again', () => {
  it('while its object is being joined, and after, keeps its events in the archive once', async () => {
    const { hour, start } = freshHour()
    const { deliver } = consuming()
    const messages = Array.from({ length: 4 }, () =>
      messageOf([good(), good(), good()], { receivedAt: start + 60_000 }),
    )
    const all = idsOf(messages.flatMap(({ events }) => events))
    const everyId = messages.map(({ id }) => id)
    await deliver(messages)
    expect(await compactAt(start, 0)).toMatchObject({ sealed: 4 })
    expect(await deliver(messages, { attempts: 2 })).toMatchObject({ done: everyId, again: [] })
    expect(await idsIn(hour)).toEqual(all)
    expect(await compactAt(start, 31)).toMatchObject({ joined: 4, written: 1 })
    expect(await deliver(messages, { attempts: 3 })).toMatchObject({ done: everyId, again: [] })
    expect(await idsIn(hour)).toEqual(all)
    expect((await keysOf(hour)).length).toBe(1)
    expect((await Promise.all(messages.map(archivedIn))).flat()).toEqual([])
  })

  it('with the events of others, which came into the same hour late, adds only what is new', async () => {
    const { hour, start } = freshHour()
    const { deliver } = consuming()
    const shared = good()
    const early = [messageOf([shared, good()], { receivedAt: start }), messageOf([good()], { receivedAt: start })]
    await deliver(early)
    await compactAt(start, 0)
    await compactAt(start, 31)
    // As a replay would bring them.
    const late = [messageOf([shared, good()], { receivedAt: start }), messageOf([good()], { receivedAt: start })]
    expect(await deliver(late)).toMatchObject({ again: [] })
    const all = [...new Set([...early, ...late].flatMap(({ events }) => idsOf(events)))].sort()
    expect(await idsIn(hour)).toEqual(all)
    expect(await compactAt(start, 32)).toMatchObject({ sealed: 2 })
    expect(await compactAt(start, 63)).toMatchObject({ joined: 2, written: 1 })
    expect((await keysOf(hour)).length).toBe(2)
    expect(await idsIn(hour)).toEqual(all)
  })
})
