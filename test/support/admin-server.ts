/** A server that answers /admin as it is told, and remembers what it was asked. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly token: string | undefined
  readonly contentType: string | undefined
  readonly body: Buffer
}

export interface AdminServer {
  readonly url: string
  readonly asked: Asked[]
  answer: { status: number; body: unknown }
  /** Answers that come before that, one each. */
  readonly first: { status: number; body: unknown }[]
  stop(): Promise<void>
}

export const startAdminServer = async (): Promise<AdminServer> => {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method, url: path, headers } = request
      const token = headers.authorization?.replace('Bearer ', '')
      asked.push({ method, path, token, contentType: headers['content-type'], body: Buffer.concat(parts) })
      const { status, body } = own.first.shift() ?? own.answer
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own: AdminServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: { status: 200, body: {} },
    first: [],
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return own
}
