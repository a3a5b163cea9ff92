/** The port to the official clients: a request goes out, an answer comes back as the bytes that the server sent. */
import type { Readable } from 'node:stream'

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /**
   * JSON text. Sent and received as text and not as objects, because both clients read and write numbers by `JSON.parse` and `JSON.stringify`,
   * which round long integers.
   */
  readonly body?: string
}

export interface WireReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Not decompressed. */
  readonly body: Readable
}

export interface Wire {
  /** Rejects with a ServerFailure, or with anything once `signal` has aborted. No retries: those want the whole answer. */
  send(request: WireRequest, signal: AbortSignal): Promise<WireReply>
  close(): Promise<void>
}

/** The headers of every request. Plain JSON, so that servers of any major version answer: `compatible-with=9` is refused by version 8. */
export const requestHeaders = (gzip: boolean): Record<string, string> => ({
  accept: 'application/json',
  'content-type': 'application/json',
  'accept-encoding': gzip ? 'gzip' : 'identity',
})

/** One header's value; the first where it came more than once. */
export const headerOf = ({ headers }: WireReply, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value[0]
}
