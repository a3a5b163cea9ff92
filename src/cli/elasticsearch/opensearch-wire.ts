/** OpenSearch, through its official client. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Client, Connection } from '@opensearch-project/opensearch'
import { connectionFailure } from './failure.ts'
import type { ServerOptions } from './server-options.ts'
import { requestHeaders, type Wire } from './wire.ts'

type Answer = (error: Error | null, response: IncomingMessage | null) => void

/** The client (3.9.0) prints errors that come after the head of an answer to standard output, where the data go; the body reports them anyway. */
class QuietConnection extends Connection {
  override request(params: Parameters<Connection['request']>[0], answer: Answer): ClientRequest {
    const request: ClientRequest = super.request(params, (error, response) => {
      request.removeAllListeners('error')
      request.on('error', () => undefined)
      answer(error, response)
    })
    return request
  }
}

export const openSearchWire = (options: ServerOptions): Wire => {
  const client = new Client({
    node: options.url,
    maxRetries: 0,
    // The client's own, 30 s of silence, would cut what the deadline allows.
    requestTimeout: options.deadlineMilliseconds,
    Connection: QuietConnection,
    headers: options.authorization === undefined ? {} : { authorization: options.authorization },
    ...(options.tls === undefined ? {} : { ssl: options.tls }),
  })
  return {
    async send({ method, path, query, body }, signal) {
      signal.throwIfAborted()
      const request = client.transport.request(
        { method, path, querystring: { ...query }, ...(body === undefined ? {} : { body }) },
        { asStream: true, headers: requestHeaders(options.gzip) },
      )
      const abort = (): void => void request.abort()
      signal.addEventListener('abort', abort, { once: true })
      try {
        const reply = await request
        return { status: reply.statusCode ?? 0, headers: reply.headers ?? {}, body: reply.body as IncomingMessage }
      } catch (error) {
        throw connectionFailure(error)
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    close: () => client.close(),
  }
}
