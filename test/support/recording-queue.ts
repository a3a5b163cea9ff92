/** A queue that remembers what it took, around one that works; some of its sends may fail. */
import { Failure } from '../../src/core/failure.ts'
import { decodeEventMessage, type EventMessage } from '../../src/protocol/event-message.ts'
import type { EventQueue } from '../../src/serving/ports/event-queue.ts'

export class RecordingQueue implements EventQueue {
  /** Texts of messages by the batch they were confirmed in. */
  readonly confirmed: (readonly string[])[] = []
  readonly refusals: string[] = []
  /** Whether a batch is refused before it gets there. */
  refuses: (texts: readonly string[]) => boolean = () => false

  constructor(private readonly real: EventQueue) {}

  async send(...call: Parameters<EventQueue['send']>): Promise<void> {
    if (this.refuses(call[0])) throw new Failure('queue_unavailable', 'the queue refuses')
    try {
      await this.real.send(...call)
    } catch (error) {
      this.refusals.push(String(error))
      throw error
    }
    this.confirmed.push(call[0])
  }

  get messages(): EventMessage[] {
    return this.confirmed.flat().map(decodeEventMessage)
  }
}
