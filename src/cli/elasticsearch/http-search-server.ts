/** A search server behind the wire of either client, with deadlines and retries. */
import { bytesOf, exchange, jsonOf } from './exchange.ts'
import { retrying } from './retry.ts'
import type { FieldTypes, SearchServer } from './search-server.ts'
import type { Engine, ServerOptions } from './server-options.ts'
import type { Wire, WireRequest } from './wire.ts'

/** Rather a failure than hits that lack those of a shard. */
const WHOLE = { allow_partial_search_results: 'false' }

/** Where the two engines differ. */
interface Dialect {
  readonly tiebreak: SearchServer['tiebreak']
  readonly pitPath: string
  readonly pitId: 'id' | 'pit_id'
  closing(id: string): object
}

const DIALECTS: Record<Engine, Dialect> = {
  elasticsearch: { tiebreak: '_shard_doc', pitPath: '_pit', pitId: 'id', closing: (id) => ({ id }) },
  opensearch: {
    tiebreak: '_seq_no',
    pitPath: '_search/point_in_time',
    pitId: 'pit_id',
    closing: (id) => ({ pit_id: [id] }),
  },
}

export interface Identity {
  readonly engine: Engine
  readonly version: string
  readonly cluster: string | undefined
}

interface FieldCaps {
  readonly indices?: string | readonly string[]
  readonly fields?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const httpSearchServer = (wire: Wire, options: ServerOptions, identity: Identity): SearchServer => {
  const { tiebreak, pitPath, pitId, closing } = DIALECTS[identity.engine]
  const ask = (request: WireRequest, signal: AbortSignal) =>
    exchange(wire, request, options.deadlineMilliseconds, signal)
  const askJson = (request: WireRequest, signal: AbortSignal) =>
    retrying(async () => jsonOf(await ask(request, signal)), options.attempts, signal)
  const path = (index: string, rest: string): string => `/${encodeURIComponent(index)}/${rest}`
  return {
    ...identity,
    url: options.url,
    tiebreak,
    async openPit(index, keepAlive, signal) {
      const query = { keep_alive: keepAlive }
      const answer = await askJson({ method: 'POST', path: path(index, pitPath), query }, signal)
      return (answer as Record<typeof pitId, string>)[pitId]
    },
    async closePit(id, signal) {
      bytesOf(await ask({ method: 'DELETE', path: `/${pitPath}`, body: JSON.stringify(closing(id)) }, signal))
    },
    searchPit(body, read, signal) {
      const request: WireRequest = { method: 'POST', path: '/_search', query: WHOLE, body }
      return retrying(async () => read(bytesOf(await ask(request, signal))), options.attempts, signal)
    },
    search(index, body, signal) {
      const request: WireRequest = {
        method: 'POST',
        path: path(index, '_search'),
        query: WHOLE,
        body: JSON.stringify(body),
      }
      return askJson(request, signal)
    },
    async fieldTypes(index, fields, signal): Promise<FieldTypes> {
      const query = { fields: fields.join(',') }
      const answer = (await askJson({ method: 'GET', path: path(index, '_field_caps'), query }, signal)) as FieldCaps
      const types = Object.entries(answer.fields ?? {}).map(
        ([field, byType]) => [field, Object.keys(byType).filter((type) => type !== 'unmapped')] as const,
      )
      return { indices: [answer.indices ?? []].flat(), types: new Map(types) }
    },
    close: () => wire.close(),
  }
}
