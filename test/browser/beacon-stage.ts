/** What every check of the beacon has: a shop, the worker behind a proxy that writes down, and how to read what arrived. */
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { SECRETS } from '../../bench/worker.ts'
import { expectThat } from '../support/checks.ts'
import type { RecordingProxy } from '../support/recording-proxy.ts'
import type { Shop } from './shop.ts'

export interface Stage {
  readonly shop: Shop
  readonly proxy: RecordingProxy
  /** Runs one check from a clean slate, and counts it. */
  check(name: string, run: () => Promise<void>): Promise<void>
}

/** Waits until it holds; throws with `what` after `seconds`. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  what: () => string,
  seconds = 15,
): Promise<void> => {
  for (let tries = 0; tries < seconds * 20; tries++) {
    if (await holds()) return
    await pause(50)
  }
  throw new Error(what())
}

export interface SentEvent {
  readonly event_id: string
  readonly event_name?: string
  readonly createdDateTime: number
  readonly page_path: string
  readonly session_id: string
  readonly session: { readonly page_views: number; readonly seconds: number; readonly events: number }
  readonly [field: string]: unknown
}

export interface SentBody {
  readonly sent_at: number
  readonly traceparent: string
  readonly timings: readonly { readonly route: string; readonly milliseconds: number }[]
  readonly events: readonly SentEvent[]
}

export const bodiesOf = (proxy: RecordingProxy, path = '/v1/events'): readonly SentBody[] =>
  proxy.requests
    .filter((request) => request.path === path && request.method === 'POST')
    .map((request) => JSON.parse(request.body) as SentBody)

/** The events of every request that the worker accepted, as often as it did. */
export const acceptedEvents = (proxy: RecordingProxy): readonly SentEvent[] =>
  proxy.requests
    .filter(({ path, status }) => path === '/v1/events' && status === 202)
    .flatMap(({ body, answer }) => {
      const { events } = JSON.parse(body) as SentBody
      const { accepted } = JSON.parse(answer) as { accepted: number }
      if (accepted !== events.length) throw new Error(`${accepted} of ${events.length} events were accepted: ${answer}`)
      return events
    })

/** Waits until exactly these were accepted by name, each once, and nothing else for a moment longer. */
export const expectAccepted = async (
  proxy: RecordingProxy,
  names: readonly string[],
  seconds?: number,
): Promise<void> => {
  const wanted = [...names].sort().join(' ')
  const found = (): string =>
    acceptedEvents(proxy)
      .map(({ event_name }) => event_name ?? 'nameless')
      .sort()
      .join(' ')
  const told = () => `accepted: "${found()}", wanted: "${wanted}"`
  await until(() => found() === wanted, told, seconds)
  await pause(400)
  expectThat(found() === wanted, told())
}

export const isEvents = ({ path }: { readonly path: string }): boolean => path === '/v1/events'

export const preflights = (proxy: RecordingProxy): number =>
  proxy.requests.filter(({ method }) => method === 'OPTIONS').length

const HEADERS = { headers: { authorization: `Bearer ${SECRETS.ADMIN_TOKEN}` } }

/** The ids of every event in the archive of today, as often as they stand there. */
const archivedIds = async (origin: string): Promise<readonly string[]> => {
  const ids: string[] = []
  const day = new Date().toISOString().slice(0, 10)
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const list = await fetch(`${origin}/admin/archive?day=${day}${after}`, HEADERS)
    const page = (await list.json()) as { objects: readonly { key: string }[]; cursor: string | null }
    for (const { key } of page.objects) {
      const object = await fetch(`${origin}/admin/archive/object?key=${encodeURIComponent(key)}`, HEADERS)
      const lines = gunzipSync(Buffer.from(await object.arrayBuffer()))
        .toString()
        .trimEnd()
        .split('\n')
      for (const line of lines) ids.push((JSON.parse(line) as { _id: string })._id)
    }
    cursor = page.cursor
  } while (cursor !== null)
  return ids
}

/** Waits until each of them is in the archive, and once. */
export const expectArchived = async (origin: string, ids: ReadonlySet<string>): Promise<void> => {
  let found: readonly string[] = []
  const isThere = async (): Promise<boolean> => {
    found = (await archivedIds(origin)).filter((id) => ids.has(id))
    return new Set(found).size === ids.size
  }
  for (let tries = 0; tries < 120 && !(await isThere()); tries++) await pause(500)
  // What would be archived twice comes a moment later.
  await pause(3_000)
  await isThere()
  const told = `${found.length} in the archive, ${new Set(found).size} of them different, ${ids.size} wanted`
  expectThat(found.length === ids.size && new Set(found).size === ids.size, told)
}

/** What a browser does to a page that is put away and comes back. Headless Chromium shows every tab at once. */
export const showPage = (isHidden: boolean): void => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden })
  document.dispatchEvent(new Event('visibilitychange'))
}
