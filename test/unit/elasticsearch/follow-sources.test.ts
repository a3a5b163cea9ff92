import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ServerFailure } from '../../../src/cli/elasticsearch/failure.ts'
import { streamSources } from '../../../src/cli/elasticsearch/follow-sources.ts'
import { FakeSearchServer } from './fake-search-server.ts'
import { idsOf, textOf } from './read-sources.ts'

const FIELD = { name: '@timestamp', isDate: true, perMillisecond: 1 }

let directory: string
const notices: string[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nearcast-stream-'))
  notices.length = 0
})
afterEach(() => rmSync(directory, { recursive: true }))

const pathOf = (part: string): string => join(directory, `${part}.txt`)

const stream = (server: FakeSearchServer, signal: AbortSignal) =>
  streamSources(
    { server, selection: { index: 'events', query: undefined, field: FIELD } },
    {
      reading: { parallel: 1, keepAlive: '1m', pageHits: 10 },
      follow: {
        isEndless: true,
        checkpoint: join(directory, 'checkpoint.json'),
        everyMilliseconds: 5,
        latenessMilliseconds: 60_000,
        fromMilliseconds: undefined,
      },
      isFinished: (part) => existsSync(pathOf(part)),
      notice: (message) => notices.push(message),
    },
    signal,
  )

const serverWith = (ids: readonly string[]): FakeSearchServer => {
  const server = new FakeSearchServer('opensearch')
  server.add(ids.map((id) => ({ id, times: [Date.now() - 1_000], shard: 0 })))
  return server
}

/** Reads and finishes parts until `parts` of them were, then stops. */
const writeParts = async (server: FakeSearchServer, parts: number): Promise<[string, string[]][]> => {
  const stop = new AbortController()
  const written: [string, string[]][] = []
  for await (const source of stream(server, stop.signal)) {
    const ids = idsOf(await textOf(source))
    writeFileSync(pathOf(source.part), ids.join('\n'))
    written.push([source.part, ids])
    if (written.length === 1) server.add([{ id: 'new', times: [Date.now() - 2_000], shard: 0 }])
    if (written.length === parts) stop.abort()
  }
  return written
}

describe('a stream that is written', () => {
  it('is a part for each look that finds something, and goes on in the next run', async () => {
    const server = serverWith(['a', 'b'])
    expect(await writeParts(server, 2)).toEqual([
      ['events-000001', ['a', 'b']],
      ['events-000002', ['new']],
    ])
    server.add([{ id: 'last', times: [Date.now()], shard: 0 }])
    expect(await writeParts(server, 1)).toEqual([['events-000003', ['last']]])
  })

  it('gives a part again whose run ended before it was finished', async () => {
    const server = serverWith(['a'])
    const [source] = [(await stream(server, new AbortController().signal).next()).value]
    if (source === undefined) throw new Error('no source')
    expect(idsOf(await textOf(source))).toEqual(['a'])
    expect(await writeParts(server, 1)).toEqual([['events-000001', ['a']]])
  })

  it('does not give a part again that was finished by a run that could not say so any more', async () => {
    const server = serverWith(['a'])
    const source = (await stream(server, new AbortController().signal).next()).value
    if (source === undefined) throw new Error('no source')
    writeFileSync(pathOf(source.part), idsOf(await textOf(source)).join('\n'))
    server.add([{ id: 'b', times: [Date.now()], shard: 0 }])
    expect(await writeParts(server, 1)).toEqual([['events-000002', ['b']]])
  })

  it('makes a shorter part of what came before the server failed, and looks again', async () => {
    const server = serverWith(Array.from({ length: 25 }, (_, index) => `d${index}`))
    server.beforeSearch = () => {
      if (server.searches === 2) throw new ServerFailure('busy', { isPassing: true })
    }
    const written = await writeParts(server, 2)
    expect(written.map(([, ids]) => ids.length)).toEqual([10, 16])
    expect(new Set(written.flatMap(([, ids]) => ids)).size).toBe(26)
    expect(notices).toEqual(['http://search.example/events: busy; looking again later'])
  })
})
