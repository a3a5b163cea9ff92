/** Delivers the events of an index to a worker, as they come. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Batch, halves, isTooLong, toBatches } from './batches.ts'
import { endure } from './endure.ts'
import { ServerFailure } from './failure.ts'
import type { FollowOptions } from './follow-options.ts'
import { settledAfter, settledBy } from './follow-state.ts'
import { FollowedStream } from './followed-stream.ts'
import type { Hit, Page } from './hits.ts'
import { readOverview } from './overview.ts'
import { poll } from './poll.ts'
import { type ItemError, postBatch, type Target } from './post-batch.ts'
import type { ReadingOptions } from './slice-source.ts'
import { type OpenIndex, openIndex, type SearchOptions } from './sources.ts'

/** An event that the worker did not take, as `--rejects` writes it. */
export interface RejectedEvent {
  readonly code: string
  readonly message: string
  /** The hit as the server sent it. */
  readonly raw: string
}

export interface DeliveryOptions {
  readonly reading: ReadingOptions
  readonly follow: FollowOptions
  readonly target: Target
  /** Each event that was not taken, before the checkpoint passes it. */
  readonly reject: (event: RejectedEvent) => void
  /** What `/v1/predict` answered, in the order of the events. */
  readonly predictions: (predictions: readonly object[]) => void
  readonly notice: (message: string) => void
}

export interface DeliveryTotals {
  readonly accepted: number
  readonly rejected: number
}

/** So often at most is the checkpoint written while there is more to deliver. */
const SAVE_EVERY_MILLISECONDS = 1_000

const decoder = new TextDecoder()

class Delivery {
  accepted = 0
  rejected = 0
  private savedAt = 0
  private readonly request: DeliveryOptions
  private readonly index: OpenIndex
  private readonly stream: FollowedStream
  private readonly signal: AbortSignal

  constructor(request: DeliveryOptions, index: OpenIndex, signal: AbortSignal) {
    this.request = request
    this.index = index
    this.stream = FollowedStream.open(index, request.follow)
    this.signal = signal
  }

  /** One look, and all it finds delivered. Rejects with a ServerFailure; what was delivered before is in the checkpoint. */
  async look(): Promise<void> {
    const { stream, request, index, signal } = this
    const { perMillisecond } = index.selection.field
    const limit = settledBy(Date.now(), request.follow.latenessMilliseconds, perMillisecond)
    try {
      for await (const { page, hits } of poll(index, stream.state, request.reading, signal)) {
        for (const batch of toBatches(page, hits)) {
          await this.send(page, batch)
          stream.state.deliver(batch.hits)
          stream.state.settle(settledAfter(batch.hits, limit))
          this.saveNowAndThen()
        }
      }
      stream.state.settle(limit)
    } finally {
      stream.save()
    }
  }

  private saveNowAndThen(): void {
    const now = performance.now()
    if (now - this.savedAt < SAVE_EVERY_MILLISECONDS) return
    this.savedAt = now
    this.stream.save()
  }

  private async send(page: Page, batch: Batch): Promise<void> {
    const { target, predictions } = this.request
    try {
      const isLong = isTooLong(batch)
      const outcome = isLong ? undefined : await postBatch(target, batch.body, this.signal)
      if (outcome === undefined) this.reject(page, batch.hits, [tooLong(0)])
      else {
        this.reject(page, batch.hits, outcome.rejected)
        predictions(outcome.predictions)
      }
    } catch (error) {
      if (!(error instanceof ServerFailure)) throw error
      if (error.status !== 413) throw new ServerFailure(`${target.url} ${error.message}`, error, { cause: error })
      if (batch.hits.length === 1) this.reject(page, batch.hits, [tooLong(0)])
      else for (const half of halves(page, batch)) await this.send(page, half)
    }
  }

  private reject({ bytes }: Page, hits: readonly Hit[], errors: readonly ItemError[]): void {
    for (const { index, code, message } of errors) {
      const hit = hits[index]
      if (hit === undefined) throw new ServerFailure(`rejected event ${index} of ${hits.length}`, { isPassing: false })
      this.request.reject({ code, message, raw: decoder.decode(bytes.subarray(hit.start, hit.end)) })
    }
    this.rejected += errors.length
    this.accepted += hits.length - errors.length
  }
}

const tooLong = (index: number): ItemError => ({
  index,
  code: 'body_too_large',
  message: 'the event alone is longer than a body may be',
})

/** Events without a time have no place in a stream: said once. */
const tellOfTimeless = async ({ server, selection }: OpenIndex, request: DeliveryOptions, signal: AbortSignal) => {
  const { withoutTime } = await readOverview(server, selection, undefined, signal)
  if (withoutTime > 0) request.notice(`documents without ${selection.field.name} are not sent: ${withoutTime}`)
}

/**
 * Posts what the index holds and was not delivered, then, where the stream is endless, what comes, until `signal` aborts. An event that was
 * taken and then lost to the checkpoint by a crash is posted again with the same `_id`. Rejects with a SourceFailure when server or worker
 * fail.
 */
export const deliver = async (
  index: OpenIndex,
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<DeliveryTotals> => {
  const { isEndless, everyMilliseconds } = options.follow
  const delivery = new Delivery(options, index, signal)
  for (let isFirst = true; ; isFirst = false) {
    try {
      if (isFirst) await tellOfTimeless(index, options, signal)
      await delivery.look()
    } catch (error) {
      if (!signal.aborted) endure(error, index, options.follow, options.notice)
    }
    if (!isEndless || signal.aborted) break
    await pause(everyMilliseconds, undefined, { signal }).catch(() => undefined)
  }
  return { accepted: delivery.accepted, rejected: delivery.rejected }
}

/** Connects, and delivers as `deliver` does. Rejects as `openIndex` does. */
export const followTo = async (
  search: SearchOptions,
  options: Omit<DeliveryOptions, 'reading'>,
  signal: AbortSignal,
): Promise<DeliveryTotals> => {
  const index = await openIndex(search, signal)
  try {
    return await deliver(index, { ...options, reading: search.reading }, signal)
  } finally {
    await index.server.close()
  }
}
