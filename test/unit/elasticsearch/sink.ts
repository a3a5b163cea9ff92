/** A worker that answers as a test says. */
import { once } from 'node:events'
import { createServer } from 'node:http'

export interface SinkAnswer {
  /** 0 cuts the connection. */
  readonly status: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

export interface Sink {
  readonly url: string
  /** The lines of each request that came, parsed. */
  readonly requests: readonly (readonly { readonly _id: string }[])[]
  readonly contentTypes: readonly (string | undefined)[]
  close(): Promise<void>
}

export const startSink = async (answer: (ids: readonly string[], request: number) => SinkAnswer): Promise<Sink> => {
  const requests: { readonly _id: string }[][] = []
  const contentTypes: (string | undefined)[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n')
    const hits = lines.map((line) => JSON.parse(line) as { readonly _id: string })
    contentTypes.push(incoming.headers['content-type'])
    requests.push(hits)
    const ids = hits.map(({ _id }) => _id)
    const { status, body, headers } = answer(ids, requests.length)
    if (status === 0) incoming.socket.resetAndDestroy()
    else outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/v1/events`,
    requests,
    contentTypes,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const takeAll = (ids: readonly string[]): SinkAnswer => ({
  status: 202,
  body: { accepted: ids.length, rejected: [] },
})
