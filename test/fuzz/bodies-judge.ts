/** What must hold of every body: it is read, or refused with a Failure that blames the caller; and what is read is sound. */
import { FAILURE_CODES, Failure } from '../../src/core/failure.ts'
import type { JsonValue } from '../../src/core/json.ts'
import { type BodyLimits, LINES_MEDIA_TYPE, type ParsedBody, readBody } from '../../src/protocol/body.ts'
import { decodeEventMessage, EVENT_MESSAGE_FORMAT, encodeEventMessage } from '../../src/protocol/event-message.ts'
import { readInferenceRequest } from '../../src/protocol/inference.ts'
import { jsonText } from '../../src/protocol/json-text.ts'
import { PROBLEMS } from '../../src/protocol/problem.ts'
import { rawItemsOf } from '../../src/protocol/raw-items.ts'
import { StreamLimits } from '../../src/protocol/stream-limits.ts'
import { type Candidate, readCandidates } from '../../src/serving/candidates.ts'
import { readOutcome } from '../../src/serving/read-outcome.ts'
import type { Body } from './bodies-arbitrary.ts'

/** The instant at which everything is received. */
const NOW = Date.UTC(2026, 10, 25)

const RULES = {
  now: () => NOW,
  clock: {
    offsetMilliseconds: 300_000,
    farPastMilliseconds: 315_360_000_000,
    farFutureMilliseconds: 86_400_000,
    far: 'flag' as const,
  },
}

const EARLIEST = Date.UTC(1900, 0, 1)
const LATEST = Date.UTC(2200, 0, 1)
const MAX_ID_LENGTH = 512
/** An error is for people: it quotes, it does not repeat. */
const MAX_MESSAGE_LENGTH = 2_500

/** What was found to be wrong: never the caller's doing. */
export class Finding extends Error {
  override readonly name = 'Finding'
}

const assert = (holds: boolean, what: string): void => {
  if (!holds) throw new Finding(what)
}

/** Holds a failure to what an answer may carry. A body alone must never make the server look guilty. */
const judgeFailure = (failure: Failure): string => {
  assert(FAILURE_CODES.includes(failure.code), `a code from outside the list: ${failure.code}`)
  assert(PROBLEMS[failure.code].status < 500, `a body is answered with ${PROBLEMS[failure.code].status}`)
  assert(failure.message.length <= MAX_MESSAGE_LENGTH, `a message of ${failure.message.length} characters`)
  return failure.code
}

/** What `read` gives, or the code of the Failure it throws. Anything else it throws goes on. */
export const attempt = <T>(read: () => T): { readonly value: T } | { readonly code: string } => {
  try {
    return { value: read() }
  } catch (error) {
    if (error instanceof Failure) return { code: judgeFailure(error) }
    throw error
  }
}

const judgeCandidate = ({ id, event, time, zip }: Candidate): string => {
  assert(Number.isSafeInteger(time.epochMilliseconds), `the instant ${time.epochMilliseconds}`)
  assert(event.epochMilliseconds >= EARLIEST && event.epochMilliseconds < LATEST, `the time ${event.epochMilliseconds}`)
  assert(id.length > 0 && id.length <= MAX_ID_LENGTH, `an id of ${id.length} characters`)
  assert(zip === null || /^\d{5}$/.test(zip), `the zip ${zip}`)
  return `${id}@${time.epochMilliseconds}/${zip}`
}

/** An event comes out of the text of a message as it went in. */
const judgeTravel = (value: JsonValue): void => {
  const event = {
    id: 'i',
    hasIdentity: true,
    receivedAt: NOW,
    sentAt: null,
    payload: { event: value },
    letter: null,
    prediction: null,
  }
  const header = { receivedAt: NOW, model: 'm', edgeZip: null, isBot: false, isOptedOut: false, traceparent: null }
  const text = encodeEventMessage({ format: EVENT_MESSAGE_FORMAT, id: 'i', ...header, events: [event] })
  const [back] = decodeEventMessage(text).events
  const payload = back?.payload
  const same = payload !== undefined && 'event' in payload && jsonText(payload.event) === jsonText(value)
  assert(same, 'an event is another behind the queue')
}

/** As few as these make bodies meet the limit often. */
const FEW_EVENTS = 3

/** What is refused while it comes would be refused when it is there. */
const judgeStream = (body: Body, maxEvents: number): void => {
  const { bytes, contentType } = body
  const form = LINES_MEDIA_TYPE.test(contentType ?? '') ? 'lines' : 'events'
  const limits = new StreamLimits({ maxEvents, maxKeys: Number.MAX_SAFE_INTEGER, described: '' }, form)
  const middle = bytes.length >> 1
  const watched = attempt(() => {
    limits.push(bytes.subarray(0, middle))
    limits.push(bytes.subarray(middle))
  })
  if (!('code' in watched)) return
  const read = attempt(() => readBody(bytes, { ...body, limits: { ...ALL, maxEvents } }))
  assert('code' in read, `${watched.code} while it came, and nothing once it was there`)
}

/** The bytes kept of an item are the item. */
const judgeRaw = (bytes: Uint8Array, body: ParsedBody): void => {
  if (body.kind === 'single') return
  const rawOf = rawItemsOf(bytes, body)
  for (const index of new Set([0, body.items.length - 1])) {
    const item = body.items[index]
    if (item === undefined || 'failure' in item || body.layout === 'whole') continue
    const again = readBody(rawOf(index), { contentType: null, batch: true, limits: ALL })
    const [first] = again.kind === 'batch' ? again.items : []
    // An array or an envelope within the batch is read as a batch of its own.
    if (again.kind === 'batch' && again.layout !== 'whole') continue
    const same = first !== undefined && 'value' in first && jsonText(first.value) === jsonText(item.value)
    assert(same, `item ${index} of ${body.layout} is kept as other bytes`)
  }
}

const ALL: BodyLimits = { maxBodyBytes: Number.MAX_SAFE_INTEGER, maxEvents: Number.MAX_SAFE_INTEGER }

/** How a body ended. */
export interface Verdict {
  /** Every event can be predicted. */
  readonly accepted: boolean
  /** Of the body, or of each event that is refused. */
  readonly codes: readonly string[]
  /** The same wherever and whenever the same body is read. */
  readonly trace: string
}

/** Reads a body as /v1/predict, /v1/events, /v1/outcomes and inference do. Throws a Finding, or whatever was thrown that is no Failure. */
export const judge = (body: Body, limits: BodyLimits): Verdict => {
  const { bytes, contentType, batch } = body
  judgeStream(body, limits.maxEvents)
  judgeStream(body, FEW_EVENTS)
  attempt(() => readInferenceRequest(bytes))
  const read = attempt(() => readBody(bytes, { contentType, batch, limits }))
  if ('code' in read) return { accepted: false, codes: [read.code], trace: read.code }
  const parsed = read.value
  const items = parsed.kind === 'single' ? [parsed] : parsed.items
  assert(items.length <= limits.maxEvents, `${items.length} events`)

  let made = 0
  const { candidates, refused } = readCandidates(items, null, RULES, () => `made-${made++}`)
  assert(candidates.length + refused.length === items.length, 'an event is neither read nor refused')
  const traces = candidates.map(judgeCandidate)
  const codes = refused.map(({ failure }) => judgeFailure(failure))
  const [item] = items
  if (item !== undefined && 'value' in item) {
    judgeTravel(item.value)
    attempt(() => readOutcome(item.value, RULES))
  }
  judgeRaw(bytes, parsed)
  return { accepted: items.length > 0 && codes.length === 0, codes, trace: [...traces, ...codes].join() }
}
