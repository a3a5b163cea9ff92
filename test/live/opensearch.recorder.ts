/** Stands before a server and keeps what is asked and answered. */
import { once } from 'node:events'
import { createServer } from 'node:http'

interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly body: string }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

/** Passes requests on to the node, one at a time, and keeps them with their answers. */
export const startRecorder = async (node: string) => {
  const exchanges: Exchange[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const [method, path, body] = [incoming.method ?? '', incoming.url ?? '', Buffer.concat(chunks).toString()]
    const answer = await fetch(`${node}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    })
    const text = await answer.text()
    const headers = { 'content-type': answer.headers.get('content-type') ?? '' }
    exchanges.push({ request: { method, path, body }, response: { status: answer.status, headers, body: text } })
    outgoing.writeHead(answer.status, headers).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${address.port}`, exchanges, close }
}
