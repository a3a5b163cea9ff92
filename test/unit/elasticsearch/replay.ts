/** A server that answers from a fixture: the recorded requests in their order, each with its recorded answer. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { resolve } from 'node:path'

export interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly body: string }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

interface Fixture {
  readonly made_by: string
  readonly exchanges: readonly Exchange[]
}

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/elasticsearch')

export const readFixture = (name: string): Fixture =>
  JSON.parse(readFileSync(resolve(FIXTURES, `${name}.json`), 'utf8')) as Fixture

export interface Replay {
  readonly url: string
  /** `method path` of what was asked and is not what comes next in the fixture. */
  readonly unexpected: readonly string[]
  /** Recorded requests that nobody sent. */
  readonly left: () => number
  readonly authorizations: ReadonlySet<string | undefined>
  close(): Promise<void>
}

export interface ReplayOptions {
  /** Whether the connection is cut in the middle of this answer; it is asked for each sending, from 0. */
  readonly cut?: (exchange: number, sending: number) => boolean
  /** Passed over without an answer: the connection stays silent. */
  readonly silent?: (exchange: number) => boolean
}

export const cutOff = (response: ServerResponse, body: string): void => {
  const half = Buffer.from(body).subarray(0, Buffer.byteLength(body) >> 1)
  response.write(half, () => response.socket?.resetAndDestroy())
}

/** JSON that differs only in its space is the same request. */
const canonical = (body: string): string => (body === '' ? '' : JSON.stringify(JSON.parse(body)))

export const startReplay = async (name: string, options: ReplayOptions = {}): Promise<Replay> => {
  const { exchanges } = readFixture(name)
  const unexpected: string[] = []
  const authorizations = new Set<string | undefined>()
  const sendings = new Map<number, number>()
  let next = 0
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    authorizations.add(incoming.headers.authorization)
    const exchange = exchanges[next]
    const body = canonical(Buffer.concat(chunks).toString())
    const isNext =
      exchange?.request.method === incoming.method &&
      exchange.request.path === incoming.url &&
      canonical(exchange.request.body) === body
    if (exchange === undefined || !isNext) {
      unexpected.push(`${incoming.method} ${incoming.url} ${body}`)
      outgoing.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"not in the fixture"}')
      return
    }
    if (options.silent?.(next) === true) return
    const { status, headers, body: answer } = exchange.response
    const sending = sendings.get(next) ?? 0
    sendings.set(next, sending + 1)
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(answer) })
    if (options.cut?.(next, sending) === true) {
      cutOff(outgoing, answer)
      return
    }
    next++
    outgoing.end(answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    unexpected,
    left: () => exchanges.length - next,
    authorizations,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
