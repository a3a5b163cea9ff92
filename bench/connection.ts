/** One HTTP/1.1 connection that is kept open and carries one request at a time: as little client as can be, so that the server is the limit. */
import { createConnection, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Bytes of a whole answer, or `undefined` while some of it is still to come. Throws for one without a length. */
const readAnswer = (bytes: Buffer): Answer | undefined => {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without content-length: ${head}`)
  const start = headEnd + 4
  const end = start + Number(length)
  if (bytes.byteLength < end) return undefined
  return { status: Number(head.slice(9, 12)), body: bytes.toString('utf8', start, end) }
}

/** A request for `exchange`: POST `body` as JSON to `path`. */
export const postRequest = (path: string, body: string): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )

export class Connection {
  readonly #socket: Socket
  #received: Buffer | undefined
  #waiting: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')))
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')))
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: '127.0.0.1', port })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  exchange(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the connection was closed while it was idle'))
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk])
    try {
      const answer = readAnswer(bytes)
      this.#received = answer === undefined ? bytes : undefined
      if (answer !== undefined) this.#waiting?.resolve(answer)
    } catch (error) {
      this.#waiting?.reject(error)
    }
  }
}
