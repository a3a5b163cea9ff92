import { describe, expect, it } from 'vitest'
import { ServerFailure } from '../../../src/cli/elasticsearch/failure.ts'
import { cutPage, PageReader } from '../../../src/cli/elasticsearch/hits.ts'

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const hit = (id: string, source: string, sort: string): string =>
  `{"_index":"i","_id":"${id}","_score":null,"_source":${source},"sort":${sort}}`

const A = hit(
  'a',
  '{\n  "sort": [9, 9], "hits": {"hits": [1]}, "text": "]}},\\"sort\\":[7]"\n}',
  '[1, 12345678901234567890]',
)
const B = hit('b', '{"_id":"x"}', '[2,0]')
const page = (hits: readonly string[], head = ''): string =>
  `{"pit_id":"p==","took":1,"timed_out":false${head},"hits":{"max_score":null,"hits":[${hits.join(',')}]}}`

describe('a page of hits', () => {
  it('is read by its structure, whatever the documents hold', () => {
    const { hits, pitId } = new PageReader().read(encode(page([A, B])))
    expect(pitId).toBe('p==')
    expect(hits.map(({ key, sort }) => [key, sort])).toEqual([
      ['i/a', ['1', '12345678901234567890']],
      ['i/b', ['2', '0']],
    ])
  })

  it('is read after others, with places of its own', () => {
    const reader = new PageReader()
    reader.read(encode(page([A, B])))
    reader.read(encode(page([])))
    const bytes = encode(page([B, A]))
    const [first] = reader.read(bytes).hits
    expect(decode(bytes.subarray(first?.start, first?.end))).toBe(B)
  })

  it('is handed on as it came where all hits are kept, else cut to those, byte by byte', () => {
    const read = new PageReader().read(encode(page([A, B])))
    expect(cutPage(read, read.hits)).toBe(read.bytes)
    expect(decode(cutPage(read, read.hits.slice(0, 1)))).toBe(`{"hits":{"hits":[${A}]}}`)
    expect(decode(cutPage(read, []))).toBe('{"hits":{"hits":[]}}')
  })

  it.each([
    ['broken off between hits', page([A, B]).slice(0, -60), true],
    ['broken off behind the hits', page([A, B]).slice(0, -1), true],
    ['lacking shards', page([A], ',"_shards":{"failed":1,"failures":[{"reason":{"reason":"gone"}}]}'), true],
    ['timed out', page([]).replace('false', 'true'), true],
    ['lacking a remote cluster', page([A], ',"_clusters":{"skipped":1}'), true],
    ['no search answer', '<html></html>', true],
    ['without sort values', page(['{"_index":"i","_id":"a","_source":{}}']), false],
  ])('is refused when it is %s', (_, text, isPassing) => {
    const reader = new PageReader()
    let failure: unknown
    try {
      reader.read(encode(text))
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(ServerFailure)
    expect((failure as ServerFailure).isPassing).toBe(isPassing)
    expect(reader.read(encode(page([A, B]))).hits).toHaveLength(2)
  })
})
