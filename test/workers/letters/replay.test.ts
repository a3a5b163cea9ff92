/** Dead letters through /admin, the queue's consumer and the archive: each event ends there once. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import type { LetterPageAnswer, LetterWithPayload, ReplayAnswer } from '../../../src/protocol/dead-letters.ts'
import type { EventMessage } from '../../../src/protocol/event-message.ts'
import type { EventsAnswer } from '../../../src/protocol/events.ts'
import type { Problem } from '../../../src/protocol/problem.ts'
import type { Decorators } from '../../../src/services.ts'
import type { NewDeadLetter } from '../../../src/serving/ports/dead-letters.ts'
import { json } from '../../support/answer.ts'
import { faultyLetters, type LetterFault, letterOf } from '../../support/letters.ts'
import { RecordingQueue } from '../../support/recording-queue.ts'
import { archivedIn, consuming, letters, soon, TIME } from '../events/queue-bench.ts'

const { ADMIN_TOKEN } = env as unknown as { ADMIN_TOKEN: string }

/** An isolate whose queue only remembers: what it took is delivered when a test says so. */
const isolate = (decorators: Decorators = {}) => {
  const queue = new RecordingQueue({ send: async () => undefined })
  const { services, deliver } = consuming({ queue: () => queue, ...decorators })
  const app = createApp(() => services)
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const context = createExecutionContext()
    const response = await app.request(path, init, env, context)
    await waitOnExecutionContext(context)
    return response
  }
  const admin = (path: string, body?: object): Promise<Response> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    return call(`/admin/dead-letters${path}`, init)
  }
  const replay = async (body: object): Promise<ReplayAnswer> => json(await admin('/replay', body))
  return { queue, deliver, call, admin, replay }
}

/** Years ago, a day each, so that a filter finds the letters of one test only. */
let day = Date.UTC(2012, 0, 1)
const freshDay = (): { at: number; filter: { from: string; to: string } } => {
  day += 86_400_000
  return { at: day, filter: { from: new Date(day).toISOString(), to: new Date(day + 3_600_000).toISOString() } }
}

const keep = async (given: readonly NewDeadLetter[]): Promise<readonly string[]> => {
  await letters.keep(given, soon(), true)
  return given.map(({ id }) => id)
}

const statesOf = async (ids: readonly string[]): Promise<readonly string[]> =>
  (await letters.look(ids, soon())).map(({ state }) => state)

const FIXES = [
  { op: 'rename', from: 'ts', to: 'createdDateTime' },
  { op: 'cast', path: 'createdDateTime', to: 'epoch_milliseconds', unit: 's', zone: 'America/New_York' },
]
/** The same instant, as a renamed field in seconds, in seconds, and as local time of New York. */
const SECONDS = Math.floor(TIME / 1_000)
const DAMAGES = [{ ts: SECONDS }, { createdDateTime: SECONDS }, { createdDateTime: '2024-11-17 16:53:01' }] as const

const damaged = (count: number, at: number, more: object = {}): readonly NewDeadLetter[] =>
  Array.from({ length: count }, (_, number) => {
    const id = `event-${crypto.randomUUID()}`
    const record = { ...DAMAGES[number % 3], zipCode: '94107', id, ...more }
    const code = number % 3 === 0 ? 'missing_time' : 'ambiguous_time'
    return letterOf(record, { code, event: id, failedAt: at, isPublic: false })
  })

/** Archived ids of events, sorted, as often as they are there. */
const archived = async (messages: readonly EventMessage[]): Promise<readonly string[]> =>
  (await Promise.all(messages.map(archivedIn)))
    .flat()
    .map(({ id }) => id)
    .sort()

const eventsOf = (given: readonly NewDeadLetter[]): readonly (string | null)[] => given.map(({ event }) => event).sort()

