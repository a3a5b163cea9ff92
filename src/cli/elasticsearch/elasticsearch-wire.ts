/** Elasticsearch, through its official client. */
import type { Readable } from 'node:stream'
import { Client, errors } from '@elastic/elasticsearch'
import { connectionFailure, ServerFailure } from './failure.ts'
import type { ServerOptions } from './server-options.ts'
import { requestHeaders, type Wire } from './wire.ts'

/** Throws a TypeError for options that the client refuses. */
export const elasticsearchWire = (options: ServerOptions): Wire => {
  const client = new Client({
    node: options.url,
    maxRetries: 0,
    headers: options.authorization === undefined ? {} : { authorization: options.authorization },
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.caFingerprint === undefined ? {} : { caFingerprint: options.caFingerprint }),
  })
  return {
    async send({ method, path, query, body }, signal) {
      try {
        const reply = await client.transport.request<Readable>(
          { method, path, querystring: { ...query }, ...(body === undefined ? {} : { body }) },
          { asStream: true, meta: true, signal, headers: requestHeaders(options.gzip) },
        )
        return { status: reply.statusCode ?? 0, headers: reply.headers, body: reply.body }
      } catch (error) {
        if (!(error instanceof errors.ProductNotSupportedError)) throw connectionFailure(error)
        const message = 'the answer lacks the header x-elastic-product, so this is not Elasticsearch 7.14 or newer'
        throw new ServerFailure(message, { isPassing: false }, { cause: error })
      }
    },
    close: () => client.close(),
  }
}
