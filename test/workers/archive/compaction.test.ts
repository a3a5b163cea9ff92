import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { eventOwnersClient } from '../../../src/adapters/event-owners-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { type ArchiveDecorators, createCompactor } from '../../../src/archive-services.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { ArchiveHour } from '../../../src/protocol/archive-keys.ts'
import type { Compacted } from '../../../src/serving/archive/compact.ts'
import { type Around, journalsAround, killedAt, objectsAround, ownersAround } from '../../support/faulty-objects.ts'
import { duplicatesIn, freshHour, gzip, keyOf, keysOf, readLines, writeSmall } from './lines.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** Wall time as the test says; how long things take is real. */
class SetClock implements Clock {
  constructor(public at: number) {}
  epochMilliseconds = (): number => this.at
  now = systemClock.now
}

const around = (own: Around): ArchiveDecorators => ({
  events: (real) => objectsAround(real, own),
  journals: (real) => journalsAround(real, own),
  owners: (real) => ownersAround(real, own),
})

/** A run at `clock`; only the newest hour that is old enough is looked at, and what lies under `joining/`. */
const run = (clock: Clock, decorators: ArchiveDecorators = {}): Promise<Compacted> =>
  createCompactor(env, {
    ...decorators,
    compactLimits: { recentHours: 1, seesOlder: false, ...decorators.compactLimits },
    joinLimits: { graceMilliseconds: MINUTE, ...decorators.joinLimits },
    time: { clock, timers: systemTimers },
  }).run()

/** When an hour that began at `start` is old enough, with COMPACT_AFTER_SECONDS as it is by default. */
const clockAfter = (start: number): SetClock => new SetClock(start + HOUR + 7_200_000 + 1_000)
const later = (clock: SetClock): SetClock => {
  clock.at += MINUTE
  return clock
}

/** Runs until there is nothing more to do. */
const settle = async (clock: SetClock): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await run(later(clock))
}

const expectWhole = async (hour: ArchiveHour, lines: readonly string[]): Promise<void> => {
  expect(await readLines(hour)).toEqual([...lines].sort())
}

const expectJoined = async (hour: ArchiveHour, lines: readonly string[]): Promise<void> => {
  await expectWhole(hour, lines)
  expect((await keysOf(hour)).map((key) => /joined-/.test(key))).toEqual([true])
  const left = await env.ARCHIVE.list({ prefix: `joining/${hour}/` })
  expect(left.objects.map(({ key }) => key)).toEqual([])
}

