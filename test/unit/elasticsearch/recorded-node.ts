/** A server that knows the answers of a fixture: to any recorded request, in any order and as often as it is asked. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { cutOff, type Exchange, readFixture } from './replay.ts'

export interface RecordedNode {
  readonly url: string
  /** The searches of points in time, as `keyOf` writes them. */
  readonly searches: readonly string[]
  /** What was asked and is not in the fixture. */
  readonly unexpected: readonly string[]
  close(): Promise<void>
}

export interface NodeOptions {
  /** Whether the connection is cut in the middle of the answer to this search, counted from 0. */
  readonly cut?: (search: number) => boolean
  /** Passed over without an answer from this search on, counted from 0: the connection stays silent. */
  readonly silent?: (search: number) => boolean
  /** The `authorization` header without which it answers 401. */
  readonly authorization?: string
}

/** As Elasticsearch words it. */
const UNAUTHORIZED = {
  status: 401,
  headers: { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' },
  body: '{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate user"}]},"status":401}',
}
const UNKNOWN = { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"not in the fixture"}' }

/** Points in time have other names in every run and may live for any time; the index behind them is the same. */
const keyOf = ({ method, path, body }: Exchange['request']): string => {
  const plain = (name: string, value: unknown): unknown => (name === 'pit' || name === 'pit_id' ? null : value)
  const canonical = body === '' ? '' : JSON.stringify(JSON.parse(body), plain)
  return `${method} ${path.replace(/keep_alive=\w+/, '')} ${canonical}`
}

/** The answers to each request, in the order in which they were recorded; the last one stands for all that come later. */
class Answers {
  private readonly byKey = new Map<string, Exchange['response'][]>()

  constructor(exchanges: readonly Exchange[]) {
    for (const { request, response } of exchanges) {
      const key = keyOf(request)
      this.byKey.set(key, [...(this.byKey.get(key) ?? []), response])
    }
  }

  next(key: string): Exchange['response'] | undefined {
    const answers = this.byKey.get(key)
    return answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0]
  }
}

export const startRecordedNode = async (name: string, options: NodeOptions = {}): Promise<RecordedNode> => {
  const answers = new Answers(readFixture(name).exchanges)
  const searches: string[] = []
  const unexpected: string[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const answer = (response: Exchange['response'], isCut = false): void => {
      const { status, headers, body } = response
      outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
      if (isCut) cutOff(outgoing, body)
      else outgoing.end(body)
    }
    if (options.authorization !== undefined && incoming.headers.authorization !== options.authorization) {
      answer(UNAUTHORIZED)
      return
    }
    const { method = '', url: path = '' } = incoming
    const key = keyOf({ method, path, body: Buffer.concat(chunks).toString() })
    const recorded = answers.next(key)
    if (recorded === undefined) {
      unexpected.push(key)
      answer(UNKNOWN)
      return
    }
    const isSearch = path.startsWith('/_search?')
    const search = isSearch ? searches.push(key) - 1 : undefined
    if (search !== undefined && options.silent?.(search) === true) return
    answer(recorded, search !== undefined && options.cut?.(search) === true)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    searches,
    unexpected,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
