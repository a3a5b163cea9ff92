/** An index in memory behind the port: sorts, pages, counts and forgets points in time as the real engines do. */
import { ServerFailure } from '../../../src/cli/elasticsearch/failure.ts'
import type { FieldTypes, SearchServer } from '../../../src/cli/elasticsearch/search-server.ts'
import type { Engine } from '../../../src/cli/elasticsearch/server-options.ts'

export interface Document {
  readonly id: string
  /** More than one as in an array; none as in a document without the field. */
  readonly times: readonly number[]
  readonly shard: number
}

interface Stored extends Document {
  readonly sequence: number
}

interface Bounds {
  readonly gte?: number
  readonly lt?: number
}

interface Body {
  readonly size: number
  readonly pit?: { readonly id: string }
  readonly query: { readonly bool: { readonly filter: readonly Record<string, Record<string, Bounds>>[] } }
  readonly sort: readonly object[]
  readonly search_after?: readonly number[]
  readonly aggs?: { readonly times?: { readonly composite: { readonly sources: readonly [HistogramSource] } } }
}

interface HistogramSource {
  readonly start: { readonly date_histogram: { readonly fixed_interval: string } }
}

const compare = (a: readonly number[], b: readonly number[]): number => {
  const index = a.findIndex((value, place) => value !== b[place])
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number)
}

export class FakeSearchServer implements SearchServer {
  readonly engine: Engine
  readonly version = '0'
  readonly cluster = 'cluster-of-the-tests'
  readonly url = 'http://search.example'
  readonly tiebreak: SearchServer['tiebreak']
  /** Points in time that are open. */
  readonly pits = new Map<string, readonly Stored[]>()
  opened = 0
  searches = 0
  /** Called before each search of a point in time; it may add documents, expire points in time, throw. */
  beforeSearch: () => void = () => undefined
  private readonly documents: Stored[] = []

  constructor(engine: Engine) {
    this.engine = engine
    this.tiebreak = engine === 'elasticsearch' ? '_shard_doc' : '_seq_no'
  }

  add(documents: readonly Document[]): void {
    for (const document of documents) {
      const sequence = this.documents.filter(({ shard }) => shard === document.shard).length
      this.documents.push({ ...document, sequence })
    }
  }

  expireAll(): void {
    this.pits.clear()
  }

  async openPit(): Promise<string> {
    const id = `pit-${++this.opened}`
    // Segments are merged in another order: documents have other places than before.
    this.pits.set(id, this.opened % 2 === 0 ? this.documents.toReversed() : [...this.documents])
    return id
  }

  async closePit(id: string): Promise<void> {
    this.pits.delete(id)
  }

  async searchPit<T>(text: string, read: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<T> {
    this.searches++
    this.beforeSearch()
    const body = JSON.parse(text) as Body
    const view = this.pits.get(body.pit?.id ?? '')
    if (view === undefined) {
      throw new ServerFailure('answered 404', {
        isPassing: false,
        status: 404,
        body: 'search_context_missing_exception',
      })
    }
    const isTimed = body.sort.length === 2
    const hits = this.matching(view, body)
      .map((document) => ({ document, sort: this.sortOf(document, view, isTimed) }))
      .filter(({ sort }) => body.search_after === undefined || compare(sort, body.search_after) > 0)
      .sort((a, b) => compare(a.sort, b.sort) || a.document.shard - b.document.shard)
      .slice(0, body.size)
      .map(({ document: { id, times }, sort }) => ({ _index: 'events', _id: id, _source: { times }, sort }))
    const page = { pit_id: body.pit?.id, timed_out: false, _shards: { failed: 0 }, hits: { hits } }
    return read(new TextEncoder().encode(JSON.stringify(page)))
  }

  async search(_index: string, request: object): Promise<unknown> {
    const body = request as Body
    const found = this.matching(this.documents, body)
    const histogram = body.aggs?.times?.composite.sources[0].start.date_histogram
    if (histogram !== undefined) {
      const interval = Number.parseInt(histogram.fixed_interval, 10)
      const counts = new Map<number, number>()
      for (const { times } of found) {
        for (const start of new Set(times.map((time) => Math.floor(time / interval) * interval))) {
          counts.set(start, (counts.get(start) ?? 0) + 1)
        }
      }
      const buckets = [...counts].sort(([a], [b]) => a - b).map(([start, doc_count]) => ({ key: { start }, doc_count }))
      return { aggregations: { times: { buckets } } }
    }
    const times = found.flatMap((document) => document.times)
    const without = found.filter((document) => document.times.length === 0).length
    return {
      hits: { total: { value: found.length } },
      aggregations: {
        first: { value: times.length === 0 ? null : Math.min(...times) },
        last: { value: times.length === 0 ? null : Math.max(...times) },
        without: { doc_count: without },
      },
    }
  }

  async fieldTypes(): Promise<FieldTypes> {
    return { indices: ['events'], types: new Map([['@timestamp', ['date']]]) }
  }

  async close(): Promise<void> {
    this.pits.clear()
  }

  private matching(documents: readonly Stored[], body: Body): Stored[] {
    const bounds = body.query.bool.filter.flatMap((filter) => Object.values(filter.range ?? {}))
    const wantsNone = body.query.bool.filter.some((filter) => filter.bool !== undefined)
    return documents.filter(({ times }) => {
      if (wantsNone) return times.length === 0
      return bounds.every(({ gte = Number.NEGATIVE_INFINITY, lt = Number.POSITIVE_INFINITY }) =>
        times.some((time) => time >= gte && time < lt),
      )
    })
  }

  private sortOf(document: Stored, view: readonly Stored[], isTimed: boolean): number[] {
    const last = this.tiebreak === '_seq_no' ? document.sequence : view.indexOf(document)
    return isTimed ? [Math.min(...document.times), last] : [last]
  }
}
