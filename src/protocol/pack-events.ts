/** Events as the messages and batches that the queue takes: none of them larger than it allows. */
import { BATCH_LIMITS, MESSAGE_LIMITS, type PackLimits, pack } from '../core/ingest/pack.ts'
import { type EventMessageHeader, messageText, type QueuedEvent, queuedEventText } from './event-message.ts'

const encoder = new TextEncoder()

/** Length in UTF-8, bytes. */
const bytesOf = (text: string): number => encoder.encode(text).length

/** An event as it will stand in its message. */
export interface WrittenEvent {
  readonly text: string
  readonly bytes: number
}

/** The text of a message, and which of the events it carries: from `start` to before `end`. */
export interface PackedMessage {
  readonly id: string
  readonly text: string
  readonly bytes: number
  readonly start: number
  readonly end: number
}

export const writeEvent = (event: QueuedEvent): WrittenEvent => {
  const text = queuedEventText(event)
  return { text, bytes: bytesOf(text) }
}

/** As long as any id of a message may be. */
const LONGEST_ID = 'x'.repeat(64)

/** The limits of messages under `header`. */
const limitsUnder = (header: EventMessageHeader): PackLimits => ({
  ...MESSAGE_LIMITS,
  groupBytes: bytesOf(messageText(header, LONGEST_ID, [])),
  // The comma.
  itemBytes: 1,
})

/** Whether an event fits in a message under `header`; one that does not has to travel as a reference. */
export const fitsInMessage = (header: EventMessageHeader): ((event: WrittenEvent) => boolean) => {
  const { bytes, groupBytes, itemBytes } = limitsUnder(header)
  return (event) => groupBytes + event.bytes + itemBytes <= bytes
}

/** Messages of at most 100 events and 100,000 bytes, in order. `newId` gives ids of at most 64 characters of ASCII. Throws a RangeError for an event that does not fit. */
export const packMessages = (
  header: EventMessageHeader,
  events: readonly WrittenEvent[],
  newId: () => string,
): readonly PackedMessage[] => {
  const groups = pack(
    events.map(({ bytes }) => bytes),
    limitsUnder(header),
  )
  return groups.map(({ start, end }) => {
    const id = newId()
    const text = messageText(
      header,
      id,
      events.slice(start, end).map((event) => event.text),
    )
    return { id, text, bytes: bytesOf(text), start, end }
  })
}

/** What one `sendBatch` takes at a time, in order. */
export const packBatches = (messages: readonly PackedMessage[]): readonly (readonly PackedMessage[])[] => {
  const groups = pack(
    messages.map(({ bytes }) => bytes),
    BATCH_LIMITS,
  )
  return groups.map(({ start, end }) => messages.slice(start, end))
}
