import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { archiveKey } from '../../../src/protocol/store-keys.ts'
import { letterId } from '../../../src/serving/letters/letter-id.ts'
import { seedZips } from '../http/seed.ts'
import {
  archivedIn,
  beginReplay,
  consuming,
  countedUnder,
  good,
  idsOf,
  letterBeingReplayed,
  letters,
  lettersOf,
  linesIn,
  messageOf,
  queued,
  soon,
  TIME,
  timeless,
  whereabouts,
} from './queue-bench.ts'

describe('the consumer of the queue', () => {
  it('archives each event with what it was predicted from and with', async () => {
    const { deliver } = consuming()
    const event = good({ id: `event-é-1${crypto.randomUUID()}`, sentAt: TIME })
    const message = messageOf([event])
    expect(await deliver([message])).toEqual({ done: [message.id], again: [] })
    const object = await env.ARCHIVE.head(archiveKey(message.id, message.receivedAt))
    expect(object?.key).toMatch(/^archive\/\d{4}-\d\d-\d\d\/\d\d\/[0-9a-f-]{36}\.ndjson\.gz$/)
    const [line] = await linesIn(message)
    expect(JSON.parse(line)).toMatchObject({
      _index: 'nearcast-events',
      _id: event.id,
      _source: {
        zipCode: '94107',
        nearcast: {
          format: 1,
          message: message.id,
          received_at: event.receivedAt,
          model_name: 'late-arrival',
          model_version: '1.0.0',
          outputs: { late_probability: expect.any(Number) },
          features: { hour_of_day: expect.any(Number), latitude: expect.any(Number) },
          zip: '94107',
          zip_source: 'event',
        },
      },
    })
  })

  it('says in the log, and in the archive, in which trace an event came', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { deliver } = consuming()
    const trace = '0af7651916cd43dd8448eb211c80319c'
    const message = messageOf([good(), timeless()], { traceparent: `00-${trace}-b7ad6b7169203331-01` })
    await deliver([message])
    const said = errors.mock.calls.map(([line]) => JSON.parse(line as string))
    errors.mockRestore()
    expect(said.filter(({ message: words }) => words.includes(message.id))).toEqual([
      expect.objectContaining({
        message: `message ${message.id}: 1 events given up: missing_time`,
        'trace.id': trace,
        'labels.parent_span_id': 'b7ad6b7169203331',
      }),
    ])
    const [line] = await linesIn(message)
    expect(JSON.parse(line)._source.nearcast.trace_id).toBe(trace)
  })

  it('waits longer for the zip store than a prediction may: what is archived is trained on', async () => {
    await seedZips()
    const { deliver } = consuming({
      zipStore: (real) => ({
        read: async (...call) => {
          await systemTimers.sleep(100)
          return real.read(...call)
        },
      }),
    })
    const message = messageOf([good()])
    await deliver([message])
    expect(await archivedIn(message)).toMatchObject([{ prediction: { imputed: [], warnings: [] } }])
  })

  it('writes nothing twice for a batch that is delivered five times, each time in another grouping', async () => {
    const { deliver, mark } = consuming()
    const messages = Array.from({ length: 8 }, () =>
      messageOf([...Array.from({ length: 5 }, () => good()), timeless()]),
    )
    const shared = good()
    const both = [messageOf([shared, good()]), messageOf([good(), shared])]
    const all = [...messages, ...both]
    await deliver(all)
    await deliver([...all].reverse(), { attempts: 2 })
    await Promise.all([deliver(all.slice(0, 3), { attempts: 3 }), deliver(all.slice(2), { attempts: 3 })])
    for (const message of all) await deliver([message, message], { attempts: 4 })
    await deliver([...all.slice(5), ...all.slice(0, 5)], { attempts: 5 })

    const accepted = [...new Set(all.flatMap(({ events }) => events.map(({ id }) => id)))].sort()
    const { archived, waiting } = await whereabouts(all)
    expect([...archived, ...waiting].sort()).toEqual(accepted)
    expect(waiting).toEqual(messages.map(({ events }) => events[5].id).sort())
    expect(await countedUnder(mark)).toBe(accepted.length)
  })

  it('makes a dead letter of the one event of a hundred that can never be read, and archives the others', async () => {
    const { deliver, mark } = consuming()
    const bad = timeless()
    const rest = Array.from({ length: 99 }, () => good())
    const message = messageOf([...rest.slice(0, 40), bad, ...rest.slice(40)])
    expect((await deliver([message])).done).toEqual([message.id])
    expect(idsOf(rest)).toEqual((await archivedIn(message)).map(({ id }) => id).sort())
    const [letter, ...none] = await lettersOf([message])
    expect(none).toEqual([])
    expect(letter).toMatchObject({
      id: letterId(message.id, bad.id),
      state: 'waiting',
      stage: 'read',
      code: 'missing_time',
      event: bad.id,
      attempts: 1,
      receivedAt: bad.receivedAt,
      isPublic: false,
    })
    expect(new TextDecoder().decode('bytes' in letter.payload ? letter.payload.bytes : undefined)).toBe(
      '{"zipCode":"94107"}',
    )
    expect(await countedUnder(mark)).toBe(100)
  })

  it('keeps the first copy of an id in one message, and every event that has no identity', async () => {
    const { deliver } = consuming()
    const first = queued({ createdDateTime: TIME, zipCode: '94107', copy: 1 })
    const second = queued({ createdDateTime: TIME, zipCode: '94107', copy: 2 }, { id: first.id })
    const nameless = [0, 1].map(() => queued({ createdDateTime: 'now', zipCode: '94107' }, { hasIdentity: false }))
    const message = messageOf([first, second, ...nameless])
    await deliver([message])
    await deliver([message], { attempts: 2 })
    const lines = await archivedIn(message)
    expect(lines.map(({ id }) => id).sort()).toEqual(idsOf([first, ...nameless]))
    expect(lines.find(({ id }) => id === first.id)?.record).toMatchObject({ copy: 1 })
  })

  it('predicts and counts the events of those who opted out, and keeps nothing of them', async () => {
    const { deliver, mark } = consuming()
    const message = messageOf([good(), good(), timeless()], { isOptedOut: true })
    expect((await deliver([message])).done).toEqual([message.id])
    expect(await whereabouts([message])).toEqual({ archived: [], waiting: [] })
    expect(await env.ARCHIVE.head(archiveKey(message.id, message.receivedAt))).toBeNull()
    expect(await countedUnder(mark)).toBe(3)
  })

  it('only archives what was answered already', async () => {
    const { deliver, mark } = consuming()
    const before = messageOf([good()])
    await deliver([before])
    const [{ prediction }] = await archivedIn(before)
    const answered = { ...prediction, outputs: { late_probability: 0.123 } }
    const event = good({
      prediction: {
        ...answered,
        id: 'x',
        event_time: { ...answered.event_time, method: 'stated', uncertainty_ms: null },
      },
    })
    const message = messageOf([event])
    await deliver([message])
    expect((await archivedIn(message))[0].prediction).toMatchObject({
      id: event.id,
      outputs: { late_probability: 0.123 },
    })
    expect(await countedUnder(mark)).toBe(1)
  })

  it('reads an event that was too large for its message from the bucket', async () => {
    const { deliver } = consuming()
    const record = { createdDateTime: TIME, zipCode: '94107', order: 12345678901234567890n, text: 'x'.repeat(150_000) }
    const text = JSON.stringify({ ...record, order: 0 }).replace('"order":0', '"order":12345678901234567890')
    const key = `payloads/2026-11-25/${crypto.randomUUID()}-0.json`
    await env.ARCHIVE.put(key, text)
    const large = queued({}, { payload: { reference: { key, bytes: text.length } } })
    const gone = queued({}, { payload: { reference: { key: `${key}.gone`, bytes: 5 } } })
    const message = messageOf([good(), large, gone])
    expect((await deliver([message])).done).toEqual([message.id])
    const line = (await archivedIn(message)).find(({ id }) => id === large.id)
    expect(line?.record).toEqual(record)
    expect(await lettersOf([message])).toMatchObject([
      { event: gone.id, code: 'unknown_object', payload: { reference: { key: `${key}.gone`, bytes: 5 } } },
    ])
  })

  it('has the large payloads of one message in memory at a time, and the other messages do not wait for them', async () => {
    const text = JSON.stringify({ createdDateTime: TIME, zipCode: '94107', text: 'x'.repeat(150_000) })
    const keys = [0, 1, 2].map((index) => `payloads/2026-11-25/${crypto.randomUUID()}-${index}.json`)
    for (const key of keys) await env.ARCHIVE.put(key, text)
    const heavy = keys.map((key) => messageOf([queued({}, { payload: { reference: { key, bytes: text.length } } })]))
    const light = [0, 1, 2].map(() => messageOf([good()]))
    const calls: string[] = []
    const { deliver } = consuming({
      events: (real) => ({
        ...real,
        get: async (key, deadline) => {
          calls.push('read')
          return await real.get(key, deadline)
        },
        put: async (key, bytes, deadline) => {
          const isHeavy = heavy.some(({ id, receivedAt }) => key === archiveKey(id, receivedAt))
          if (isHeavy) await new Promise((done) => setTimeout(done, 20))
          calls.push(isHeavy ? 'write' : 'light')
          await real.put(key, bytes, deadline)
        },
      }),
    })
    expect((await deliver([...heavy, ...light])).again).toEqual([])
    const ofHeavy = calls.filter((call) => call !== 'light')
    expect(ofHeavy).toEqual(['read', 'write', 'read', 'write', 'read', 'write'])
    expect(calls.lastIndexOf('light')).toBeLessThan(calls.lastIndexOf('write'))
  })

  it('makes a dead letter of a message that is none of ours, once', async () => {
    const { deliverTexts, deliver } = consuming()
    const ids = [crypto.randomUUID(), crypto.randomUUID()]
    const texts = [
      { id: ids[0], body: 'not json' },
      { id: ids[1], body: { format: 9 } },
    ]
    expect((await deliverTexts(texts)).done).toEqual(ids)
    expect((await deliverTexts(texts, { attempts: 2 })).done).toEqual(ids)
    await deliver([messageOf([good()])])
    const kept = await letters.get(
      ids.map((id) => letterId(id, '')),
      soon(),
    )
    expect(kept).toHaveLength(2)
    expect(kept[0]).toMatchObject({ stage: 'deliver', code: 'invalid_json', state: 'waiting' })
    expect(new TextDecoder().decode('bytes' in kept[0].payload ? kept[0].payload.bytes : undefined)).toBe('not json')
  })

  it('gives a replayed event its effect once, and tells its letter', async () => {
    const { deliver } = consuming()
    const letter = crypto.randomUUID()
    await letterBeingReplayed(letter)
    const id = crypto.randomUUID()
    const replays = [0, 1, 2].map(() => messageOf([good({ id, letter })]))
    expect((await deliver(replays)).done).toEqual(replays.map((message) => message.id))
    expect((await whereabouts(replays)).archived).toEqual([id])
    expect(await letters.look([letter], soon())).toMatchObject([{ state: 'replayed' }])
    const [line] = (await Promise.all(replays.map(archivedIn))).flat()
    expect(line.note.letter).toBe(letter)
  })

  it('keeps a replayed event that fails again under its old letter, to be replayed once more', async () => {
    const { deliver } = consuming()
    const letter = crypto.randomUUID()
    await letterBeingReplayed(letter)
    const id = crypto.randomUUID()
    await deliver([messageOf([timeless({ id, letter })])])
    expect(await letters.look([letter], soon())).toMatchObject([{ state: 'waiting', attempts: 2 }])
    await beginReplay(letter)
    const better = messageOf([good({ id, letter })])
    await deliver([better])
    expect((await whereabouts([better])).archived).toEqual([id])
    expect(await letters.look([letter], soon())).toMatchObject([{ state: 'replayed' }])
  })
})
