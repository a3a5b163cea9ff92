/** What a checkpoint belongs to: one selection of one index, in one cluster. */
import type { Selection } from './queries.ts'
import type { SearchServer } from './search-server.ts'

export interface Reading {
  /** `null` where the server does not tell. */
  readonly cluster: string | null
  readonly index: string
  readonly query: object | null
  readonly field: string
  readonly perMillisecond: number
}

export const readingOf = (server: SearchServer, { index, query, field }: Selection): Reading => ({
  cluster: server.cluster ?? null,
  index,
  query: query ?? null,
  field: field.name,
  perMillisecond: field.perMillisecond,
})

/** In what `wanted` is another reading than `kept`; `undefined` where it is the same. Clusters count only where both servers told. */
export const differenceOf = (kept: Reading, wanted: Reading): string | undefined => {
  const names = Object.keys(wanted) as (keyof Reading)[]
  const different = names.find((name) => {
    if (name === 'cluster' && (kept.cluster === null || wanted.cluster === null)) return false
    return JSON.stringify(kept[name]) !== JSON.stringify(wanted[name])
  })
  return different === undefined ? undefined : `its ${different} was ${JSON.stringify(kept[different])}`
}
