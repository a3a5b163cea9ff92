import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import type { EventsAnswer } from '../../../src/protocol/events.ts'
import { archiveHour } from '../../../src/protocol/store-keys.ts'
import { linesOf } from '../../../src/serving/consumer/archive-object.ts'

const TIME = 1731880381293

const send = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  exports.default.fetch(
    new Request('https://nearcast.test/v1/events', { method: 'POST', body: JSON.stringify(body), headers }),
  )

/** Archived lines of this hour and the one before, by the id of their event. */
const archivedLines = async (): Promise<ReadonlyMap<string, string>> => {
  const all = new Map<string, string>()
  for (const at of [Date.now() - 3_600_000, Date.now()]) {
    const { objects } = await env.ARCHIVE.list({ prefix: archiveHour(at) })
    for (const { key } of objects) {
      const object = await env.ARCHIVE.get(key)
      if (object === null) continue
      for (const [id, line] of await linesOf(new Uint8Array(await object.arrayBuffer()))) all.set(id, line)
    }
  }
  return all
}

/** The archived ids of this hour and the one before that begin with `mark`, as often as they are there. */
const archived = async (mark: string): Promise<readonly string[]> => {
  const ids: string[] = []
  for (const at of [Date.now() - 3_600_000, Date.now()]) {
    const { objects } = await env.ARCHIVE.list({ prefix: archiveHour(at) })
    for (const { key } of objects) {
      const object = await env.ARCHIVE.get(key)
      if (object === null) continue
      const lines = await linesOf(new Uint8Array(await object.arrayBuffer()))
      ids.push(...[...lines.keys()].filter((id) => id.startsWith(mark)))
    }
  }
  return ids.sort()
}

describe('from POST /v1/events through the queue to the archive', () => {
  it('an event that was accepted, however often, is archived once', async () => {
    const mark = `${crypto.randomUUID()}-`
    const events = Array.from({ length: 250 }, (_, index) => ({
      event_id: `${mark}${String(index).padStart(3, '0')}`,
      createdDateTime: TIME + index,
      zipCode: '94107',
      text: index % 100 === 7 ? 'x'.repeat(120_000) : '',
    }))
    const sends = [events, events.slice(100), [...events].reverse().slice(0, 30)]
    for (const body of sends) {
      const response = await send(body)
      expect(response.status).toBe(202)
      expect(((await response.json()) as EventsAnswer).accepted).toBe(body.length)
    }
    let found: readonly string[] = []
    for (let tries = 0; tries < 300 && found.length < events.length; tries++) {
      await systemTimers.sleep(100)
      found = await archived(mark)
    }
    // What is still on its way would only add.
    await systemTimers.sleep(2_000)
    expect(await archived(mark)).toEqual(events.map(({ event_id }) => event_id))
  })

  it('a trace goes along, from the header of the request or from beside its events', async () => {
    const traces = ['4bf92f3577b34da6a3ce929d0e0e4736', '0af7651916cd43dd8448eb211c80319c'] as const
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()]
    const event = (event_id: string) => ({ event_id, createdDateTime: TIME, zipCode: '94107' })
    await send([event(first)], { traceparent: `00-${traces[0]}-00f067aa0ba902b7-01` })
    await send({ traceparent: `00-${traces[1]}-b7ad6b7169203331-01`, events: [event(second)] })
    let lines: ReadonlyMap<string, string> = new Map()
    for (let tries = 0; tries < 300 && !(lines.has(first) && lines.has(second)); tries++) {
      await systemTimers.sleep(100)
      lines = await archivedLines()
    }
    expect([first, second].map((id) => JSON.parse(lines.get(id) ?? '{}')._source?.nearcast.trace_id)).toEqual(traces)
  })
})
