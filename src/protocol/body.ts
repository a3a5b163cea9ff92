/** A request body as one event or a batch: JSON or NDJSON, whatever its content type says. */
import { statedValue } from '../core/event/stated-value.ts'
import { Failure } from '../core/failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts'
import { type BrowserTiming, timingsOf } from './browser-timings.ts'
import { scanJson } from './json-scan.ts'
import { jsonText } from './json-text.ts'
import { parseScanned, type TextSpan } from './parse-json.ts'
import { isTraceparent } from './trace.ts'
import { decodeUtf8 } from './utf8.ts'

export interface BodyOptions {
  readonly contentType: string | null
  /** The caller asked for a batch: a single value is a batch of one. */
  readonly batch: boolean
  readonly limits: BodyLimits
}

/** What one request may hold; a refusal names both. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly maxEvents: number
}

/** The sentence that names both limits. */
export const describeLimits = ({ maxBodyBytes, maxEvents }: BodyLimits): string =>
  `the limits of a request are ${maxBodyBytes} bytes and ${maxEvents} events`

export type BodyItem =
  | {
      readonly value: JsonValue
      /** What the envelope around it says of the sender's clock at sending, as it was written. */
      readonly sentAt?: JsonValue
    }
  | { readonly failure: Failure; readonly line?: number }

/** Where the items of a batch stand in its body: one a line; elements of the body's array or of the list in its envelope; or the body is the only one. */
export type BatchLayout = 'lines' | 'array' | 'events' | 'hits' | 'whole'

export type ParsedBody =
  | { readonly kind: 'single'; readonly value: JsonValue }
  | {
      readonly kind: 'batch'
      readonly layout: BatchLayout
      readonly items: readonly BodyItem[]
      /** The one beside `events`, when it is well-formed: a beacon cannot send the header without a preflight. */
      readonly traceparent?: string
      /** Those beside `events`. */
      readonly timings?: readonly BrowserTiming[]
    }

/** Content types that promise one JSON value a line. */
export const LINES_MEDIA_TYPE = /^\s*(?:application|text)\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines)\s*(?:;|$)/i

/** Calls `visit` with the bounds and number (from 1) of every line that is not blank, until it returns false. */
const forEachLine = (text: string, visit: (start: number, end: number, line: number) => boolean): void => {
  let line = 0
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start)
    const end = feed < 0 ? text.length : feed
    line++
    let at = start
    while (at < end && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9 || text.charCodeAt(at) === 13)) at++
    if (at < end && !visit(start, end, line)) return
    start = end + 1
  }
}

const refuseTooMany = (limits: BodyLimits, count: number): void => {
  if (count > limits.maxEvents)
    throw new Failure('too_many_events', `${count} events in one body; ${describeLimits(limits)}`)
}

const readLine = (text: string, span: TextSpan): BodyItem => {
  try {
    return { value: parseScanned(text, span, scanJson(text, span.start, span.end), true) }
  } catch (error) {
    if (error instanceof Failure) return { failure: error, line: span.line }
    throw error
  }
}

const readLines = (text: string, limits: BodyLimits): BodyItem[] => {
  let count = 0
  forEachLine(text, () => {
    count++
    return true
  })
  refuseTooMany(limits, count)
  const items: BodyItem[] = []
  forEachLine(text, (start, end, line) => {
    items.push(readLine(text, { start, end, line }))
    return true
  })
  return items
}

/** Whether an object is itself an event, so that a field named `events` or `hits` is its own affair. */
const isItselfAnEvent = (value: JsonObject): boolean =>
  ['_source', 'createdDateTime', '@timestamp', 'timestamp'].some((field) => value[field] !== undefined)

/** The events a value is an envelope of: an array, `{"events":[…]}`, or a search response `{"hits":{"hits":[…]}}`. */
const enclosedEvents = (
  value: JsonValue,
): { readonly layout: BatchLayout; readonly events: readonly JsonValue[] } | undefined => {
  if (Array.isArray(value)) return { layout: 'array', events: value }
  if (!isJsonObject(value) || isItselfAnEvent(value)) return undefined
  if (Array.isArray(value.events)) return { layout: 'events', events: value.events }
  const { hits } = value
  return isJsonObject(hits) && Array.isArray(hits.hits) ? { layout: 'hits', events: hits.hits } : undefined
}

/** No time is written longer. */
const MAX_SENT_AT_LENGTH = 100

