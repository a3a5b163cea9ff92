/** Finds out which engine answers at a URL, and speaks to it through that engine's own client. */
import { exchange, jsonOf } from './exchange.ts'
import { ServerFailure } from './failure.ts'
import { httpSearchServer, type Identity } from './http-search-server.ts'
import { retrying } from './retry.ts'
import type { SearchServer } from './search-server.ts'
import type { Engine, ServerOptions } from './server-options.ts'
import type { Wire } from './wire.ts'

const wireTo = async (engine: Engine, options: ServerOptions): Promise<Wire> => {
  // Each client takes a noticeable part of a second to load.
  switch (engine) {
    case 'elasticsearch':
      return (await import('./elasticsearch-wire.ts')).elasticsearchWire(options)
    case 'opensearch':
      return (await import('./opensearch-wire.ts')).openSearchWire(options)
  }
}

interface Greeting {
  readonly cluster_uuid?: string
  readonly version?: { readonly number?: string; readonly distribution?: string }
}

/** Who greets. Elasticsearch 7.14 and newer says so in a header, on whatever it answers; OpenSearch in its greeting. */
const identify = async (wire: Wire, options: ServerOptions, signal: AbortSignal): Promise<Identity> => {
  const answer = await exchange(wire, { method: 'GET', path: '/' }, options.deadlineMilliseconds, signal)
  const isElasticsearch = answer.header('x-elastic-product') === 'Elasticsearch'
  const known = isElasticsearch ? 'elasticsearch' : options.engine
  // Whoever may read an index need not be allowed to read the greeting.
  if (answer.status === 403 && known !== undefined) return { engine: known, version: 'unknown', cluster: undefined }
  const { version, cluster_uuid: cluster } = (jsonOf(answer) ?? {}) as Greeting
  const engine = known ?? (version?.distribution === 'opensearch' ? 'opensearch' : undefined)
  if (engine === undefined) {
    throw new ServerFailure(
      `neither Elasticsearch 7.14 or newer nor OpenSearch: version ${JSON.stringify(version)}; --engine says which it is, if it is one`,
      { isPassing: false },
    )
  }
  return { engine, version: version?.number ?? 'unknown', cluster }
}

/**
 * The server at `options.url`. Rejects with a ServerFailure where it does not answer, or is neither engine. The first question goes out
 * through OpenSearch's client, which any server may answer; a pinned certificate only Elasticsearch's client can check.
 */
export const connect = async (options: ServerOptions, signal: AbortSignal): Promise<SearchServer> => {
  const asked = options.caFingerprint === undefined ? (options.engine ?? 'opensearch') : 'elasticsearch'
  const wire = await wireTo(asked, options)
  try {
    const identity = await retrying(() => identify(wire, options, signal), options.attempts, signal)
    if (identity.engine === asked) return httpSearchServer(wire, options, identity)
    await wire.close()
    return httpSearchServer(await wireTo(identity.engine, options), options, identity)
  } catch (error) {
    await wire.close()
    throw error
  }
}
