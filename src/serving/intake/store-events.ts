/** Brings events into the queue: large ones by reference, all of them packed, and each batch confirmed or named as not taken. */
import { atMost, type Clock, type Deadline } from '../../core/clock.ts'
import { Failure } from '../../core/failure.ts'
import type { EventMessageHeader, QueuedEvent } from '../../protocol/event-message.ts'
import { jsonText } from '../../protocol/json-text.ts'
import {
  fitsInMessage,
  type PackedMessage,
  packBatches,
  packMessages,
  type WrittenEvent,
  writeEvent,
} from '../../protocol/pack-events.ts'
import { payloadKey } from '../../protocol/store-keys.ts'
import { eachOf } from '../each-of.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import type { EventQueue } from '../ports/event-queue.ts'
import type { Timers } from '../ports.ts'
import { TIMED_OUT, within } from '../within.ts'

export interface EventStoreParts {
  readonly queue: EventQueue
  /** For events too large for a message. */
  readonly objects: EventObjects
  readonly clock: Clock
  readonly timers: Timers
  readonly randomId: () => string
  /** In [0, 1). */
  readonly random: () => number
}

/** Writes under way at once: a request may hold six connections (Cloudflare, "Workers limits", read 2026-11), and others need one too. */
const CONCURRENT_WRITES = 4
/** Before a batch that was not taken is sent once more. */
const PAUSE_MILLISECONDS = { least: 50, spread: 200 } as const
/** With less than this left, a second try would only end late. */
const RETRY_MILLISECONDS = 100

/** An event as it goes into a message, and its place among those that are to be stored. */
interface Parcel {
  readonly index: number
  readonly written: WrittenEvent
}

const encoder = new TextEncoder()

export class EventStore {
  constructor(private readonly parts: EventStoreParts) {}

  /**
   * For each event `null` once the queue has confirmed it, else why it did not: `archive_unavailable` where its payload could not be
   * written, `queue_unavailable`. Never rejects, and settles soon after `deadline` at the latest. What is named as not taken may be stored all the same when
   * the confirmation was lost.
   */
  async store(
    header: EventMessageHeader,
    events: readonly QueuedEvent[],
    deadline: Deadline,
  ): Promise<readonly (Failure | null)[]> {
    const failures: (Failure | null)[] = events.map(() => null)
    const parcels = await this.#withoutBulk(header, events, failures, deadline)
    const messages = packMessages(
      header,
      parcels.map(({ written }) => written),
      this.parts.randomId,
    )
    await eachOf(packBatches(messages), CONCURRENT_WRITES, async (batch) => {
      const failure = await this.#send(batch, deadline)
      for (const { start, end } of batch) {
        for (const { index } of parcels.slice(start, end)) failures[index] = failure
      }
    })
    return failures
  }

  /** The events with their payloads in the bucket where no message has room for them; what cannot be written is left out and its failure set. */
  async #withoutBulk(
    header: EventMessageHeader,
    events: readonly QueuedEvent[],
    failures: (Failure | null)[],
    deadline: Deadline,
  ): Promise<readonly Parcel[]> {
    const fits = fitsInMessage(header)
    const parcels: Parcel[] = []
    const large: { readonly index: number; readonly event: QueuedEvent }[] = []
    events.forEach((event, index) => {
      const written = writeEvent(event)
      if (fits(written)) parcels.push({ index, written })
      else large.push({ index, event })
    })
    if (large.length === 0) return parcels
    const { clock, randomId } = this.parts
    const name = randomId()
    const half = atMost(clock, deadline, deadline.remainingMilliseconds() / 2)
    await eachOf(large, CONCURRENT_WRITES, async ({ event, index }) => {
      try {
        const written = writeEvent(await this.#withReference(event, payloadKey(name, index, header.receivedAt), half))
        if (fits(written)) parcels.push({ index, written })
        else failures[index] = new Failure('queue_unavailable', 'what goes with the event is too long for a message')
      } catch (error) {
        failures[index] = asFailure(error, 'archive_unavailable')
      }
    })
    return parcels.sort((a, b) => a.index - b.index)
  }

  async #withReference(event: QueuedEvent, key: string, deadline: Deadline): Promise<QueuedEvent> {
    if ('reference' in event.payload) return event
    // The bucket would be taken for one that does not answer.
    if (deadline.remainingMilliseconds() === 0) throw new Failure('archive_unavailable', 'there was no time left')
    const bytes = encoder.encode(jsonText(event.payload.event))
    const { objects, timers } = this.parts
    const put = await within(objects.put(key, bytes, deadline), deadline, timers)
    if (put === TIMED_OUT) throw new Failure('archive_unavailable', 'the payload was not written in time')
    return { ...event, payload: { reference: { key, bytes: bytes.length } } }
  }

  /** Sends a batch, and once more if it is not taken: the same texts, so a message that is stored twice has one effect. */
  async #send(batch: readonly PackedMessage[], deadline: Deadline): Promise<Failure | null> {
    const { clock, timers, random } = this.parts
    const texts = batch.map(({ text }) => text)
    const first = await this.#try(texts, atMost(clock, deadline, deadline.remainingMilliseconds() / 2))
    if (first === null) return null
    const pause = PAUSE_MILLISECONDS.least + random() * PAUSE_MILLISECONDS.spread
    if (deadline.remainingMilliseconds() < pause + RETRY_MILLISECONDS) return first
    await timers.sleep(pause)
    return this.#try(texts, deadline)
  }

  async #try(texts: readonly string[], deadline: Deadline): Promise<Failure | null> {
    const { queue, timers } = this.parts
    // What is begun too late may still be stored, and then be sent again for nothing.
    if (deadline.remainingMilliseconds() === 0)
      return new Failure('queue_unavailable', 'there was no time left to send')
    try {
      const sent = await within(queue.send(texts, deadline), deadline, timers)
      return sent === TIMED_OUT ? new Failure('queue_unavailable', 'the queue did not confirm in time') : null
    } catch (error) {
      return asFailure(error, 'queue_unavailable')
    }
  }
}

const asFailure = (error: unknown, code: 'archive_unavailable' | 'queue_unavailable'): Failure =>
  error instanceof Failure ? error : new Failure(code, error instanceof Error ? error.message : String(error))