describe('compaction', () => {
  it('seals in one run and joins in a later one', async () => {
    const { hour, start } = freshHour()
    const lines = await writeSmall(hour, 5)
    const clock = clockAfter(start)
    expect(await run(clock)).toMatchObject({ sealed: 5, joined: 0, failed: [] })
    expect((await keysOf(hour)).length).toBe(5)
    const owners = eventOwnersClient(env.EVENT_OWNERS, 4, systemTimers)
    const messages = (await keysOf(hour)).map((key) => key.split('/')[3].replace('.ndjson.gz', ''))
    expect(await owners.sealed(messages, deadlineIn(systemClock, 5_000))).toEqual(messages.map(() => true))

    clock.at += MINUTE / 2
    expect(await run(clock)).toMatchObject({ sealed: 0, joined: 0 })
    clock.at += MINUTE / 2
    expect(await run(clock)).toMatchObject({ joined: 5, written: 1, failed: [] })
    await expectJoined(hour, lines)
  })

  it('leaves alone an hour that is too young, and one with a single object', async () => {
    const { hour, start } = freshHour()
    await writeSmall(hour, 2)
    expect(await run(new SetClock(start + HOUR + 7_000_000))).toMatchObject({ sealed: 0 })
    const single = freshHour()
    await writeSmall(single.hour, 1)
    expect(await run(clockAfter(single.start))).toMatchObject({ sealed: 0 })
  })

  it('joins what came after the seal in a later run', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 3)
    await run(clock)
    lines.push(...(await writeSmall(hour, 2)))
    await run(later(clock))
    await expectWhole(hour, lines)
    expect((await keysOf(hour)).length).toBe(3)
    await settle(clock)
    await expectWhole(hour, lines)
    expect((await keysOf(hour)).every((key) => /joined-/.test(key))).toBe(true)
  })

  it('closes a joined object when it is large enough', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 30, 50)
    const joinLimits = { joinedRawBytes: 20_000 }
    await run(clock, { joinLimits })
    expect(await run(later(clock), { joinLimits })).toMatchObject({ joined: 30, written: 3 })
    await expectWhole(hour, lines)
  })

  it('stops when it has read enough, and goes on in the next run', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 12)
    await run(clock)
    const compactLimits = { reads: 6 }
    expect(await run(later(clock), { compactLimits })).toMatchObject({ joined: 6, written: 1 })
    await expectWhole(hour, lines)
    expect(await run(clock, { compactLimits })).toMatchObject({ joined: 6, written: 1 })
    await expectWhole(hour, lines)
  })

  it('leaves an object that is no gzip, or too large, where it is', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 3)
    const odd = [keyOf(hour, crypto.randomUUID()), keyOf(hour, crypto.randomUUID())]
    const whole = await gzip('{"_id":"cut"}\n'.repeat(100))
    await env.ARCHIVE.put(odd[0], whole.slice(0, whole.length - 12))
    await env.ARCHIVE.put(odd[1], await gzip(`{"_id":"${'x'.repeat(50_000)}"}\n`))
    const joinLimits = { objectBytes: 20_000 }
    await run(clock, { joinLimits })
    expect(await run(later(clock), { joinLimits })).toMatchObject({ joined: 3, written: 1, failed: [] })
    expect((await keysOf(hour)).filter((key) => !/joined-/.test(key))).toEqual([...odd].sort())
    await env.ARCHIVE.delete(odd)
    await expectWhole(hour, lines)
  })

  it('ends each object with a newline', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    for (const id of ['a', 'b']) await env.ARCHIVE.put(keyOf(hour, crypto.randomUUID()), await gzip(`{"_id":"${id}"}`))
    await run(clock)
    await run(later(clock))
    await expectJoined(hour, ['{"_id":"a"}', '{"_id":"b"}'])
  })
})

describe('compaction that is killed', () => {
  it.each(['before', 'after'] as const)('%s any of its calls neither loses nor doubles a line', async (when) => {
    let calls = Number.POSITIVE_INFINITY
    for (let last = 0; last < calls; last++) {
      const { hour, start } = freshHour()
      const clock = clockAfter(start)
      const lines = await writeSmall(hour, 3, 2)
      await run(clock)
      const killed = killedAt(last, when)
      const done = await run(later(clock), around(killed)).then(
        ({ failed }) => failed.length === 0,
        () => false,
      )
      expect(duplicatesIn(await readLines(hour))).toEqual([])
      if (done) calls = last
      await settle(clock)
      await expectJoined(hour, lines)
    }
    expect(calls).toBeGreaterThan(10)
  })

  it('while it seals, loses nothing either', async () => {
    let done = false
    for (let last = 0; !done; last++) {
      const { hour, start } = freshHour()
      const clock = clockAfter(start)
      const lines = await writeSmall(hour, 2, 1)
      done = await run(clock, around(killedAt(last, 'after'))).then(
        ({ failed }) => failed.length === 0,
        () => false,
      )
      await settle(clock)
      await expectJoined(hour, lines)
    }
  })

  it('again in each run that follows, comes to an end when it is left alone', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 3, 2)
    await run(clock)
    for (let last = 0; last < 16; last++) {
      await run(later(clock), around(killedAt(last, last % 2 === 0 ? 'before' : 'after'))).catch(() => undefined)
      expect(duplicatesIn(await readLines(hour))).toEqual([])
    }
    await settle(clock)
    await expectJoined(hour, lines)
  })
})

