/** What travels through the queue: the events of one request, or a part of them, with all that is known of their arrival. */
import type { JsonValue } from '../core/json.ts'
import type { Prediction } from './answers.ts'

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
