/** Twins in memory of what events are stored through. */
import { Failure } from '../../src/core/failure.ts'
import type { EventPorts } from '../../src/http/assemble-ingest.ts'
import { decodeEventMessage, type EventMessage, type QueuedEvent } from '../../src/protocol/event-message.ts'
import type { KeptLetter } from '../../src/serving/letters/keep-letters.ts'
import type { NewDeadLetter } from '../../src/serving/ports/dead-letters.ts'
import type { EventObjects } from '../../src/serving/ports/event-objects.ts'
import type { EventQueue } from '../../src/serving/ports/event-queue.ts'

/** `refuses`: nothing is stored. `loses the confirmation`: all is stored, and the sender hears of a failure. `hangs`: nothing is stored and nothing is heard. */
export type QueueFault = 'none' | 'refuses' | 'loses the confirmation' | 'hangs'

/** A queue with the limits of Cloudflare Queues. */
export class MemoryQueue implements EventQueue {
  readonly batches: (readonly string[])[] = []
  /** Of the sends that come, one after the other; then none. */
  faults: QueueFault[] = []
  calls = 0

  async send(messages: readonly string[]): Promise<void> {
    this.calls++
    const fault = this.faults.shift() ?? 'none'
    const sizes = messages.map((text) => new TextEncoder().encode(text).length)
    if (sizes.length > 100 || sizes.some((size) => size + 100 > 128_000)) throw new RangeError('message limits')
    if (sizes.reduce((sum, size) => sum + size + 100, 0) > 256_000) throw new RangeError('batch limits')
    if (fault === 'hangs') await new Promise<never>(() => {})
    if (fault !== 'refuses') this.batches.push(messages)
    if (fault !== 'none') throw new Failure('queue_unavailable', `the queue ${fault}`)
  }

  get messages(): EventMessage[] {
    return this.batches.flat().map(decodeEventMessage)
  }

  get events(): QueuedEvent[] {
    return this.messages.flatMap(({ events }) => events)
  }
}

export class MemoryObjects implements EventObjects {
  readonly stored = new Map<string, Uint8Array>()
  fails = false
  hangs = false

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.hangs) await new Promise<never>(() => {})
    if (this.fails) throw new Failure('archive_unavailable', 'the bucket is down')
    this.stored.set(key, bytes)
  }
  async get(key: string): Promise<Uint8Array | null> {
    return this.stored.get(key) ?? null
  }
  async list(prefix: string): ReturnType<EventObjects['list']> {
    const keys = [...this.stored.keys()].filter((key) => key.startsWith(prefix)).sort()
    return {
      objects: keys.map((key) => ({ key, bytes: this.stored.get(key)?.length ?? 0, writtenAt: 0 })),
      cursor: null,
    }
  }
  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.stored.delete(key)
  }
}

/** Keeps letters as long as `answer` does not say otherwise. */
export class MemoryLetters {
  readonly kept: NewDeadLetter[] = []
  answer: KeptLetter['kept'] = 'kept'
  hangs = false

  async keep(letters: readonly NewDeadLetter[]): Promise<readonly KeptLetter[]> {
    if (this.hangs) await new Promise<never>(() => {})
    if (this.answer === 'kept') this.kept.push(...letters)
    return letters.map(({ id }) => ({ id: this.answer === 'kept' ? id : null, kept: this.answer }))
  }
}

export interface MemoryEventPorts extends EventPorts {
  readonly queue: MemoryQueue
  readonly objects: MemoryObjects
  readonly letters: MemoryLetters
}

export const memoryEventPorts = (): MemoryEventPorts => ({
  queue: new MemoryQueue(),
  objects: new MemoryObjects(),
  letters: new MemoryLetters(),
})
