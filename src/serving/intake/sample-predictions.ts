/** A share of the predictions that were answered at once, sent to the archive behind the answer. */
import { type Clock, deadlineIn } from '../../core/clock.ts'
import type { BodyItem } from '../../protocol/body.ts'
import type { QueuedEvent } from '../../protocol/event-message.ts'
import type { Caller } from '../caller.ts'
import type { Background, Timers } from '../ports.ts'
import type { PredictOutcome } from '../predict.ts'
import { headerOf } from './ingest.ts'
import type { EventStore } from './store-events.ts'

export interface PredictionSamplerParts {
  readonly store: EventStore
  readonly clock: Clock
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  /** Of the requests, in [0, 1]. */
  readonly share: number
  readonly deadlineMilliseconds: number
}

/** A request that was answered. */
export interface AnsweredRequest {
  readonly items: readonly BodyItem[]
  /** One for each item, the predictions with their features. */
  readonly outcomes: readonly PredictOutcome[]
  readonly model: string
  readonly caller: Caller
  readonly traceparent: string | null
}

export class PredictionSampler {
  constructor(private readonly parts: PredictionSamplerParts) {}

  /** Whether this request is one of the share; never for who asked not to be followed. Asked before the answer, which then needs the features. */
  takes({ isOptedOut }: Caller): boolean {
    return !isOptedOut && this.parts.random() < this.parts.share
  }

  /** Sends the predictions of a request to the archive, in `background`. What could not be stored is told in the log only. */
  archive(request: AnsweredRequest, background: Background): void {
    const receivedAt = Math.floor(this.parts.clock.epochMilliseconds())
    const afterAnswer = this.parts.timers.sleep(0)
    background(
      afterAnswer.then(() => this.#store(request, receivedAt)),
      'archiving predictions',
    )
  }

  async #store(request: AnsweredRequest, receivedAt: number): Promise<void> {
    const { items, outcomes, model, caller, traceparent } = request
    const { store, clock, deadlineMilliseconds } = this.parts
    const events = outcomes.flatMap((outcome, index): readonly QueuedEvent[] => {
      const item = items[index]
      if (!('prediction' in outcome) || item === undefined || !('value' in item)) return []
      // Whoever wants an explanation of an archived event can ask for it again.
      const { explanation: _, ...prediction } = outcome.prediction
      return [
        {
          id: prediction.id,
          // An id that was made up for it is nobody else's.
          hasIdentity: true,
          receivedAt,
          sentAt: item.sentAt ?? null,
          payload: { event: item.value },
          letter: null,
          prediction,
        },
      ]
    })
    if (events.length === 0) return
    const header = headerOf(caller, { receivedAt, model }, traceparent)
    const failures = await store.store(header, events, deadlineIn(clock, deadlineMilliseconds))
    const lost = failures.filter((failure) => failure !== null)
    const [first] = lost
    if (first !== undefined) throw new Error(`${lost.length} of ${events.length}: ${first.message}`, { cause: first })
  }
}
