import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type BuiltCli, buildCli, type CliResult } from '../../support/featurize-cli.ts'
import {
  argsFor,
  closeServers,
  filesIn,
  IDS,
  idsOf,
  node,
  partsIn,
  rowsOf,
  sinkThat,
  watched,
} from './server-command.ts'
import { takeAll } from './sink.ts'

/** Of the events that came while the fixture was recorded. */
const LATER = Array.from({ length: 10 }, (_, index) => `later${String(index).padStart(6, '0')}`)

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())
afterEach(closeServers)

const read = (from: { url: string }, args: readonly string[], folder: string): Promise<CliResult> =>
  cli.featurize(argsFor(from, args), undefined, folder)

/** The same in every look, as it was recorded: all is asked for from here on, and nothing is taken to be settled. */
const STREAM = ['--follow', '--from', '2024-11-17T00:00:00Z', '--lateness', '5000d', '--every', '100ms']

const checkpointIn = (path: string): { readonly part: number; readonly pending: null; readonly state: object } =>
  JSON.parse(readFileSync(path, 'utf8')) as never

describe('--follow --to', () => {
  it('posts each event once, in the order of time, over a worker that is busy and a run that is started again', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-followed')
    const taken: string[] = []
    const worker = await sinkThat((ids, request) => {
      if (request === 1) return { status: 503, headers: { 'retry-after': '0' } }
      taken.push(...ids)
      return takeAll(ids)
    })
    const args = argsFor(from, [...STREAM, '--to', worker.url, '--checkpoint', 'checkpoint.json'])
    const first = watched(cli.start(args, folder))
    const checkpoint = join(folder, 'checkpoint.json')
    await vi.waitFor(() => expect(checkpointIn(checkpoint).state).toMatchObject({ events: 50 }), 20_000)
    expect(await first.stop('SIGTERM')).toBe(0)
    expect(first.said()).toContain('documents without createdDateTime are not sent: 1')
    expect(first.said()).toContain('50 accepted, 0 rejected')
    expect([taken.slice(0, 40).sort(), taken.slice(40).sort()]).toEqual([IDS, LATER])
    expect(from.unexpected).toEqual([])

    const searches = from.searches.length
    const second = watched(cli.start(args, folder))
    await vi.waitFor(() => expect(from.searches.length).toBeGreaterThan(searches + 1), 20_000)
    expect(await second.stop('SIGINT')).toBe(0)
    expect(second.said()).toContain('0 accepted, 0 rejected')
    expect(taken).toHaveLength(50)
    expect(filesIn(folder)).toEqual(['checkpoint.json'])
  })

  it('ends where the worker refuses, with what it took before in the checkpoint', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-followed')
    const worker = await sinkThat(() => ({ status: 401, body: { title: 'no token' } }))
    const args = ['--to', worker.url, '--checkpoint', 'checkpoint.json', ...STREAM]
    const { code, stderr } = await read(from, args, folder)
    expect(stderr).toContain('/v1/events answered 401: no token; the checkpoint holds what was delivered before')
    expect(code).toBe(1)
    expect(checkpointIn(join(folder, 'checkpoint.json')).state).toMatchObject({ events: 0, delivered: [] })
  })

  it('adds events that the worker rejects to --rejects', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-followed')
    const error = { code: 'invalid_time', message: 'no time' }
    const worker = await sinkThat((ids) => ({
      status: 202,
      body: { accepted: ids.length - 1, rejected: [{ index: 0, id: ids[0], error }] },
    }))
    const args = ['--to', worker.url, '--rejects', 'rejects.ndjson', ...STREAM.slice(1)]
    const { code, stderr } = await read(from, args, folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('39 accepted, 1 rejected') as string })
    expect(JSON.parse(readFileSync(join(folder, 'rejects.ndjson'), 'utf8'))).toMatchObject({
      source: `${from.url}/recorded`,
      ...error,
      raw: expect.stringContaining(`"_id":"${worker.requests[0]?.[0]?._id}"`) as string,
    })
  })
})

describe('--follow --output DIR/', () => {
  it('writes a part for each look that finds something, with a checkpoint beside them, and goes on after it', async () => {
    const folder = cli.newFolder()
    const parts = join(folder, 'parts')
    const from = await node('opensearch-followed')
    const args = argsFor(from, [...STREAM, '--output', 'parts/', '--output-format', 'csv'])
    const first = watched(cli.start(args, folder))
    await vi.waitFor(() => expect(existsSync(join(parts, 'events-000002.csv'))).toBe(true), 20_000)
    expect(await first.stop('SIGINT')).toBe(130)
    const before = partsIn(parts)
    expect(Object.values(before).map(({ text }) => idsOf(rowsOf(text)))).toEqual([IDS, LATER])
    expect(filesIn(parts)).toEqual([...['_featurize.json', '_stream.json', 'events-000001.csv', 'events-000002.csv']])

    const searches = from.searches.length
    const second = watched(cli.start(args, folder))
    await vi.waitFor(() => expect(from.searches.length).toBeGreaterThan(searches + 1), 20_000)
    expect(await second.stop('SIGTERM')).toBe(143)
    expect(partsIn(parts)).toEqual(before)
    expect(checkpointIn(join(parts, '_stream.json'))).toMatchObject({ part: 3, pending: null, state: { events: 50 } })
    expect(from.unexpected).toEqual([])
  })
})
