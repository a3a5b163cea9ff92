/** Sends one request over a kept connection and waits for its whole answer, but not for ever. */
import { Agent, request } from 'node:http'

export interface SentRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The body is announced to be so long, and ends before: it is refused by that, or the connection waits. */
  readonly announcedBytes?: number
}

/** `status` 0: no answer in time, or a connection that was lost; `body` says which. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** Longer than any deadline of the worker. */
const PATIENCE_MILLISECONDS = 30_000

export interface Sender {
  /** Never rejects. */
  send(sent: SentRequest): Promise<Answer>
  close(): void
}

export const createSender = (port: number, connections: number): Sender => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const send = ({ method, path, headers, body, announcedBytes }: SentRequest): Promise<Answer> =>
    new Promise((resolve) => {
      const end = (answer: Answer): void => {
        clearTimeout(timer)
        resolve(answer)
      }
      const length = body === undefined ? {} : { 'content-length': String(announcedBytes ?? Buffer.byteLength(body)) }
      const outgoing = request({ agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } })
      const timer = setTimeout(() => {
        end({ status: 0, body: `no answer within ${PATIENCE_MILLISECONDS} ms` })
        outgoing.destroy()
      }, PATIENCE_MILLISECONDS)
      let hasAnswer = false
      outgoing.on('error', (error) => {
        // After the answer nothing is lost.
        if (!hasAnswer) end({ status: 0, body: String(error) })
      })
      outgoing.on('response', (response) => {
        hasAnswer = true
        const status = response.statusCode ?? 0
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', (error) => end({ status: 0, body: String(error) }))
        response.on('end', () => {
          end({ status, body: Buffer.concat(parts).toString('utf8') })
          // Its body will never end, so the connection is of no use any more.
          if (announcedBytes !== undefined) outgoing.destroy()
        })
      })
      if (announcedBytes === undefined) outgoing.end(body)
      else outgoing.write(body ?? '')
    })
  return { send, close: () => agent.destroy() }
}
