/** A worker's `POST /v1/events`, as unreliable as one may be. */
import { once } from 'node:events'
import { createServer } from 'node:http'

export interface EventSink {
  readonly url: string
  /** Ids that were accepted, in order. */
  readonly accepted: string[]
  /** Answers by status; 0 for a connection that was cut. */
  readonly answers: Map<number, number>
  close(): Promise<void>
}

interface SentHit {
  readonly _id: string
}

/** Every fourth request is refused with 429, every fifth with 503, every sixth cut before it is accepted. */
export const startSink = async (): Promise<EventSink> => {
  const accepted: string[] = []
  const answers = new Map<number, number>()
  let requests = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    requests++
    const status = requests % 4 === 0 ? 429 : requests % 5 === 0 ? 503 : requests % 6 === 0 ? 0 : 202
    answers.set(status, (answers.get(status) ?? 0) + 1)
    if (status === 0) {
      request.socket.resetAndDestroy()
      return
    }
    if (status !== 202) {
      response.writeHead(status, { 'retry-after': '0' }).end()
      return
    }
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n')
    accepted.push(...lines.map((line) => (JSON.parse(line) as SentHit)._id))
    const body = JSON.stringify({ accepted: lines.length, rejected: [] })
    response.writeHead(202, { 'content-type': 'application/json' }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/v1/events`,
    accepted,
    answers,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
