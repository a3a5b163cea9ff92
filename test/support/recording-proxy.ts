/** Stands before a worker, writes down what comes and what is answered, and can be told to behave badly. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

export interface Recorded {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** What the worker answered; 0 where it was not asked, or the caller is gone. */
  status: number
  answer: string
}

/** `pass`: to the worker; `slow`: there, and its answer seconds later; `hang`: no answer ever; `cut`: the connection is gone; else an answer that the worker did not give. */
export type Behaviour =
  | 'pass'
  | 'slow'
  | 'hang'
  | 'cut'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }

export interface RecordingProxy {
  readonly origin: string
  readonly requests: Recorded[]
  /** What becomes of each request from now on. */
  behave(of: (request: Recorded) => Behaviour): void
  close(): void
}

const readAll = async (stream: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const SLOW_MILLISECONDS = 3_000

const forward = (target: string, recorded: Recorded, url: string, response: ServerResponse, isSlow: boolean): void => {
  const { method, headers, body } = recorded
  const upstream = requestOf(`${target}${url}`, { method, headers }, async (answer) => {
    recorded.answer = await readAll(answer)
    recorded.status = answer.statusCode ?? 0
    if (isSlow) await pause(SLOW_MILLISECONDS)
    response.writeHead(recorded.status, answer.headers).end(recorded.answer)
  })
  upstream.on('error', () => response.destroy())
  upstream.end(body)
}

export const startRecordingProxy = async (target: string): Promise<RecordingProxy> => {
  const requests: Recorded[] = []
  let behaviourOf: (request: Recorded) => Behaviour = () => 'pass'
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    const [path = '', query = ''] = url.split('?')
    const recorded: Recorded = { method, path, query, headers, body: await readAll(request), status: 0, answer: '' }
    requests.push(recorded)
    const behaviour = behaviourOf(recorded)
    if (behaviour === 'hang') return
    if (behaviour === 'cut') response.destroy()
    else if (behaviour === 'pass' || behaviour === 'slow')
      forward(target, recorded, url, response, behaviour === 'slow')
    else {
      const access = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }
      response.writeHead(behaviour.status, { ...access, ...behaviour.headers }).end(behaviour.body ?? '')
    }
  }
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    behave: (of) => {
      behaviourOf = of
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