describe('a bucket that hangs', () => {
  it('ends the hour in time, and the next run goes on', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 3)
    await run(clock)
    const never = (): Promise<never> => new Promise(() => undefined)
    for (const method of ['get', 'put', 'delete'] as const) {
      const real = env.ARCHIVE
      const bucket = {
        get: (key: string) => (method === 'get' && key.startsWith('archive/') ? never() : real.get(key)),
        put: (...call: Parameters<R2Bucket['put']>) => (method === 'put' ? never() : real.put(...call)),
        delete: (keys: string[]) => (method === 'delete' ? never() : real.delete(keys)),
        list: (options: R2ListOptions) => real.list(options),
      }
      const hanging = { ...env, ARCHIVE: bucket } as unknown as Env
      const compactor = createCompactor(hanging, {
        compactLimits: { recentHours: 1, seesOlder: false, callMilliseconds: 50 },
        joinLimits: { graceMilliseconds: MINUTE },
        time: { clock: later(clock), timers: systemTimers },
      })
      expect(await compactor.run()).toMatchObject({ joined: 0, failed: [hour] })
      expect(duplicatesIn(await readLines(hour))).toEqual([])
    }
    await settle(clock)
    await expectJoined(hour, lines)
  })
})

describe('a reader', () => {
  it('never finds a line twice, at no moment of a join', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 4)
    await run(clock)
    const seen: number[] = []
    const look = async (): Promise<void> => {
      const found = await readLines(hour)
      expect(duplicatesIn(found)).toEqual([])
      seen.push(found.length)
    }
    await run(later(clock), around({ before: look, after: look }))
    // Between the going of the sources and the coming of what they were joined to there is nothing.
    expect(new Set(seen)).toEqual(new Set([lines.length, 0]))
    await expectJoined(hour, lines)
  })
})

describe('two runs at once', () => {
  it('do no harm, wherever one stands still while the other runs', async () => {
    let isEnd = false
    for (let at = 0; !isEnd; at++) {
      const { hour, start } = freshHour()
      const clock = clockAfter(start)
      const lines = await writeSmall(hour, 3, 2)
      await run(clock)
      later(clock)
      let calls = 0
      const slow = around({
        before: async () => {
          if (calls++ !== at) return
          // Late objects, too, so that the other run has something else to join than this one.
          lines.push(...(await writeSmall(hour, 2, 1)))
          await run(clock)
          await run(later(clock))
          expect(duplicatesIn(await readLines(hour))).toEqual([])
        },
      })
      await run(clock, slow)
      isEnd = calls <= at
      expect(duplicatesIn(await readLines(hour))).toEqual([])
      await settle(clock)
      await expectWhole(hour, lines)
    }
  })

  it('do no harm where one only cleans up, and the other is killed after that', async () => {
    for (let at = 0; at < 16; at++) {
      for (let more = 1; more < 5; more++) {
        const { hour, start } = freshHour()
        const clock = clockAfter(start)
        const lines = await writeSmall(hour, 2, 1)
        await run(clock)
        later(clock)
        const killed = killedAt(at + more, 'before')
        const slow = around({
          before: async (name) => {
            if (killed.calls === at) await run(clock, { compactLimits: { reads: 0 } })
            await killed.before?.(name)
          },
        })
        await run(clock, slow).catch(() => undefined)
        await settle(clock)
        await expectJoined(hour, lines)
      }
    }
  })

  it('go side by side', async () => {
    const { hour, start } = freshHour()
    const clock = clockAfter(start)
    const lines = await writeSmall(hour, 8)
    await Promise.all([run(clock), run(clock), run(clock)])
    later(clock)
    await Promise.all([run(clock), run(clock), run(clock)])
    await settle(clock)
    await expectJoined(hour, lines)
  })
})
