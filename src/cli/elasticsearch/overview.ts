/** How many documents an index holds, and from when to when. */
import { queryOf, type Selection, type TimeRange } from './queries.ts'
import type { SearchServer } from './search-server.ts'

export interface Overview {
  /** Documents that have a time. */
  readonly hits: number
  readonly withoutTime: number
  /** The first and last time, in the field's own numbers; `undefined` where no document has one. */
  readonly first: number | undefined
  readonly last: number | undefined
}

interface OverviewAnswer {
  readonly hits: { readonly total: { readonly value: number } }
  readonly aggregations: {
    readonly first: { readonly value: number | null }
    readonly last: { readonly value: number | null }
    readonly without: { readonly doc_count: number }
  }
}

/** Servers compute in doubles, which are this far apart at nanoseconds since 1970. */
const ROUNDING = 1024

/** All of the selection, or only what is in `range`. */
export const readOverview = async (
  server: SearchServer,
  selection: Selection,
  range: TimeRange | undefined,
  signal: AbortSignal,
): Promise<Overview> => {
  const field = selection.field.name
  const body = {
    size: 0,
    track_total_hits: true,
    query: queryOf(selection, range),
    aggs: { first: { min: { field } }, last: { max: { field } }, without: { missing: { field } } },
  }
  const { hits, aggregations } = (await server.search(selection.index, body, signal)) as OverviewAnswer
  const first = aggregations.first.value
  const last = aggregations.last.value
  const spread = Math.abs(last ?? 0) > Number.MAX_SAFE_INTEGER ? ROUNDING : 0
  return {
    hits: hits.total.value - aggregations.without.doc_count,
    withoutTime: aggregations.without.doc_count,
    first: first === null ? undefined : Math.floor(first) - spread,
    last: last === null ? undefined : Math.floor(last) + spread,
  }
}
