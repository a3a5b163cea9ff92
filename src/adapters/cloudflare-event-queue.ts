/** The events' queue, Cloudflare Queues. */
import { Failure } from '../core/failure.ts'
import type { EventQueue } from '../serving/ports/event-queue.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the queue binding. */
export type QueueBinding = Pick<Queue, 'sendBatch'>

export const cloudflareEventQueue = (queue: QueueBinding, timers: Timers): EventQueue => ({
  async send(messages, deadline) {
    const batch = messages.map((body) => ({ body, contentType: 'text' as const }))
    // As a callback, so that what the binding throws at once is a failure like any other.
    const sending = Promise.resolve().then(() => queue.sendBatch(batch))
    const sent = await within(sending, deadline, timers).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Failure('queue_unavailable', `the queue refused the events: ${why}`, undefined, { cause })
    })
    if (sent === TIMED_OUT) throw new Failure('queue_unavailable', 'the queue did not confirm in time')
  },
})