/** The `sent_at` of an envelope. It goes with each event, so what is longer than any time is replaced by what is no time either. */
const sentAtOf = (envelope: JsonValue): JsonValue | undefined => {
  const stated = isJsonObject(envelope) ? statedValue(envelope.sent_at) : undefined
  return stated === undefined || jsonText(stated).length <= MAX_SENT_AT_LENGTH ? stated : false
}

/** A later version of the format may be longer than the first; it is echoed in a header, so it holds only what a header may. */
const HEADER_TEXT = /^[\x21-\x7e]{1,256}$/

/** The `traceparent` of an envelope; `undefined` for none, and, as the header, for one that is malformed. */
const traceparentOf = (envelope: JsonValue): string | undefined => {
  const stated = isJsonObject(envelope) ? envelope.traceparent : undefined
  return typeof stated === 'string' && HEADER_TEXT.test(stated) && isTraceparent(stated) ? stated : undefined
}

const classify = (value: JsonValue, options: BodyOptions, asBatch: boolean): ParsedBody => {
  const enclosed = enclosedEvents(value) ?? (asBatch ? { layout: 'whole' as const, events: [value] } : undefined)
  if (enclosed === undefined) return { kind: 'single', value }
  const { layout, events } = enclosed
  refuseTooMany(options.limits, events.length)
  const sentAt = layout === 'events' ? sentAtOf(value) : undefined
  const traceparent = layout === 'events' ? traceparentOf(value) : undefined
  const items = events.map((event) => (sentAt === undefined ? { value: event } : { value: event, sentAt }))
  const timings = layout === 'events' ? timingsOf(value) : []
  return {
    ...{ kind: 'batch', layout, items },
    ...(traceparent !== undefined && { traceparent }),
    ...(timings.length > 0 && { timings }),
  }
}

const readWhole = (text: string, span: TextSpan, options: BodyOptions, asBatch: boolean): ParsedBody => {
  const scan = scanJson(text, span.start, span.end)
  // Counted before it is built; what `classify` counts is then a nested array only.
  if (text.slice(span.start).trimStart().startsWith('[') && scan.balanced)
    refuseTooMany(options.limits, scan.commas + 1)
  return classify(parseScanned(text, span, scan, false), options, asBatch)
}

/**
 * Reads `bytes` (UTF-8, a byte order mark is ignored). A batch is: an array; `{"events":[…]}` and `{"hits":{"hits":[…]}}` unless the object
 * has a time or a `_source` of its own; lines of JSON, each one event, blank ones skipped; and whatever came, where the content type is
 * NDJSON or `options.batch` is set.
 *
 * The `sent_at` beside `events` goes with each of them, `traceparent` and `timings` there with the whole.
 *
 * A line that is no JSON is an item with a failure, where the body is known to be lines: its content type says so; or the first line is
 * JSON; or the first line begins with `{` and ends with `}` and some other line is JSON.
 *
 * Integers beyond ±(2^53 - 1) become bigints; of equal keys the last wins. Throws `empty_body`, `invalid_utf8`, `invalid_json` (with line
 * and column), `too_deep` (over 64 levels) or `too_many_events`.
 */
export const readBody = (bytes: Uint8Array, options: BodyOptions): ParsedBody => {
  const text = decodeUtf8(bytes)
  const opening: TextSpan[] = []
  forEachLine(text, (start, end, line) => opening.push({ start, end, line }) < 2)
  const [first, second] = opening
  if (first === undefined) throw new Failure('empty_body', 'the body is empty; send an event as JSON')

  // Nothing may follow a whole JSON document, so a first line that is one means lines.
  if (second !== undefined && 'value' in readLine(text, first)) {
    return { kind: 'batch', layout: 'lines', items: readLines(text, options.limits) }
  }
  const linesDeclared = LINES_MEDIA_TYPE.test(options.contentType ?? '')
  try {
    return readWhole(text, { ...first, end: text.length }, options, linesDeclared || options.batch)
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'too_many_events') throw error
    const firstText = text.slice(first.start, first.end).trim()
    const looksLikeLines = second !== undefined && firstText.startsWith('{') && firstText.endsWith('}')
    if (!linesDeclared && !looksLikeLines) throw error
    const items = readLines(text, options.limits)
    if (!linesDeclared && !items.some((item) => 'value' in item)) throw error
    return { kind: 'batch', layout: 'lines', items }
  }
}
