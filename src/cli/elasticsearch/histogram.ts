/** How many documents each stretch of time holds. */
import { queryOf, type Selection, type TimeRange } from './queries.ts'
import type { SearchServer } from './search-server.ts'

export interface Bucket {
  /** A multiple of the interval, in the field's own numbers. */
  readonly start: number
  readonly hits: number
}

const BUCKETS_AT_ONCE = 1_000

interface HistogramAnswer {
  readonly aggregations: {
    readonly times: {
      readonly buckets: readonly { readonly key: { readonly start: number }; readonly doc_count: number }[]
    }
  }
}

/**
 * The stretches of length `interval` (a whole number, at least 1) that hold documents, in the order of time. A date histogram, for fields mapped
 * as numbers too: their numbers are then taken for milliseconds, and come back as they are. Paged by narrowing the range, so that no limit
 * on buckets is met; a composite aggregation's own `after` beside a range fails in OpenSearch 2.19 ("Index 0 out of bounds for length 0").
 */
export const readHistogram = async (
  server: SearchServer,
  selection: Selection,
  range: TimeRange,
  interval: number,
  signal: AbortSignal,
): Promise<Bucket[]> => {
  const buckets: Bucket[] = []
  const source = { date_histogram: { field: selection.field.name, fixed_interval: `${interval}ms` } }
  const composite = { size: BUCKETS_AT_ONCE, sources: [{ start: source }] }
  for (let { start } = range; ; ) {
    const query = queryOf(selection, { start, end: range.end })
    const body = { size: 0, track_total_hits: false, query, aggs: { times: { composite } } }
    const { times } = ((await server.search(selection.index, body, signal)) as HistogramAnswer).aggregations
    for (const { key, doc_count } of times.buckets) buckets.push({ start: key.start, hits: doc_count })
    const last = times.buckets.at(-1)
    if (last === undefined || times.buckets.length < BUCKETS_AT_ONCE) return buckets
    start = last.key.start + interval
    if (range.end !== undefined && start >= range.end) return buckets
  }
}
