/** What travels through the queue: the events of one request, or a part of them, with all that is known of their arrival. */
import { Failure, quote } from '../core/failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts'
import type { Prediction } from './answers.ts'
import { MAX_DEPTH } from './json-scan.ts'
import { jsonText } from './json-text.ts'
import { parseJson } from './parse-json.ts'

/** The format this code writes. */
export const EVENT_MESSAGE_FORMAT = 1

/** An event too large for a message: its JSON, UTF-8, under `key` in the archive bucket. */
export interface PayloadReference {
  readonly key: string
  readonly bytes: number
}

export interface QueuedEvent {
  /** Its own id, else the hash of its content, else one that was made up for it. */
  readonly id: string
  /** False: it says neither who it is nor when it happened, so it is a duplicate of nothing. */
  readonly hasIdentity: boolean
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** What the sender's clock showed when it sent, as it was written; `null` when it does not say. */
  readonly sentAt: JsonValue
  readonly payload: { readonly event: JsonValue } | { readonly reference: PayloadReference }
  /** The dead letter it is replayed from. */
  readonly letter: string | null
  /** Answered already, by /v1/predict: it is only archived. */
  readonly prediction: Prediction | null
}

export interface EventMessage {
  readonly format: typeof EVENT_MESSAGE_FORMAT
  /** Made at ingest: owner of its events, name of its archive object, key of its statistics. */
  readonly id: string
  /** Epoch milliseconds; the hour of its archive object. */
  readonly receivedAt: number
  /** The model that is to answer. */
  readonly model: string
  readonly edgeZip: string | null
  readonly isBot: boolean
  readonly isOptedOut: boolean
  readonly traceparent: string | null
  readonly events: readonly QueuedEvent[]
}

/** A message without its events: what they have in common. */
export type EventMessageHeader = Omit<EventMessage, 'format' | 'id' | 'events'>

/** An event as it stands in the text of a message; bigints as the integers they are. */
export const queuedEventText = (event: QueuedEvent): string => jsonText(event as unknown as JsonObject)

/** The text of a message whose events are written already. */
export const messageText = (header: EventMessageHeader, id: string, events: readonly string[]): string => {
  const opening = JSON.stringify({ format: EVENT_MESSAGE_FORMAT, id, ...header })
  return `${opening.slice(0, -1)},"events":[${events.join(',')}]}`
}

export const encodeEventMessage = ({ format: _, id, events, ...header }: EventMessage): string =>
  messageText(header, id, events.map(queuedEventText))

/** An event lies four levels deep in a message, and may be as deep as any. */
const MAX_MESSAGE_DEPTH = MAX_DEPTH + 4

const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value === null || isText(value)
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isInstant = (value: unknown): boolean => Number.isSafeInteger(value)
const isReference = (value: JsonValue | undefined): boolean =>
  isJsonObject(value) && isText(value.key) && Number.isSafeInteger(value.bytes)

type Checks = readonly (readonly [string, (value: JsonValue | undefined) => boolean])[]

const EVENT_CHECKS: Checks = [
  ['id', isText],
  ['hasIdentity', isFlag],
  ['receivedAt', isInstant],
  ['sentAt', (value) => value !== undefined],
  [
    'payload',
    (value) =>
      isJsonObject(value) && (value.reference === undefined ? value.event !== undefined : isReference(value.reference)),
  ],
  ['letter', isTextOrNull],
  ['prediction', (value) => value === null || isJsonObject(value)],
]

const MESSAGE_CHECKS: Checks = [
  ['format', (value) => value === EVENT_MESSAGE_FORMAT],
  ['id', isText],
  ['receivedAt', isInstant],
  ['model', isText],
  ['edgeZip', isTextOrNull],
  ['isBot', isFlag],
  ['isOptedOut', isFlag],
  ['traceparent', isTextOrNull],
  ['events', Array.isArray],
]

const check = (value: JsonValue | undefined, checks: Checks, place: string): void => {
  if (!isJsonObject(value)) throw new Failure('invalid_json', `${place} is no object: ${quote(value)}`, place)
  for (const [name, holds] of checks) {
    if (!holds(value[name])) {
      throw new Failure('invalid_json', `no message of events: ${name} is ${quote(value[name])}`, `${place}.${name}`)
    }
  }
}

/**
 * Reads what `encodeEventMessage` wrote: the same message, but for numbers from 2^53 on, which come back as bigints of the same value.
 * Throws `invalid_json`, with the place, for what is no message of this format.
 */
export const decodeEventMessage = (text: string): EventMessage => {
  const value = parseJson(text, undefined, MAX_MESSAGE_DEPTH)
  check(value, MESSAGE_CHECKS, 'message')
  const message = value as unknown as EventMessage
  message.events.forEach((event, index) => {
    check(event as unknown as JsonObject, EVENT_CHECKS, `message.events.${index}`)
  })
  return message
}
