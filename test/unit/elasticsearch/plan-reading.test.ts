import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import type { SliceLength } from '../../../src/cli/elasticsearch/plan-reading.ts'
import { groupBuckets, planEven } from '../../../src/cli/elasticsearch/plan-slices.ts'
import { planSources } from '../../../src/cli/elasticsearch/sources.ts'
import { FakeSearchServer } from './fake-search-server.ts'
import { idsOf, running, textOf } from './read-sources.ts'

const HOUR = 3_600_000
const FIELD = { name: '@timestamp', isDate: true, perMillisecond: 1 }

const documentsAt = (times: readonly number[], prefix = 'd') =>
  times.map((time, index) => ({ id: `${prefix}${index}`, times: [time], shard: 0 }))

const serverWith = (times: readonly number[]): FakeSearchServer => {
  const server = new FakeSearchServer('opensearch')
  server.add(documentsAt(times))
  return server
}

let directory: string
const notices: string[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nearcast-plan-'))
  notices.length = 0
})
afterEach(() => rmSync(directory, { recursive: true }))

const plan = (server: FakeSearchServer, slice: SliceLength, query?: object) => {
  const index = { server, selection: { index: 'events', query, field: FIELD } }
  const reading = { parallel: 1, keepAlive: '1m', pageHits: 100 }
  const notice = (message: string): void => void notices.push(message)
  return planSources(index, { slice, reading, directory, notice }, running())
}

const partsOf = async (server: FakeSearchServer, slice: SliceLength): Promise<string[]> =>
  (await plan(server, slice)).map(({ part }) => part)

describe('slices of one length', () => {
  it('begin at its multiples, only where there are documents; the last ends with the last document', async () => {
    const server = serverWith([10 * HOUR + 5, 10 * HOUR + 9, 13 * HOUR + 1])
    expect(await partsOf(server, HOUR)).toEqual([
      '19700101T100000.005Z_19700101T110000.000Z',
      '19700101T130000.000Z_19700101T130000.002Z',
    ])
  })
})

describe('slices of about as many documents', () => {
  it('cover the range without a gap and hold no more than was said, unless one instant does', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 9 }), async (all, most) => {
        const range = { start: Math.min(...all), end: Math.max(...all) + 1 }
        const selection = { index: 'events', query: undefined, field: FIELD }
        const slices = await planEven(serverWith(all), selection, range, most, running())
        expect(slices[0]?.start).toBe(range.start)
        expect(slices.at(-1)?.end).toBe(range.end)
        for (const [index, { start, end, hits }] of slices.entries()) {
          if (index > 0) expect(start).toBe(slices[index - 1]?.end)
          const inside = all.filter((time) => time >= start && time < end)
          expect(hits).toBe(inside.length)
          if (hits > most) expect(new Set(inside).size).toBe(1)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('are one where there is nothing to cut', () => {
    expect(groupBuckets([], { start: 3, end: 9 }, 5)).toEqual([{ start: 3, end: 9, hits: 0 }])
  })
})

describe('the checkpoint of a directory', () => {
  it('is written before anything is read, and names the same parts in every run', async () => {
    const server = serverWith([1 * HOUR, 2 * HOUR, 2 * HOUR + 1])
    const first = await partsOf(server, HOUR)
    expect(readdirSync(directory)).toEqual(['_slices.json'])
    expect(await partsOf(server, 24 * HOUR)).toEqual(first)
    expect(notices).toEqual([])
  })

  it('gives slices of their own to what came before, between and behind the known ones', async () => {
    const server = serverWith([10 * HOUR, 12 * HOUR])
    const known = await partsOf(server, HOUR)
    server.add(documentsAt([9 * HOUR, 11 * HOUR + 7, 12 * HOUR + 1], 'late'))
    const sources = await plan(server, HOUR)
    expect(sources.map(({ part }) => part)).toEqual([
      '19700101T090000.000Z_19700101T100000.000Z',
      known[0],
      '19700101T110000.000Z_19700101T120000.000Z',
      known[1],
      '19700101T120000.001Z_19700101T120000.002Z',
    ])
    const ids: string[] = []
    for (const source of sources) ids.push(...idsOf(await textOf(source)))
    expect(ids.sort()).toEqual(['d0', 'd1', 'late0', 'late1', 'late2'])
    expect(notices).toEqual([])
  })

  it('tells of documents that came into a known slice, which finished parts lack', async () => {
    const server = serverWith([10 * HOUR, 10 * HOUR + 9])
    await partsOf(server, HOUR)
    server.add(documentsAt([10 * HOUR + 3], 'late'))
    await partsOf(server, HOUR)
    expect(notices).toEqual([
      '1 document came into the known slices since they were planned; finished parts do not change: remove a part to have its slice read again',
    ])
  })

  it('is refused for another query: its parts would be mixed', async () => {
    const server = serverWith([10 * HOUR])
    await plan(server, HOUR)
    await expect(plan(server, HOUR, { term: { a: 1 } })).rejects.toThrow(UsageError)
    await expect(plan(server, HOUR, { term: { a: 1 } })).rejects.toThrow(
      /holds parts of another reading \(its query was null\)/,
    )
  })

  it('gives no source for an index without documents', async () => {
    expect(await partsOf(serverWith([]), 'auto')).toEqual([])
  })
})
