/** A server that takes a shop's traffic as it is told to, and remembers what it was asked. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly body: unknown
  /** It is held until this has come; a promise that never does is a server that hangs. */
  readonly after?: Promise<void>
}

export interface ShopServer {
  readonly url: string
  readonly asked: Asked[]
  /** The most requests that were under way at once. */
  readonly most: () => number
  stop(): Promise<void>
}

export const startShopServer = async (reply: (asked: Asked) => Reply): Promise<ShopServer> => {
  const asked: Asked[] = []
  let underWay = 0
  let most = 0
  const server = createServer((request, response) => {
    underWay++
    most = Math.max(most, underWay)
    response.on('close', () => underWay--)
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() }
      asked.push(one)
      const { status, body, after } = reply(one)
      await after
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    most: () => most,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
