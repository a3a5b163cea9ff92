import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { r2EventObjects } from '../../../src/adapters/r2-event-objects.ts'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { Retention } from '../../../src/serving/archive/retain.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const objects = r2EventObjects(env.ARCHIVE, systemTimers)
const NOW = Date.UTC(2001, 5, 30, 12)
const day = (ago: number): string => new Date(NOW - ago * 86_400_000).toISOString().slice(0, 10)
const hourOf = (ago: number, message: string): string => `archive/${day(ago)}/13/${message}.ndjson.gz`

/** Keys of this test alone: everything of the year 2001. */
const keysUnder = async (prefix: string): Promise<string[]> =>
  (await env.ARCHIVE.list({ prefix: `${prefix}2001-` })).objects.map(({ key }) => key)

const retention = (archiveDays: number, limits?: ConstructorParameters<typeof Retention>[0]['limits']) =>
  new Retention({
    objects,
    clock: new ManualClock(NOW),
    archiveDays,
    deadLetterDays: 30,
    ...(limits === undefined ? {} : { limits }),
  })

describe('retention', () => {
  it('deletes the days that are over, with their journals, and keeps every other', async () => {
    const over = [hourOf(92, 'a'), hourOf(91, 'b'), hourOf(91, 'joined-c')]
    const kept = [hourOf(90, 'd'), hourOf(89, 'e'), hourOf(0, 'f')]
    for (const key of [...over, ...kept]) await env.ARCHIVE.put(key, 'x')
    await env.ARCHIVE.put(`joining/${day(91)}/13.json`, '{}')
    await env.ARCHIVE.put(`joining/${day(90)}/13.json`, '{}')
    expect(await retention(90).run()).toMatchObject({ archive: 3, isDone: true })
    expect(await keysUnder('archive/')).toEqual([...kept].sort())
    expect(await keysUnder('joining/')).toEqual([`joining/${day(90)}/13.json`])
    expect(await retention(90).run()).toMatchObject({ archive: 0, isDone: true })
  })

  it('keeps events for ever when it is told 0 days', async () => {
    const key = 'archive/1999-01-01/00/a.ndjson.gz'
    await env.ARCHIVE.put(key, 'x')
    expect(await retention(0).run()).toMatchObject({ archive: 0 })
    expect(await env.ARCHIVE.head(key)).not.toBeNull()
    expect(await retention(1).run()).toMatchObject({ isDone: true })
    expect(await env.ARCHIVE.head(key)).toBeNull()
  })

  it('keeps a payload as long as a message or a dead letter can ask for it', async () => {
    const last = 30 + 4 * 14 + 1
    for (const ago of [last + 1, last, 0]) await env.ARCHIVE.put(`payloads/${day(ago)}/m-0.json`, '{}')
    expect(await retention(0).run()).toMatchObject({ payloads: 1 })
    expect(await keysUnder('payloads/')).toEqual([`payloads/${day(last)}/m-0.json`, `payloads/${day(0)}/m-0.json`])
  })

  it('stops when it has done enough, and goes on in the next run', async () => {
    const keys = Array.from({ length: 1_200 }, (_, index) => `archive/1998-02-03/04/m${index}.ndjson.gz`)
    for (let at = 0; at < keys.length; at += 100) {
      await Promise.all(keys.slice(at, at + 100).map((key) => env.ARCHIVE.put(key, 'x')))
    }
    const limits = { pages: 1, runMilliseconds: 60_000, callMilliseconds: 10_000 }
    expect(await retention(90, limits).run()).toMatchObject({ archive: 1_000, isDone: false })
    expect(await retention(90).run()).toMatchObject({ archive: 200, isDone: true })
  })

  it('touches nothing that is in no folder of a day', async () => {
    await env.ARCHIVE.put('archive/0-readme', 'x')
    await env.ARCHIVE.put('archive/1998-02-04/04/a.ndjson.gz', 'x')
    expect(await retention(90).run()).toMatchObject({ archive: 1 })
    expect(await env.ARCHIVE.head('archive/0-readme')).not.toBeNull()
    await env.ARCHIVE.delete('archive/0-readme')
  })
})
