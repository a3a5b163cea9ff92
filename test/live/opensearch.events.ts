/** Generated events, and how they get into an index. */

export const FIRST_TIME = 1_731_880_000_000

/** Three shards, so that sequence numbers meet; what is not needed is not indexed. */
const INDEX = {
  settings: { number_of_shards: 3, number_of_replicas: 0, refresh_interval: '200ms' },
  mappings: {
    properties: {
      createdDateTime: { type: 'date' },
      zipCode: { type: 'keyword' },
      visitor: { type: 'object', enabled: false },
    },
  },
}

/** A small generator (mulberry32): the same events in every run. */
const randomFrom = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

export interface GeneratedEvent {
  readonly id: string
  readonly time: number
  /** JSON with a 20-digit integer, which no double holds. */
  readonly source: string
}

/** `count` events in bursts: many share their millisecond. Times begin at `first`. */
export const generateEvents = (count: number, first: number, prefix = 'e'): GeneratedEvent[] => {
  const random = randomFrom(count)
  let time = first
  return Array.from({ length: count }, (_, index) => {
    time += random() < 0.7 ? 0 : Math.floor(random() * 400)
    const zip = String(Math.floor(random() * 100_000)).padStart(5, '0')
    const visitor = `{"number":${10n ** 19n + BigInt(index)},"agent":"${'x'.repeat(Math.floor(random() * 400))}"}`
    const source = `{"createdDateTime":${time},"zipCode":"${zip}","visitor":${visitor}}`
    return { id: `${prefix}${String(index).padStart(6, '0')}`, time, source }
  })
}

/** Sends JSON to the node and throws unless it succeeds. */
export const ask = async (url: string, method: string, body?: string, type = 'application/json'): Promise<string> => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': type },
    ...(body === undefined ? {} : { body }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
  return text
}

export const createIndex = (node: string, index: string): Promise<string> =>
  ask(`${node}/${index}`, 'PUT', JSON.stringify(INDEX))

const BULK_EVENTS = 5_000

/** Indexes `events` and makes them visible. */
export const indexEvents = async (node: string, index: string, events: readonly GeneratedEvent[]): Promise<void> => {
  for (let at = 0; at < events.length; at += BULK_EVENTS) {
    const lines = events.slice(at, at + BULK_EVENTS).map(({ id, source }) => `{"index":{"_id":"${id}"}}\n${source}\n`)
    const answer = await ask(`${node}/${index}/_bulk?refresh=true`, 'POST', lines.join(''), 'application/x-ndjson')
    if ((JSON.parse(answer) as { errors: boolean }).errors) throw new Error(`bulk: ${answer.slice(0, 1_000)}`)
  }
}
