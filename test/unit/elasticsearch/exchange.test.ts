import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { elasticsearchWire } from '../../../src/cli/elasticsearch/elasticsearch-wire.ts'
import { bytesOf, exchange, jsonOf } from '../../../src/cli/elasticsearch/exchange.ts'
import { openSearchWire } from '../../../src/cli/elasticsearch/opensearch-wire.ts'
import type { ServerOptions } from '../../../src/cli/elasticsearch/server-options.ts'
import type { Wire } from '../../../src/cli/elasticsearch/wire.ts'
import { running } from './read-sources.ts'

const HEADERS = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }
/** JSON.parse would round it, and so would both clients. */
const BODY = '{"n":12345678901234567890,"f":1.10}'

const servers: Server[] = []
const open: Wire[] = []

afterEach(async () => {
  for (const wire of open.splice(0)) await wire.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

const WIRES = { elasticsearch: elasticsearchWire, opensearch: openSearchWire }

describe.each(['elasticsearch', 'opensearch'] as const)('the client of %s', (engine) => {
  const connect = (url: string, options: Partial<ServerOptions> = {}): Wire => {
    const wire = WIRES[engine]({ url, deadlineMilliseconds: 5_000, attempts: 1, gzip: false, ...options })
    open.push(wire)
    return wire
  }

  it('sends text and brings back the bytes of the server', async () => {
    const seen: string[] = []
    const url = await serve(async (request, response) => {
      for await (const chunk of request) seen.push(String(chunk))
      seen.push(`${request.method} ${request.url}`, request.headers.authorization ?? '')
      response.writeHead(200, HEADERS).end(BODY)
    })
    const wire = connect(`${url}/prefix`, { authorization: 'ApiKey a2V5' })
    const request = {
      method: 'POST',
      path: '/_search',
      query: { a: 'b' },
      body: '{"after":[12345678901234567890]}',
    } as const
    const answer = await exchange(wire, request, 5_000, running())
    expect(new TextDecoder().decode(bytesOf(answer))).toBe(BODY)
    expect(answer.bytes.buffer.byteLength).toBe(BODY.length)
    expect(seen).toEqual(['{"after":[12345678901234567890]}', 'POST /prefix/_search?a=b', 'ApiKey a2V5'])
  })

  it('asks for compressed answers only where it is told to, and reads them', async () => {
    const url = await serve((request, response) => {
      const isAsked = request.headers['accept-encoding'] === 'gzip'
      if (isAsked) response.writeHead(200, { ...HEADERS, 'content-encoding': 'gzip' }).end(gzipSync(BODY))
      else response.writeHead(200, HEADERS).end(BODY)
    })
    for (const gzip of [false, true]) {
      const answer = await exchange(connect(url, { gzip }), { method: 'GET', path: '/' }, 5_000, running())
      expect(new TextDecoder().decode(answer.bytes)).toBe(BODY)
    }
  })

  it('says which answer it got where it is none of success, with a hint for those who may not ask', async () => {
    const error = JSON.stringify({ error: { root_cause: [{ reason: 'missing authentication credentials' }] } })
    const url = await serve((_, response) => response.writeHead(401, HEADERS).end(error))
    const answer = await exchange(connect(url), { method: 'GET', path: '/' }, 5_000, running())
    expect(() => jsonOf(answer)).toThrow(
      /^answered 401: missing authentication credentials; --api-key-file, or --username/,
    )
  })

  it.each([
    ['is silent', () => undefined],
    ['stops in the middle of its answer', (_, response) => response.writeHead(200, HEADERS).write('{"half":')],
  ] as [string, RequestListener][])('gives up at the deadline a server that %s', async (_, listener) => {
    const url = await serve(listener)
    const asking = exchange(connect(url), { method: 'GET', path: '/' }, 150, running())
    await expect(asking).rejects.toThrow('no whole answer within 0.15 s')
  })

  it('says that nobody listens', async () => {
    const url = await serve(() => undefined)
    servers[0]?.close()
    await expect(exchange(connect(url), { method: 'GET', path: '/' }, 5_000, running())).rejects.toThrow(
      /^the connection failed: .*ECONNREFUSED/,
    )
  })
})