describe('what the public sends and nobody can use', () => {
  it('is listed, shown as it came, and discarded with a reason', async () => {
    const { call, admin } = isolate()
    const event = `{"id":"${crypto.randomUUID()}","zipCode":"94107","long":12345678901234567890}`
    const sent = await json<EventsAnswer>(await call('/v1/events', { method: 'POST', body: `[${event}]` }))
    const id = sent.rejected[0]?.dead_letter ?? ''
    expect(await json<LetterWithPayload>(await admin(`/${id}`))).toMatchObject({
      ...{ id, state: 'waiting', stage: 'read', code: 'missing_time', is_public: true, is_cut: false },
      ...{ payload: event, payload_encoding: 'utf-8', model: 'late-arrival', attempts: 0 },
    })
    const page = await json<LetterPageAnswer>(await admin('?code=missing_time&state=waiting&limit=500'))
    expect(page.totals.by_code.missing_time).toBeGreaterThanOrEqual(1)
    expect(page.letters.every(({ code, state }) => code === 'missing_time' && state === 'waiting')).toBe(true)
    expect(await json(await admin('/discard', { ids: [id], reason: 'a test' }))).toEqual({
      discarded: [id],
      cursor: null,
    })
    expect(await json<LetterWithPayload>(await admin(`/${id}`))).toMatchObject({ state: 'discarded', reason: 'a test' })
    expect((await isolate().replay({ ids: [id] })).letters).toEqual([
      { id, outcome: 'not_replayable', events: 0, message: 'it was discarded' },
    ])
  })

  it('is kept byte for byte where it is no text', async () => {
    const { call, admin } = isolate()
    const body = new Uint8Array([0x7b, 0xff, 0xfe, 0x00])
    const answer = await call('/v1/events', { method: 'POST', body })
    expect(answer.status).toBe(400)
    const { dead_letter: id } = await json<Problem>(answer)
    expect(await json<LetterWithPayload>(await admin(`/${id}`))).toMatchObject({
      ...{ stage: 'receive', code: 'invalid_utf8', is_body: true, payload: 'e//+AA==', payload_encoding: 'base64' },
    })
  })
})

describe('a request of the operator', () => {
  it.each<[string, object | undefined, number, string]>([
    ['/no-such-letter', undefined, 404, 'unknown_dead_letter'],
    ['?state=lost', undefined, 400, 'invalid_parameter'],
    ['?cursor=next', undefined, 400, 'invalid_parameter'],
    ['?from=yesterday', undefined, 400, 'invalid_parameter'],
    ['/replay', {}, 400, 'invalid_parameter'],
    ['/replay', { ids: ['a'], filter: {} }, 400, 'invalid_parameter'],
    ['/replay', { ids: ['a'], fixes: [{ op: 'rename', from: 'a' }] }, 400, 'invalid_parameter'],
    ['/replay', { filter: { code: 'bad' } }, 400, 'invalid_parameter'],
    ['/discard', { ids: ['a'] }, 400, 'invalid_parameter'],
  ])('%s %o: %i %s', async (path, body, status, code) => {
    const answer = await isolate().admin(path, body)
    expect(answer.status).toBe(status)
    expect((await json<Problem>(answer)).code).toBe(code)
  })

  it('is told which rule is none', async () => {
    const { admin } = isolate()
    const fixes = [FIXES[0], { op: 'cast', path: 'a', to: 'integer' }]
    const { detail } = await json<Problem>(await admin('/replay', { ids: ['a'], fixes }))
    expect(detail).toBe('fixes.1.to: is "integer"; expected number, string or epoch_milliseconds')
  })

  it('needs the token', async () => {
    for (const [path, method] of [
      ['', 'GET'],
      ['/a', 'GET'],
      ['/replay', 'POST'],
      ['/discard', 'POST'],
    ] as const) {
      expect((await isolate().call(`/admin/dead-letters${path}`, { method })).status).toBe(401)
    }
  })
})

describe('a dry run', () => {
  it('tells what would become of each letter, and does nothing', async () => {
    const { replay, queue } = isolate()
    const { at, filter } = freshDay()
    const given = [
      ...damaged(6, at),
      letterOf({ zipCode: '94107' }, { failedAt: at, isPublic: false }),
      letterOf('not json {', { failedAt: at, isPublic: false, stage: 'receive', code: 'invalid_json' }),
      letterOf('{', { failedAt: at, isPublic: false, payload: { bytes: new Uint8Array([0x7b]), isCut: true } }),
    ]
    const ids = await keep(given)
    const { counts, fixes, letters: told } = await replay({ filter, fixes: FIXES, dry_run: true })
    expect(counts).toEqual({ would_replay: 6, replaying: 0, still_fails: 2, not_replayable: 1, unknown: 0 })
    expect(fixes).toEqual([
      { rule: 1, applied: 2, skipped: 4 },
      { rule: 2, applied: 6, skipped: 0 },
    ])
    expect(
      told.filter(({ outcome }) => outcome === 'still_fails').map(({ id, code, path }) => ({ id, code, path })),
    ).toEqual([
      { id: ids[6], code: 'missing_time', path: 'createdDateTime' },
      { id: ids[7], code: 'invalid_json', path: undefined },
    ])
    expect(told.find(({ outcome }) => outcome === 'not_replayable')?.message).toContain('cut')
    expect(queue.messages).toEqual([])
    expect(new Set(await statesOf(ids))).toEqual(new Set(['waiting']))
  })
})

