/** Stands before two workers as Cloudflare stands before two versions of one: by share, or by the header that picks a version. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Splitter {
  readonly url: URL
  stop(): Promise<void>
}

export interface Split {
  readonly before: string
  readonly version: string
  /** Of `version`, percent. */
  readonly share: () => number
}

const OVERRIDE = /="([^"]+)"$/
const FORWARDED = ['authorization', 'content-type'] as const

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += String(part)
  return body
}

interface Told {
  readonly code_outcomes: Readonly<Record<string, unknown>>
}

/** `origins` by version. Statistics are those of both, since versions of one worker share their objects. */
export const startSplitter = async (
  origins: Readonly<Record<string, string>>,
  { before, version, share }: Split,
): Promise<Splitter> => {
  let turn = 0
  const pick = (header: string): string => {
    const named = OVERRIDE.exec(header)?.[1]
    if (named !== undefined && Object.hasOwn(origins, named)) return named
    // Every hundred requests are split exactly, one after the other.
    turn = (turn + 37) % 100
    return turn < share() ? version : before
  }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const path = request.url ?? '/'
    const headers = Object.fromEntries(
      FORWARDED.flatMap((name) => {
        const value = request.headers[name]
        return value === undefined ? [] : [[name, value]]
      }),
    )
    const forward = (to: string): Promise<Response> =>
      fetch(`${origins[to]}${path}`, {
        method: request.method ?? 'GET',
        headers,
        ...(body !== '' && { body }),
      })
    const answer = await forward(pick(String(request.headers['cloudflare-workers-version-overrides'] ?? '')))
    let text = await answer.text()
    if (path.startsWith('/v1/stats') && answer.ok) {
      const both = await Promise.all(
        Object.keys(origins).map(async (one) => (await (await forward(one)).json()) as Told),
      )
      const code_outcomes = Object.assign({}, ...both.map((told) => told.code_outcomes)) as object
      text = JSON.stringify({ ...(JSON.parse(text) as object), code_outcomes })
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    response.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
