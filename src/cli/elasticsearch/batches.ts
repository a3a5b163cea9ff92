/** Events in the bodies that `POST /v1/events` takes: NDJSON, at most 1,000 events and 4 MiB each. */
import type { Hit, Page } from './hits.ts'

/** The worker's own limits (MAX_EVENTS, MAX_BODY_BYTES). */
const MAX_EVENTS = 1_000
const MAX_BYTES = 4 * 2 ** 20

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SPACE = 32

export interface Batch {
  readonly body: Uint8Array<ArrayBuffer>
  readonly hits: readonly Hit[]
}

/** One event a line. A document may have been stored with line feeds, which stand between its values only: a string holds none. */
const toBatch = ({ bytes }: Page, hits: readonly Hit[]): Batch => {
  const body = new Uint8Array(hits.reduce((sum, { start, end }) => sum + end - start + 1, 0))
  let at = 0
  for (const { start, end } of hits) {
    for (let place = start; place < end; place++) {
      const byte = bytes[place] as number
      body[at++] = byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte
    }
    body[at++] = LINE_FEED
  }
  return { body, hits }
}

/** `hits` in as few batches as the limits allow; an event that is longer than a body may be is a batch of its own, and `isTooLong`. */
export const toBatches = (page: Page, hits: readonly Hit[]): Batch[] => {
  const batches: Batch[] = []
  let first = 0
  let bytes = 0
  for (const [index, { start, end }] of hits.entries()) {
    const size = end - start + 1
    if (index > first && (index - first === MAX_EVENTS || bytes + size > MAX_BYTES)) {
      batches.push(toBatch(page, hits.slice(first, index)))
      first = index
      bytes = 0
    }
    bytes += size
  }
  if (first < hits.length) batches.push(toBatch(page, hits.slice(first)))
  return batches
}

export const isTooLong = ({ body }: Batch): boolean => body.length > MAX_BYTES

/** The two halves of a batch that the worker found too large. */
export const halves = (page: Page, { hits }: Batch): Batch[] => {
  const middle = Math.ceil(hits.length / 2)
  return [toBatch(page, hits.slice(0, middle)), toBatch(page, hits.slice(middle))]
}
