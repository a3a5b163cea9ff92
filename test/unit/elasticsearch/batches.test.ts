import { describe, expect, it } from 'vitest'
import { halves, isTooLong, toBatches } from '../../../src/cli/elasticsearch/batches.ts'
import { PageReader } from '../../../src/cli/elasticsearch/hits.ts'

const pageOf = (sources: readonly string[]) => {
  const hits = sources.map((source, index) => `{"_index":"i","_id":"${index}","_source":${source},"sort":[${index}]}`)
  return new PageReader().read(new TextEncoder().encode(`{"hits":{"hits":[${hits.join(',')}]}}`))
}

const MEBIBYTE = 2 ** 20
const text = (length: number): string => JSON.stringify({ text: 'x'.repeat(length) })

describe('batches of events', () => {
  it('hold one event a line, also where documents were stored on several', () => {
    const page = pageOf(['{\r\n  "a": 1,\n  "text": "line\\nfeed"\n}', '{"b":12345678901234567890}'])
    const [batch] = toBatches(page, page.hits)
    const lines = new TextDecoder().decode(batch?.body).split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0] ?? '')._source).toEqual({ a: 1, text: 'line\nfeed' })
    expect(lines[1]).toContain('{"b":12345678901234567890}')
    expect(lines[2]).toBe('')
  })

  it('hold 1,000 events and 4 MiB at most, all events in their order', () => {
    const small = pageOf(Array.from({ length: 2_500 }, () => '{}'))
    expect(toBatches(small, small.hits).map(({ hits }) => hits.length)).toEqual([1_000, 1_000, 500])
    const large = pageOf(Array.from({ length: 10 }, () => text(1.3 * MEBIBYTE)))
    const batches = toBatches(large, large.hits)
    expect(batches.every(({ body }) => body.length <= 4 * MEBIBYTE)).toBe(true)
    expect(batches.flatMap(({ hits }) => hits)).toEqual(large.hits)
    expect(batches.map(({ hits }) => hits.length)).toEqual([3, 3, 3, 1])
  })

  it('hold an event that is too long alone, so that its neighbours go through', () => {
    const page = pageOf(['{}', text(4.1 * MEBIBYTE), '{}'])
    expect(toBatches(page, page.hits).map((batch) => [batch.hits.length, isTooLong(batch)])).toEqual([
      [1, false],
      [1, true],
      [1, false],
    ])
  })

  it('fall into halves that hold the same events', () => {
    const page = pageOf(['{}', '{}', '{}'])
    const [batch] = toBatches(page, page.hits)
    if (batch === undefined) throw new Error('no batch')
    expect(halves(page, batch).map(({ hits }) => hits.length)).toEqual([2, 1])
  })
})