describe('a replay', () => {
  it('archives each repaired event once, however often it is replayed and delivered', async () => {
    const { replay, queue, deliver } = isolate()
    const { at, filter } = freshDay()
    const given = damaged(30, at)
    const ids = await keep(given)
    expect((await replay({ filter, fixes: FIXES })).counts.replaying).toBe(30)
    expect(new Set(await statesOf(ids))).toEqual(new Set(['replaying']))
    expect((await replay({ ids, fixes: FIXES })).counts).toMatchObject({ replaying: 0, not_replayable: 30 })
    expect((await replay({ ids, fixes: FIXES, again: true })).counts.replaying).toBe(30)

    await deliver([...queue.messages].reverse())
    await deliver(queue.messages, { attempts: 2 })
    expect(new Set(await statesOf(ids))).toEqual(new Set(['replayed']))
    expect((await replay({ ids, fixes: FIXES, again: true })).counts).toMatchObject({
      replaying: 0,
      not_replayable: 30,
    })
    expect(await archived(queue.messages)).toEqual(eventsOf(given))
    const [line] = (await Promise.all(queue.messages.map(archivedIn))).flat()
    expect(line?.record).toMatchObject({ createdDateTime: SECONDS * 1_000, zipCode: '94107' })
  })

  it('that is interrupted after some batches goes on where it stopped', async () => {
    const { replay, admin, queue, deliver } = isolate()
    const { at, filter } = freshDay()
    const given = damaged(120, at, { padding: 'x'.repeat(9_000) })
    const ids = await keep(given)
    let sends = 0
    queue.refuses = () => ++sends > 2
    expect((await json<Problem>(await admin('/replay', { filter, fixes: FIXES }))).code).toBe('queue_unavailable')
    const states = await statesOf(ids)
    expect(states.filter((state) => state === 'replaying').length).toBeGreaterThan(0)
    expect(states.filter((state) => state === 'waiting').length).toBeGreaterThan(0)

    queue.refuses = () => false
    const { counts, cursor } = await replay({ filter, fixes: FIXES })
    expect(counts.replaying).toBe(states.filter((state) => state === 'waiting').length)
    expect(cursor).toBeNull()
    for (const message of queue.messages) await deliver([message])
    expect(await archived(queue.messages)).toEqual(eventsOf(given))
    expect(new Set(await statesOf(ids))).toEqual(new Set(['replayed']))
  })

  it.each<LetterFault>(['before', 'after'])(
    'that dies %s its letters are marked has one effect when it is done again',
    async (fault) => {
      let now: LetterFault = fault
      const { replay, admin, queue, deliver } = isolate({
        letters: (real) => faultyLetters(real, (method) => (method === 'move' ? now : 'none')),
      })
      const { at, filter } = freshDay()
      const given = damaged(9, at)
      const ids = await keep(given)
      expect((await admin('/replay', { filter, fixes: FIXES })).status).toBeGreaterThanOrEqual(500)
      now = 'none'
      // Other rules than before, which make another content of it.
      await replay({ ids, fixes: [...FIXES, { op: 'set', path: 'note', value: 'second' }], again: true })
      await deliver(queue.messages)
      expect(await archived(queue.messages)).toEqual(eventsOf(given))
      expect(new Set(await statesOf(ids))).toEqual(new Set(['replayed']))
    },
  )

  it('keeps the id of its first try for an event that has none, whatever rules it is repaired by', async () => {
    const { replay, queue, deliver } = isolate()
    const { at } = freshDay()
    const nameless = letterOf({ ts: SECONDS, zipCode: '94107', test: at }, { failedAt: at, isPublic: false })
    await keep([nameless])
    await replay({ ids: [nameless.id], fixes: FIXES })
    await replay({ ids: [nameless.id], fixes: [...FIXES, { op: 'set', path: 'a', value: 1 }], again: true })
    await deliver(queue.messages)
    expect(await archived(queue.messages)).toHaveLength(1)
  })

  it('makes one event of what was sent twice, but not of two letters whose time is that of their receipt', async () => {
    const { replay, queue, deliver } = isolate()
    const { at, filter } = freshDay()
    const same = { ts: SECONDS, zipCode: '94107', test: at }
    const timeless = { zipCode: '94107', test: at }
    const more = { failedAt: at, isPublic: false }
    const ids = await keep([
      letterOf(same, more),
      letterOf(same, more),
      letterOf(timeless, more),
      letterOf(timeless, more),
    ])
    await replay({
      filter,
      fixes: [...FIXES, { op: 'set', path: 'createdDateTime', from: 'received_at', if_missing: true }],
    })
    await deliver(queue.messages)
    expect(await archived(queue.messages)).toHaveLength(3)
    expect(new Set(await statesOf(ids))).toEqual(new Set(['replayed']))
  })

  it('replays every event of a body, or none', async () => {
    const { replay, queue, deliver } = isolate()
    const { at } = freshDay()
    const lines = [0, 1, 2].map((number) => JSON.stringify({ createdDateTime: TIME, test: at, number })).join('\n')
    const more = { failedAt: at, isPublic: false, stage: 'receive', code: 'invalid_json' } as const
    const [whole, broken] = await keep([letterOf(lines, more), letterOf(`${lines}\n{"number":3}`, more)])
    const { letters: told } = await replay({ ids: [whole, broken] })
    expect(told).toEqual([
      expect.objectContaining({ id: broken, outcome: 'still_fails', code: 'missing_time' }),
      { id: whole, outcome: 'replaying', events: 3 },
    ])
    await deliver(queue.messages)
    expect(await archived(queue.messages)).toHaveLength(3)
    expect(await statesOf([whole as string, broken as string])).toEqual(['replayed', 'waiting'])
  })

  it('leaves a letter waiting whose event fails again, and then replays it', async () => {
    const { replay, queue, deliver } = isolate()
    const { at } = freshDay()
    const id = `event-${crypto.randomUUID()}`
    const letter = letterOf(
      { createdDateTime: TIME, zipCode: '94107', id },
      { failedAt: at, isPublic: false, model: 'no-such-model' },
    )
    await keep([letter])
    await replay({ ids: [letter.id] })
    await deliver(queue.messages, { attempts: 10 })
    expect(await letters.look([letter.id], soon())).toMatchObject([{ state: 'waiting', firstFailedAt: at }])
    expect((await letters.look([letter.id], soon()))[0]?.lastFailedAt).toBeGreaterThan(at)
    expect((await replay({ ids: [letter.id] })).counts.replaying).toBe(1)
  })

  it('goes through a filter page by page', async () => {
    const { replay, queue } = isolate()
    const { at, filter } = freshDay()
    await keep([...damaged(5, at), letterOf({}, { failedAt: at, isPublic: false })])
    const first = await replay({ filter, fixes: FIXES, limit: 4 })
    expect(first.counts.replaying).toBe(4)
    const second = await replay({ filter, fixes: FIXES, limit: 4, cursor: first.cursor ?? undefined })
    expect(second).toMatchObject({ counts: { replaying: 1, still_fails: 1 }, cursor: null })
    expect(queue.messages.flatMap(({ events }) => events)).toHaveLength(5)
  })

  it('finds payloads in the bucket', async () => {
    const { replay, queue, deliver } = isolate()
    const { at } = freshDay()
    const id = `event-${crypto.randomUUID()}`
    const key = `payloads/test/${id}.json`
    const bytes = new TextEncoder().encode(JSON.stringify({ ts: SECONDS, id, padding: 'x'.repeat(200_000) }))
    await env.ARCHIVE.put(key, bytes)
    const reference = { key, bytes: bytes.length }
    const letter = letterOf('', { failedAt: at, isPublic: false, payload: { reference } })
    const gone = letterOf('', {
      failedAt: at,
      isPublic: false,
      payload: { reference: { key: `${key}-gone`, bytes: 1 } },
    })
    await keep([letter, gone])
    const { counts } = await replay({ ids: [letter.id, gone.id, 'nobody'], fixes: FIXES })
    expect(counts).toMatchObject({ replaying: 1, not_replayable: 1, unknown: 1 })
    await deliver(queue.messages)
    expect(await archived(queue.messages)).toEqual([id])
  })
})
