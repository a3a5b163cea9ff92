import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ENGINES } from '../../../src/cli/elasticsearch/server-options.ts'
import { planSources } from '../../../src/cli/elasticsearch/sources.ts'
import { SourceFailure } from '../../../src/cli/featurize/source.ts'
import { type Document, FakeSearchServer } from './fake-search-server.ts'
import { idsOf, running, textOf } from './read-sources.ts'

const FIELD = { name: '@timestamp', isDate: true, perMillisecond: 1 }

const indexOf = (server: FakeSearchServer) => ({
  server,
  selection: { index: 'events', query: undefined, field: FIELD },
})

const readIds = async (server: FakeSearchServer, pageHits: number, parallel: number): Promise<string[]> => {
  const reading = { parallel, keepAlive: '1s', pageHits }
  const plan = { slice: 4, reading, directory: undefined, notice: () => undefined }
  const sources = await planSources(indexOf(server), plan, running())
  const ids: string[] = []
  for (const source of sources) ids.push(...idsOf(await textOf(source)))
  return ids
}

/** Few times and shards, so that many documents share a time and many a sequence number. */
const documents = fc
  .array(fc.record({ times: fc.array(fc.integer({ min: 1_000, max: 1_009 }), { maxLength: 2 }), shard: fc.nat(3) }), {
    minLength: 1,
    maxLength: 80,
  })
  .map((all) => all.map((document, index): Document => ({ ...document, id: `d${index}` })))

const without = (count: number, times: readonly number[]): Document[] =>
  Array.from({ length: count }, (_, index) => ({ id: `d${index}`, times, shard: index % 3 }))

describe.each(ENGINES)('a walk through %s', (engine) => {
  it('gives every document once, whatever ties, pages and arrays of times there are', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 6, max: 30 }), async (all, pageHits) => {
        const server = new FakeSearchServer(engine)
        server.add(all)
        expect((await readIds(server, pageHits, 1)).sort()).toEqual(all.map(({ id }) => id).sort())
        expect(server.pits.size).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('gives every document once while points in time expire at any moment', async () => {
    const timed = documents.map((all) => all.filter(({ times }) => times.length > 0)).filter((all) => all.length > 0)
    await fc.assert(
      fc.asyncProperty(
        timed,
        fc.integer({ min: 6, max: 12 }),
        fc.integer({ min: 2, max: 5 }),
        async (all, pageHits, every) => {
          const server = new FakeSearchServer(engine)
          server.add(all)
          server.beforeSearch = () => {
            if (server.searches % every === 0) server.expireAll()
          }
          expect((await readIds(server, pageHits, 1)).sort()).toEqual(all.map(({ id }) => id).sort())
        },
      ),
      { numRuns: 200 },
    )
  })

  it('gives the same order however many searches run at once', async () => {
    const all = Array.from(
      { length: 5_000 },
      (_, index): Document => ({
        id: `d${index}`,
        times: [1_000 + Math.floor(index / 250)],
        shard: index % 3,
      }),
    )
    const [one, four] = await Promise.all(
      [1, 4].map((parallel) => {
        const server = new FakeSearchServer(engine)
        server.add(all)
        return readIds(server, 300, parallel)
      }),
    )
    expect(four).toEqual(one)
    expect(new Set(four).size).toBe(5_000)
  })

  it('goes back to the beginning of a time whose documents another point in time orders anew', async () => {
    const server = new FakeSearchServer(engine)
    const all = Array.from({ length: 40 }, (_, index) => ({
      id: `d${index}`,
      times: [1_000 + (index % 3)],
      shard: index % 3,
    }))
    server.add(all)
    server.beforeSearch = () => {
      if (server.searches === 3) server.expireAll()
    }
    expect((await readIds(server, 6, 1)).sort()).toEqual(all.map(({ id }) => id).sort())
  })

  it('gives up when points in time expire faster than pages come', async () => {
    const server = new FakeSearchServer(engine)
    server.add(without(20, [1_000]))
    server.beforeSearch = () => server.expireAll()
    await expect(readIds(server, 10, 1)).rejects.toThrow(SourceFailure)
  })
})

describe('documents without a time', () => {
  it('are read from OpenSearch over an expiry', async () => {
    const server = new FakeSearchServer('opensearch')
    server.add(without(30, []))
    server.beforeSearch = () => {
      if (server.searches === 2) server.expireAll()
    }
    expect(new Set(await readIds(server, 10, 1)).size).toBe(30)
  })

  it('cannot be told apart in Elasticsearch after an expiry: the run says so', async () => {
    const server = new FakeSearchServer('elasticsearch')
    server.add(without(30, []))
    server.beforeSearch = () => {
      if (server.searches === 2) server.expireAll()
    }
    await expect(readIds(server, 10, 1)).rejects.toThrow(/without-time: the point in time expired/)
  })
})

describe('OpenSearch', () => {
  it('is asked for longer pages where more documents are equal than a page holds', async () => {
    const server = new FakeSearchServer('opensearch')
    server.add(Array.from({ length: 40 }, (_, index) => ({ id: `d${index}`, times: [1_000], shard: index })))
    expect(new Set(await readIds(server, 10_000, 1)).size).toBe(40)
    await expect(readIds(server, 10, 1)).rejects.toThrow(
      /more than 10 documents have the same time and sequence number/,
    )
  })
})
