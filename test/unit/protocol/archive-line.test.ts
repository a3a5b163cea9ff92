import { describe, expect, it } from 'vitest'
import { readEvent } from '../../../src/core/event/read-event.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { type ArchivedEvent, archiveLine, MAX_LINE_DEPTH, readArchiveLine } from '../../../src/protocol/archive-line.ts'
import { parseJson } from '../../../src/protocol/parse-json.ts'

const TIME = 1731880381293

const prediction = (over: Partial<Prediction> = {}): Prediction => ({
  id: 'e-1',
  model_name: 'late-arrival',
  model_version: '1.0.0',
  outputs: { late_probability: 0.25 },
  features: { hour_of_day: 21 },
  event_time: { epoch_ms: TIME, method: 'stated', uncertainty_ms: null },
  zip: '94107',
  zip_source: 'event',
  zip_data: '2026-11',
  imputed: [],
  warnings: [],
  ...over,
})

const archived = (value: JsonObject, over: Partial<ArchivedEvent> = {}, timePath?: string): JsonObject => {
  const { record, timeKeys } = readEvent(value, { now: () => TIME, ...(timePath && { timePath }) })
  const line = archiveLine({
    id: 'e-1',
    record,
    timeKeys,
    zipPath: 'zipCode',
    prediction: prediction(),
    message: 'm-1',
    receivedAt: TIME + 5,
    sentAt: null,
    isBot: false,
    traceId: null,
    letter: null,
    ...over,
  })
  expect(line).not.toContain('\n')
  return parseJson(line, undefined, MAX_LINE_DEPTH) as JsonObject
}
const sourceOf = (line: JsonObject): JsonObject => line._source as JsonObject
const noteOf = (line: JsonObject): JsonObject => sourceOf(line).nearcast as JsonObject

describe('a line of the archive', () => {
  it('of the deepest event that is taken can be read', () => {
    const deepest = (key: string): JsonObject =>
      parseJson(`{"createdDateTime":${TIME},"${key}":${'['.repeat(63)}${']'.repeat(63)}}`) as JsonObject
    expect(sourceOf(archived(deepest('deep'))).deep).toEqual(deepest('deep').deep)
    expect(noteOf(archived(deepest('nearcast'))).original).toEqual(deepest('nearcast').nearcast)
  })

  it('holds the record as it was sent and the answer beside it', () => {
    const record = { createdDateTime: TIME, zipCode: '94107', cart: { value: 3 }, order: 12345678901234567890n }
    expect(archived(record)).toEqual({
      _index: 'nearcast-events',
      _id: 'e-1',
      _source: {
        ...record,
        nearcast: {
          format: 1,
          message: 'm-1',
          received_at: TIME + 5,
          model_name: 'late-arrival',
          model_version: '1.0.0',
          outputs: { late_probability: 0.25 },
          features: { hour_of_day: 21 },
          event_time: { epoch_ms: TIME, method: 'stated', uncertainty_ms: null },
          zip: '94107',
          zip_source: 'event',
          zip_data: '2026-11',
          imputed: [],
          warnings: [],
        },
      },
    })
  })

  it('keeps sent_at out of the record, so that the event may be sent again from the archive', () => {
    const line = archived({ createdDateTime: TIME, sent_at: TIME + 1 }, { sentAt: TIME + 1 })
    expect(sourceOf(line)).not.toHaveProperty('sent_at')
    expect(noteOf(line)).toMatchObject({ sent_at: TIME + 1 })
  })

  it('leaves a sent_at that is the time of the event where it is', () => {
    expect(sourceOf(archived({ sent_at: TIME }, {}, 'sent_at'))).toMatchObject({ sent_at: TIME })
  })

  it('takes the record out of a hit', () => {
    const hit = { _index: 'sessions', _id: 'e-1', _source: { createdDateTime: TIME, zipCode: '94107' } }
    expect(archived(hit)).toMatchObject({ _index: 'nearcast-events', _source: { createdDateTime: TIME } })
  })

  it('puts the instant that was used where the stated time stood, in a form that needs no unit', () => {
    const moved = prediction({ event_time: { epoch_ms: TIME - 1, method: 'corrected', uncertainty_ms: 300_000 } })
    const line = archived({ createdDateTime: TIME, zipCode: '94107' }, { prediction: moved })
    expect(sourceOf(line).createdDateTime).toBe('2024-11-17T21:53:01.292Z')
    expect(noteOf(line).stated_time).toBe(TIME)

    const now = prediction({ event_time: { epoch_ms: TIME, method: 'received', uncertainty_ms: 0 } })
    const nested = archived({ meta: { at: 'now', by: 'x' } }, { prediction: now }, 'meta.at')
    expect(sourceOf(nested).meta).toEqual({ at: '2024-11-17T21:53:01.293Z', by: 'x' })
    expect(noteOf(nested).stated_time).toBe('now')
    const flat = archived({ 'meta.at': 'now' }, { prediction: now }, 'meta.at')
    expect(sourceOf(flat)['meta.at']).toBe('2024-11-17T21:53:01.293Z')
  })

  it.each([{}, { TIME_UNIT: 's' }] as const)(
    'is read back to the instant it was predicted at, %j',
    ({ TIME_UNIT }: { TIME_UNIT?: 's' }) => {
      const moved = prediction({ event_time: { epoch_ms: TIME - 1, method: 'corrected', uncertainty_ms: 1 } })
      const line = archived({ createdDateTime: TIME, zipCode: '94107' }, { prediction: moved })
      const read = readEvent(line, { now: () => 0, timeUnit: TIME_UNIT })
      expect([read.id, read.epochMilliseconds, read.zip]).toEqual(['e-1', TIME - 1, '94107'])
    },
  )

  it('puts the zip of the edge where one is read from', () => {
    const line = archived({ createdDateTime: TIME }, { prediction: prediction({ zip_source: 'edge' }) })
    expect(readEvent(line, { now: () => 0 }).zip).toBe('94107')
    const configured = archived(
      { createdDateTime: TIME, ship: { to: null } },
      { prediction: prediction({ zip_source: 'edge' }), zipPath: 'ship.to' },
    )
    expect(readEvent(configured, { now: () => 0, zipPath: 'ship.to' }).zip).toBe('94107')
  })

  it('keeps what the sender had put under nearcast, and names bots, traces, letters and sent_at', () => {
    const line = archived(
      { createdDateTime: TIME, nearcast: { format: 7 } },
      { isBot: true, traceId: 'a'.repeat(32), letter: 'l-1', sentAt: TIME + 1 },
    )
    expect(noteOf(line)).toMatchObject({
      format: 1,
      original: { format: 7 },
      bot: true,
      trace_id: 'a'.repeat(32),
      letter: 'l-1',
      sent_at: TIME + 1,
    })
  })

  it('is read back in its parts, and nothing else is', () => {
    const record = { createdDateTime: TIME, zipCode: '94107', ['__proto__']: 1 }
    const line = readArchiveLine(archived(record))
    expect(line).toMatchObject({ id: 'e-1', record, note: { message: 'm-1' }, prediction: prediction() })
    for (const other of [null, [], {}, { _id: 'a', _source: {} }, { _id: 'a', _source: { nearcast: { format: 2 } } }]) {
      expect(readArchiveLine(other)).toBeNull()
    }
  })
})
