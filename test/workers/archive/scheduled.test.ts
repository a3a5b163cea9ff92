import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createArchiveTender } from '../../../src/archive-services.ts'
import worker from '../../../src/index.ts'
import { createScheduled } from '../../../src/queue/scheduled.ts'
import { ArchiveTender, type TendParts } from '../../../src/serving/archive/tend-archive.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { freshHour, gzip, keyOf, keysOf } from './lines.ts'

const parts = (over: Partial<TendParts>): TendParts & { lines: string[] } => {
  const lines: string[] = []
  return {
    letters: { drain: () => Promise.resolve({ brought: 0, unreadable: [] }) },
    compactor: { run: () => Promise.resolve({ sealed: 0, joined: 0, written: 0, failed: [] }) },
    retention: { run: () => Promise.resolve({ archive: 0, payloads: 0, isDone: true }) },
    clock: new ManualClock(),
    log: (line) => lines.push(line),
    lines,
    ...over,
  }
}

describe('the hourly run', () => {
  it('seals, and an hour later joins, on the real bindings', async () => {
    // Retention looks at the wall clock: an hour that is old enough, and no day that is over.
    const start = Math.floor((Date.now() - 20 * 3_600_000) / 3_600_000) * 3_600_000
    const hour = new Date(start).toISOString().slice(0, 13).replace('T', '/')
    for (const id of ['a', 'b'])
      await env.ARCHIVE.put(keyOf(hour, crypto.randomUUID()), await gzip(`{"_id":"${id}"}\n`))
    const scheduled = createScheduled((bindings) =>
      createArchiveTender(bindings as Env, { joinLimits: { graceMilliseconds: 0 } }),
    )
    await scheduled(undefined, env)
    await scheduled(undefined, env)
    expect((await keysOf(hour)).map((key) => /joined-/.test(key))).toEqual([true])
  })

  it('is what the cron trigger of the worker calls', async () => {
    const start = Math.floor((Date.now() - 21 * 3_600_000) / 3_600_000) * 3_600_000
    const hour = new Date(start).toISOString().slice(0, 13).replace('T', '/')
    const keys = ['a', 'b'].map(() => keyOf(hour, crypto.randomUUID()))
    for (const key of keys) await env.ARCHIVE.put(key, await gzip('{"_id":"c"}\n'))
    await worker.scheduled(undefined, env)
    const journal = await (await env.ARCHIVE.get(`joining/${hour}.json`))?.json<{ sealed: { keys: string[] } }>()
    expect(journal?.sealed.keys).toEqual(expect.arrayContaining(keys))
    await env.ARCHIVE.delete(keys)
  })

  it('says what was done, in numbers', async () => {
    const own = parts({
      letters: { drain: () => Promise.resolve({ brought: 3, unreadable: ['letters/x.json'] }) },
      compactor: { run: () => Promise.resolve({ sealed: 4, joined: 5, written: 1, failed: [] }) },
      retention: { run: () => Promise.resolve({ archive: 6, payloads: 7, isDone: false }) },
    })
    await new ArchiveTender(own).run()
    expect(own.lines).toEqual([
      'dead letters: 3 brought from the bucket',
      'dead letters: no letter: letters/x.json',
      'archive: 5 objects joined to 1, 4 sealed to be joined in an hour',
      'retention: 6 objects of the archive and 7 payloads deleted, more are left',
    ])
  })

  it('does the rest when one part fails, and rejects in the end', async () => {
    const down = () => Promise.reject(new Error('down'))
    const done: string[] = []
    const own = parts({
      letters: { drain: down },
      retention: {
        run: () => {
          done.push('retention')
          return Promise.resolve({ archive: 0, payloads: 0, isDone: true })
        },
      },
      compactor: { run: () => Promise.resolve({ sealed: 0, joined: 0, written: 0, failed: ['2026-11-25/13'] }) },
    })
    await expect(new ArchiveTender(own).run()).rejects.toThrow(
      'not done in this hour: dead letters: down; compaction: 2026-11-25/13',
    )
    expect(done).toEqual(['retention'])
  })

  it('leaves an hour of the future alone', async () => {
    const { hour } = freshHour()
    for (const id of ['a', 'b']) await env.ARCHIVE.put(keyOf(hour, id), await gzip(`{"_id":"${id}"}\n`))
    await createArchiveTender(env, { joinLimits: { graceMilliseconds: 0 } }).run()
    expect((await keysOf(hour)).length).toBe(2)
  })
})
