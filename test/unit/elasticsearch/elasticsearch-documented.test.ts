import { afterEach, describe, expect, it } from 'vitest'
import { connect } from '../../../src/cli/elasticsearch/connect.ts'
import { idsOf, optionsFor, readAll, running } from './read-sources.ts'
import { type Replay, readFixture, startReplay } from './replay.ts'

const INDEX = 'sessions'

const replays: Replay[] = []
const replay = async (name: string): Promise<Replay> => {
  const started = await startReplay(name)
  replays.push(started)
  return started
}

afterEach(async () => {
  await Promise.all(replays.splice(0).map((started) => started.close()))
})

describe('answers as Elasticsearch 9 documents them', () => {
  it('give every event once, over an expired point in time in which hits had other tiebreaks', async () => {
    const server = await replay('elasticsearch-documented')
    const parts = await readAll(optionsFor(server.url, INDEX, { 'page-size': '3' }))
    const ids = parts.flatMap(({ pages }) => idsOf(pages))
    expect(ids.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `e${String(index).padStart(2, '0')}`))
    expect(server.unexpected).toEqual([])
    expect(server.left()).toBe(0)
  })

  it('are asked for in the point in time whose id came last', () => {
    const { exchanges } = readFixture('elasticsearch-documented')
    const searches = exchanges.filter(({ request }) => request.path.startsWith('/_search'))
    for (const [index, { response }] of searches.entries()) {
      const next = searches[index + 1]?.request.body
      const id = /"pit_id":"([^"]+)"/.exec(response.body)?.[1]
      if (id !== undefined && next !== undefined) expect(next).toContain(id)
    }
  })

  it('make the engine known by its product header', async () => {
    const server = await replay('elasticsearch-documented')
    const found = await connect(optionsFor(server.url, INDEX).server, running())
    expect([found.engine, found.version, found.cluster, found.tiebreak]).toEqual([
      'elasticsearch',
      '9.1.0',
      'mHqDbHVrRnOWrlT6lXgbOQ',
      '_shard_doc',
    ])
    await found.close()
  })
})

describe('a server that is not what it was said to be', () => {
  it('is refused as Elasticsearch where the product header is missing', async () => {
    const server = await replay('opensearch-slices')
    await expect(connect(optionsFor(server.url, INDEX, { engine: 'elasticsearch' }).server, running())).rejects.toThrow(
      'the answer lacks the header x-elastic-product, so this is not Elasticsearch 7.14 or newer',
    )
  })
})
