/** The search bodies of the reader, as JSON text where long integers pass through. */
import type { SearchServer } from './search-server.ts'
import type { TimeField } from './time-field.ts'

/** From `start` up to, not including, `end`, in the field's own numbers; open where `undefined`. */
export interface TimeRange {
  readonly start: number | undefined
  readonly end: number | undefined
}

/** Documents that have no value in the time field. */
export const WITHOUT_TIME = 'without-time'
export type Extent = TimeRange | typeof WITHOUT_TIME

/** What is read of an index. */
export interface Selection {
  readonly index: string
  /** A query of the search API; all documents where `undefined`. */
  readonly query: object | undefined
  readonly field: TimeField
}

const extentFilter = ({ name }: TimeField, extent: Extent): object => {
  if (extent === WITHOUT_TIME) return { bool: { must_not: [{ exists: { field: name } }] } }
  const { start, end } = extent
  // Servers ignore the format for fields that are no dates (OpenSearch 2.19: seen).
  return { range: { [name]: { gte: start, lt: end, format: 'epoch_millis' } } }
}

export const queryOf = ({ query, field }: Selection, extent: Extent | undefined): object => {
  const filter = [
    ...(query === undefined ? [] : [query]),
    ...(extent === undefined ? [] : [extentFilter(field, extent)]),
  ]
  return { bool: { filter } }
}

const sortOf = ({ name, isDate }: TimeField, extent: Extent, tiebreak: SearchServer['tiebreak']): object[] => {
  const last = { [tiebreak]: 'asc' }
  if (extent === WITHOUT_TIME) return [last]
  // One number for dates in milliseconds and in nanoseconds, exact in JSON.
  const kind = isDate ? { numeric_type: 'date', unmapped_type: 'date' } : { unmapped_type: 'long' }
  return [{ [name]: { order: 'asc', ...kind } }, last]
}

export interface PageRequest {
  readonly extent: Extent
  readonly size: number
  readonly pit: { readonly id: string; readonly keepAlive: string }
  /** The raw text of the sort values after which the page begins. */
  readonly after: string | undefined
}

/** The body that asks for one page of hits in the order of time. */
export const pageBody = (selection: Selection, tiebreak: SearchServer['tiebreak'], request: PageRequest): string => {
  const { extent, size, pit, after } = request
  const body = JSON.stringify({
    size,
    track_total_hits: false,
    pit: { id: pit.id, keep_alive: pit.keepAlive },
    query: queryOf(selection, extent),
    sort: sortOf(selection.field, extent, tiebreak),
  })
  return after === undefined ? body : `${body.slice(0, -1)},"search_after":${after}}`
}
