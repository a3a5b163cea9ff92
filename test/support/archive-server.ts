/** A deployment's archive in memory, behind its two routes, whose objects a test changes while somebody reads. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ArchivePage } from '../../src/protocol/archive-routes.ts'

export interface HeldObject {
  readonly bytes: Uint8Array
  readonly writtenAt: number
}

export class ArchiveServer {
  readonly objects = new Map<string, HeldObject>()
  readonly asked: string[] = []
  isJoining = false
  pageSize = 1_000
  /** Called before a request is answered, with its number from 0. A status takes the place of the answer. */
  before: (path: string, number: number) => number | undefined = () => undefined
  #stop: () => Promise<void> = () => Promise.resolve()
  url = ''

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://archive.test')
      const status = this.before(url.pathname, this.asked.push(url.href.slice('http://archive.test'.length)) - 1)
      const problem = (of: number, detail: string): void => {
        response.writeHead(of, { 'content-type': 'application/problem+json', 'retry-after': '0' })
        response.end(JSON.stringify({ code: 'injected', detail }))
      }
      if (request.headers.authorization !== 'Bearer secret') return problem(401, 'no token')
      if (status !== undefined) return problem(status, `injected ${status}`)
      if (url.pathname === '/admin/archive') {
        response.writeHead(200, { 'content-type': 'application/json' })
        return response.end(JSON.stringify(this.#page(url.searchParams)))
      }
      const object = this.objects.get(url.searchParams.get('key') ?? '')
      if (object === undefined) return problem(404, 'gone')
      response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': object.bytes.length })
      return response.end(object.bytes)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#stop = () => new Promise((resolve) => server.close(() => resolve()))
    return this
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  #page(query: URLSearchParams): ArchivePage {
    const hour = query.get('hour')
    const prefix = `archive/${query.get('day')}/${hour === null ? '' : `${hour}/`}`
    const after = query.get('cursor') ?? ''
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const page = keys.slice(0, this.pageSize)
    return {
      objects: page.map((key) => {
        const { bytes, writtenAt } = this.objects.get(key) as HeldObject
        return { key, bytes: bytes.length, written_at: new Date(writtenAt).toISOString() }
      }),
      is_joining: this.isJoining,
      cursor: page.length < keys.length ? (page.at(-1) ?? null) : null,
    }
  }
}
