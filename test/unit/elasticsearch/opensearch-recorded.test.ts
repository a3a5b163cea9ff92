import { afterEach, describe, expect, it, vi } from 'vitest'
import { openServerSources } from '../../../src/cli/elasticsearch/sources.ts'
import { SourceFailure } from '../../../src/cli/featurize/source.ts'
import { idsOf, optionsFor, readAll, running, textOf } from './read-sources.ts'
import { type Replay, type ReplayOptions, readFixture, startReplay } from './replay.ts'

const INDEX = 'recorded'
const IDS = Array.from({ length: 40 }, (_, index) => `e${String(index).padStart(6, '0')}`)

const replays: Replay[] = []
const replay = async (name: string, options?: ReplayOptions): Promise<Replay> => {
  const started = await startReplay(name, options)
  replays.push(started)
  return started
}

afterEach(async () => {
  await Promise.all(replays.splice(0).map((started) => started.close()))
})

const exchangeOf = (name: string, path: string, nth = 0): number =>
  readFixture(name)
    .exchanges.flatMap(({ request }, index) => (request.path.startsWith(path) ? [index] : []))
    .at(nth) ?? -1

describe('answers recorded from OpenSearch 2.19', () => {
  it('give every event once, in the order of time, slice by slice', async () => {
    const server = await replay('opensearch-slices')
    const parts = await readAll(optionsFor(server.url, INDEX, { slice: '1s', 'page-size': '7' }))
    expect(parts.map(({ part }) => part)).toMatchInlineSnapshot(`
      [
        "20241117T214640.000Z_20241117T214641.000Z",
        "20241117T214641.000Z_20241117T214642.000Z",
        "20241117T214642.000Z_20241117T214643.000Z",
        "20241117T214643.000Z_20241117T214643.506Z",
        "without-time",
      ]
    `)
    expect(parts.flatMap(({ pages }) => idsOf(pages)).sort()).toEqual([...IDS, 'timeless'])
    expect(server.unexpected).toEqual([])
    expect(server.left()).toBe(0)
  })

  it('hold 20-digit integers as the documents do', async () => {
    const server = await replay('opensearch-slices')
    const parts = await readAll(optionsFor(server.url, INDEX, { slice: '1s', 'page-size': '7' }))
    const numbers = [
      ...parts
        .flatMap(({ pages }) => pages)
        .join('')
        .matchAll(/"number":(\d+)/g),
    ].map(([, text]) => text)
    const wanted = IDS.map((_, index) => String(10n ** 19n + BigInt(index)))
    expect(numbers.sort()).toEqual(wanted)
  })

  it('go on in a new point in time where one expired, with no event lost or doubled', async () => {
    const server = await replay('opensearch-expired')
    const parts = await readAll(optionsFor(server.url, INDEX, { 'page-size': '10' }))
    expect(readFixture('opensearch-expired').exchanges.filter(({ response }) => response.status === 404)).toHaveLength(
      1,
    )
    expect(parts.flatMap(({ pages }) => idsOf(pages)).sort()).toEqual([...IDS, 'timeless'])
    expect(server.unexpected).toEqual([])
    expect(server.left()).toBe(0)
  })

  it('are waited for where the node has no room (429)', async () => {
    const server = await replay('opensearch-busy')
    const parts = await readAll(optionsFor(server.url, INDEX, { 'page-size': '50' }))
    const busy = readFixture('opensearch-busy').exchanges.filter(({ response }) => response.status === 429)
    expect(busy.length).toBeGreaterThan(0)
    expect(parts.flatMap(({ pages }) => idsOf(pages))).toHaveLength(41)
    expect(server.left()).toBe(0)
  })
})

describe('a connection that drops in the middle of an answer', () => {
  it('is opened again, and the answer asked for once more', async () => {
    const page = exchangeOf('opensearch-slices', '/_search?', 1)
    const server = await replay('opensearch-slices', { cut: (exchange, sending) => exchange === page && sending < 2 })
    const parts = await readAll(optionsFor(server.url, INDEX, { slice: '1s', 'page-size': '7' }))
    expect(parts.flatMap(({ pages }) => idsOf(pages)).sort()).toEqual([...IDS, 'timeless'])
    expect(server.left()).toBe(0)
  })

  it('again and again ends the slice with a clear message, after whole pages only', async () => {
    const page = exchangeOf('opensearch-slices', '/_search?', 1)
    const server = await replay('opensearch-slices', { cut: (exchange) => exchange === page })
    const options = optionsFor(server.url, INDEX, { slice: '1s', 'page-size': '7', attempts: '2' })
    const { sources, close } = await openServerSources(options, undefined, () => undefined, running())
    const pages: string[] = []
    const reading = (async () => {
      for await (const { bytes } of sources[0]?.chunks(running()) ?? []) pages.push(new TextDecoder().decode(bytes))
    })()
    await expect(reading).rejects.toThrow(SourceFailure)
    await expect(reading).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:\d+\/recorded 2024-11-17T21:46:40\.\d+Z\/2024-11-17T21:46:41\.000Z: the connection failed: .+ \(2 attempts\)$/,
    )
    expect(idsOf(pages)).toHaveLength(7)
    await close()
  })

  it('puts nothing on standard output', async () => {
    const write = vi.spyOn(console, 'log')
    const page = exchangeOf('opensearch-slices', '/_search?', 1)
    const server = await replay('opensearch-slices', { cut: (exchange, sending) => exchange === page && sending < 2 })
    await readAll(optionsFor(server.url, INDEX, { slice: '1s', 'page-size': '7' }))
    expect(write).not.toHaveBeenCalled()
    write.mockRestore()
  })
})

describe('a server that says nothing', () => {
  it('is given up when the deadline has passed', async () => {
    const page = exchangeOf('opensearch-slices', '/_search?')
    const server = await replay('opensearch-slices', { silent: (exchange) => exchange === page })
    const flags = { slice: '1s', 'page-size': '7', attempts: '1', 'request-timeout': '200ms' }
    await expect(readAll(optionsFor(server.url, INDEX, flags))).rejects.toThrow('no whole answer within 0.2 s')
  })

  it('is left at once when the run is stopped', async () => {
    const page = exchangeOf('opensearch-slices', '/_search?')
    const server = await replay('opensearch-slices', { silent: (exchange) => exchange === page })
    const options = optionsFor(server.url, INDEX, { slice: '1s', 'page-size': '7' })
    const { sources, close } = await openServerSources(options, undefined, () => undefined, running())
    const stop = new AbortController()
    const reading = textOf(sources[0] as (typeof sources)[number], stop.signal)
    setTimeout(() => stop.abort(new Error('stopped by hand')), 100)
    await expect(reading).rejects.toThrow('stopped by hand')
    await close()
  })
})
