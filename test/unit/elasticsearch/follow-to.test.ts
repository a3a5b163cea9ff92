import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { deliver, type RejectedEvent } from '../../../src/cli/elasticsearch/follow-to.ts'
import { SourceFailure } from '../../../src/cli/featurize/source.ts'
import { type Document, FakeSearchServer } from './fake-search-server.ts'
import { running } from './read-sources.ts'
import { type Sink, type SinkAnswer, startSink, takeAll } from './sink.ts'

const FIELD = { name: '@timestamp', isDate: true, perMillisecond: 1 }
const LATENESS_MILLISECONDS = 60_000

let directory: string
let sink: Sink | undefined
const rejected: RejectedEvent[] = []
const predicted: object[] = []
const notices: string[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nearcast-follow-'))
  for (const list of [rejected, predicted, notices]) list.length = 0
})
afterEach(async () => {
  rmSync(directory, { recursive: true })
  await sink?.close()
  sink = undefined
})

const minutesAgo = (id: string, minutes: number, shard = 0): Document => ({
  id,
  times: [Date.now() - Math.floor(minutes * 60_000)],
  shard,
})

const serverWith = (documents: readonly Document[]): FakeSearchServer => {
  const server = new FakeSearchServer('opensearch')
  server.add(documents)
  return server
}

const sinkThat = async (answer: (ids: readonly string[], request: number) => SinkAnswer): Promise<Sink> => {
  sink = await startSink(answer)
  return sink
}

const run = (
  server: FakeSearchServer,
  { url }: Sink,
  flags: { isEndless?: boolean; index?: string } = {},
  signal = running(),
) =>
  deliver(
    { server, selection: { index: flags.index ?? 'events', query: undefined, field: FIELD } },
    {
      reading: { parallel: 1, keepAlive: '1m', pageHits: 100 },
      follow: {
        isEndless: flags.isEndless ?? false,
        checkpoint: join(directory, 'checkpoint.json'),
        everyMilliseconds: 10,
        latenessMilliseconds: LATENESS_MILLISECONDS,
        fromMilliseconds: undefined,
      },
      target: { url, deadlineMilliseconds: 2_000, attempts: 4 },
      reject: (event) => rejected.push(event),
      predictions: (predictions) => predicted.push(...predictions),
      notice: (message) => notices.push(message),
    },
    signal,
  )

const idsOf = ({ requests }: Sink): string[] => requests.flatMap((hits) => hits.map(({ _id }) => _id))

