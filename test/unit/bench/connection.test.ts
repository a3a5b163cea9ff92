import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Connection, postRequest } from '../../../bench/connection.ts'

let server: Server
let port = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (request.url === '/cut') return void response.socket?.destroy()
      if (request.url === '/no-length') response.write(body.subarray(0, 1))
      else response.writeHead(request.url === '/refuse' ? 422 : 200, { 'content-length': body.byteLength })
      response.write(body.subarray(0, 3))
      setImmediate(() => response.end(body.subarray(3)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => server.close())

const withConnection = async <T>(use: (connection: Connection) => Promise<T>): Promise<T> => {
  const connection = await Connection.open(port)
  try {
    return await use(connection)
  } finally {
    connection.close()
  }
}

describe('a connection', () => {
  it('carries one request after the other and reads answers that come in pieces', () =>
    withConnection(async (connection) => {
      for (const body of ['{"a":1}', '{"naïve":"日本"}', '{}']) {
        expect(await connection.exchange(postRequest('/', body))).toEqual({ status: 200, body })
      }
      expect((await connection.exchange(postRequest('/refuse', 'abc'))).status).toBe(422)
    }))

  it('rejects when the server hangs up', () =>
    withConnection((connection) => expect(connection.exchange(postRequest('/cut', 'abc'))).rejects.toThrow()))

  it('rejects an answer that does not tell its length', () =>
    withConnection((connection) =>
      expect(connection.exchange(postRequest('/no-length', 'abc'.repeat(9)))).rejects.toThrow(/content-length/),
    ))
})
