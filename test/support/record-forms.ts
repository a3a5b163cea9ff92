/** The same hits in every form that logs come in. */
import { gzipSync, zstdCompressSync } from 'node:zlib'

export interface Hit {
  readonly _index: string
  readonly _id: string
  readonly _source: object
}

const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')

/** As `_search` answers, `size` hits a page. */
const pages = (hits: readonly Hit[], size: number, indent?: number): string => {
  const texts: string[] = []
  for (let from = 0; from < hits.length; from += size) {
    const page = {
      took: 3,
      timed_out: false,
      _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
      hits: { total: { value: hits.length, relation: 'eq' }, max_score: null, hits: hits.slice(from, from + size) },
      pit_id: 'x'.repeat(100),
    }
    texts.push(JSON.stringify(page, null, indent))
  }
  return texts.join('\n')
}

/** File name → content. */
export const recordForms = (hits: readonly Hit[]): Record<string, string | Buffer> => {
  const elasticdump = lines(hits.map((hit) => ({ ...hit, _score: 1 })))
  return {
    'hits.ndjson': lines(hits),
    'elasticdump.json': elasticdump,
    'carriage-returns.ndjson': elasticdump.replaceAll('\n', '\r\n'),
    'no-last-line-feed.ndjson': elasticdump.trimEnd(),
    'byte-order-mark.ndjson': `\ufeff${elasticdump}`,
    'array.json': JSON.stringify(hits),
    'pretty-array.json': JSON.stringify(hits, null, 2),
    'bulk.ndjson': lines(hits.flatMap(({ _id, _index, _source }) => [{ index: { _index, _id } }, _source])),
    'bulk-mixed.ndjson': lines(
      hits.flatMap(({ _id, _index, _source }, index) => [
        ...(index % 10 === 0 ? [{ delete: { _index, _id: `gone-${index}` } }] : []),
        { [index % 2 === 0 ? 'index' : 'create']: { _index, _id } },
        _source,
      ]),
    ),
    'page.json': pages(hits, hits.length),
    'pages.json': pages(hits, 100),
    'pretty-pages.json': pages(hits, 333, 2),
    'sequence.json': hits.map((hit) => JSON.stringify(hit, null, 1)).join('\n'),
    'hits.ndjson.gz': gzipSync(elasticdump),
    'two-members.gz': Buffer.concat([gzipSync(lines(hits.slice(0, 400))), gzipSync(lines(hits.slice(400)))]),
    'array.json.zst': zstdCompressSync(JSON.stringify(hits)),
  }
}