describe('events for a worker', () => {
  it('are posted in the order of their time, once, and not again by the next run', async () => {
    const server = serverWith([minutesAgo('b', 20), minutesAgo('a', 30), minutesAgo('c', 0)])
    const worker = await sinkThat(takeAll)
    expect(await run(server, worker)).toEqual({ accepted: 3, rejected: 0 })
    expect(await run(server, worker)).toEqual({ accepted: 0, rejected: 0 })
    expect(idsOf(worker)).toEqual(['a', 'b', 'c'])
    expect(worker.contentTypes).toEqual(['application/x-ndjson'])
  })

  it('are still found when they become visible late, and of one millisecond as others', async () => {
    const now = minutesAgo('now', 0)
    const server = serverWith([now, minutesAgo('old', 600)])
    const worker = await sinkThat(takeAll)
    await run(server, worker)
    server.add([minutesAgo('late', 0.5), { ...now, id: 'same', shard: 1 }])
    await run(server, worker)
    await run(server, worker)
    expect(idsOf(worker)).toEqual(['old', 'now', 'late', 'same'])
  })

  it('are remembered in the checkpoint only as long as late ones may come beside them', async () => {
    const server = serverWith([minutesAgo('old', 600), minutesAgo('young', 0.5)])
    await run(server, await sinkThat(takeAll))
    const { state } = JSON.parse(readFileSync(join(directory, 'checkpoint.json'), 'utf8'))
    expect(state.delivered).toHaveLength(1)
    expect(state.from).toBeGreaterThan(Date.now() - LATENESS_MILLISECONDS - 10_000)
    expect(state.events).toBe(2)
  })

  it('are posted again after 429, 5xx and a connection that was cut', async () => {
    const answers: SinkAnswer[] = [{ status: 429, headers: { 'retry-after': '0' } }, { status: 503 }, { status: 0 }]
    const worker = await sinkThat((ids, request) => answers[request - 1] ?? takeAll(ids))
    expect(await run(serverWith([minutesAgo('a', 5)]), worker)).toEqual({ accepted: 1, rejected: 0 })
    expect(worker.requests).toHaveLength(4)
  })

  it('do not pass the checkpoint before the worker has taken them', async () => {
    const many = Array.from({ length: 250 }, (_, index) => minutesAgo(`d${index}`, 500 - index))
    const worker = await sinkThat((ids, request) =>
      request === 2 ? { status: 400, body: { detail: 'no' } } : takeAll(ids),
    )
    const failing = run(serverWith(many), worker)
    await expect(failing).rejects.toThrow(SourceFailure)
    await expect(failing).rejects.toThrow(
      /\/v1\/events answered 400: no; the checkpoint holds what was delivered before$/,
    )
    expect(await run(serverWith(many), worker)).toEqual({ accepted: 150, rejected: 0 })
    expect(idsOf(worker).slice(-150)).toEqual(many.slice(100).map(({ id }) => id))
  })

  it('that the worker rejects are told of, whole', async () => {
    const error = { code: 'missing_time', message: 'no time' }
    const body = { accepted: 1, rejected: [{ index: 1, id: 'b', error }] }
    const worker = await sinkThat(() => ({ status: 202, body }))
    const server = serverWith([minutesAgo('a', 9), minutesAgo('b', 8)])
    expect(await run(server, worker)).toEqual({ accepted: 1, rejected: 1 })
    expect(rejected).toHaveLength(1)
    expect(rejected[0]).toMatchObject(error)
    expect(JSON.parse(rejected[0]?.raw ?? '')).toMatchObject({ _id: 'b' })
  })

  it('are posted in halves where the worker takes smaller bodies, down to one that is too large', async () => {
    const worker = await sinkThat((ids) => (ids.includes('c') || ids.length > 2 ? { status: 413 } : takeAll(ids)))
    const server = serverWith(['a', 'b', 'c', 'd', 'e'].map((id, index) => minutesAgo(id, 9 - index)))
    expect(await run(server, worker)).toEqual({ accepted: 4, rejected: 1 })
    expect(rejected.map(({ code, raw }) => [code, JSON.parse(raw)._id])).toEqual([['body_too_large', 'c']])
  })

  it('give predictions where the address answers with them', async () => {
    const worker = await sinkThat((ids) => {
      const errors = [{ index: 0, id: ids[0], error: { code: 'missing_time', message: 'no time' } }]
      return { status: 200, body: { predictions: [...errors, ...ids.slice(1).map((id) => ({ id, outputs: {} }))] } }
    })
    const server = serverWith([minutesAgo('a', 9), minutesAgo('b', 8)])
    expect(await run(server, worker)).toEqual({ accepted: 1, rejected: 1 })
    expect(predicted).toEqual([{ id: 'b', outputs: {} }])
  })

  it('are not taken for delivered by a server that is no worker', async () => {
    const worker = await sinkThat(() => ({ status: 200, body: { hello: 'world' } }))
    await expect(run(serverWith([minutesAgo('a', 9)]), worker)).rejects.toThrow(
      /answered neither "accepted" nor "predictions"/,
    )
  })

  it('without a time are told of, since they have no place in a stream', async () => {
    const server = serverWith([minutesAgo('a', 9), { id: 'timeless', times: [], shard: 0 }])
    await run(server, await sinkThat(takeAll))
    expect(notices).toEqual(['documents without @timestamp are not sent: 1'])
  })

  it('of another index do not go on from this checkpoint', async () => {
    const worker = await sinkThat(takeAll)
    await run(serverWith([minutesAgo('a', 9)]), worker)
    await expect(run(serverWith([]), worker, { index: 'others' })).rejects.toThrow(UsageError)
  })
})

describe('an endless stream', () => {
  it('delivers what comes, outlives a worker that is gone for a while, and ends when it is stopped', async () => {
    const server = serverWith([minutesAgo('a', 9)])
    let isGone = false
    const taken: string[] = []
    const worker = await sinkThat((ids) => {
      if (isGone) return { status: 503, headers: { 'retry-after': '0' } }
      taken.push(...ids)
      return takeAll(ids)
    })
    const stop = new AbortController()
    const stream = run(server, worker, { isEndless: true }, stop.signal)
    await vi.waitFor(() => expect(taken).toEqual(['a']), 20_000)
    isGone = true
    server.add([minutesAgo('b', 0)])
    await vi.waitFor(() => expect(notices.length).toBeGreaterThan(0), 20_000)
    isGone = false
    await vi.waitFor(() => expect(taken).toEqual(['a', 'b']), 20_000)
    await pause(100)
    stop.abort()
    expect(await stream).toEqual({ accepted: 2, rejected: 0 })
    expect(notices[0]).toMatch(/\/v1\/events answered 503: \{\} \(4 attempts\); looking again later$/)
  })
})
