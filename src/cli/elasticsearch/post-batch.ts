/** Posts a batch of events to a worker, and says what became of each. */
import { ServerFailure, statusFailure } from './failure.ts'
import { linkedSignal } from './linked-signal.ts'
import { retrying } from './retry.ts'

export interface Target {
  /** `…/v1/events`, or `…/v1/predict`. */
  readonly url: string
  readonly deadlineMilliseconds: number
  readonly attempts: number
}

/** An event that the worker did not take. */
export interface ItemError {
  /** In the batch, from 0. */
  readonly index: number
  readonly code: string
  readonly message: string
}

export interface Outcome {
  readonly rejected: readonly ItemError[]
  /** What `/v1/predict` answered for those it took, in their order. */
  readonly predictions: readonly object[]
}

/** As the wire contract has it. */
interface WireItemError {
  readonly index: number
  readonly error: { readonly code: string; readonly message: string }
}

interface WireAnswer {
  readonly accepted?: number
  readonly rejected?: readonly WireItemError[]
  readonly predictions?: readonly (WireItemError | object)[]
}

const isError = (item: object): item is WireItemError => 'error' in item

const outcomeOf = (text: string): Outcome => {
  let answer: WireAnswer
  try {
    answer = JSON.parse(text) as WireAnswer
  } catch (error) {
    throw new ServerFailure('answered something else than JSON', { isPassing: false, body: text }, { cause: error })
  }
  if (answer.accepted === undefined && answer.predictions === undefined) {
    throw new ServerFailure('answered neither "accepted" nor "predictions"; is this /v1/events or /v1/predict?', {
      isPassing: false,
      body: text,
    })
  }
  const items = answer.predictions ?? []
  const errors = [...(answer.rejected ?? []), ...items.filter(isError)]
  return {
    rejected: errors.map(({ index, error: { code, message } }) => ({ index, code, message })),
    predictions: items.filter((item) => !isError(item)),
  }
}

/** What `fetch` hides in the cause. */
const reasonOfFetch = (error: unknown): string => {
  const { message, cause } = error as Error
  const { code, message: inner } = (cause ?? {}) as { code?: string; message?: string }
  return inner || code || message
}

const postOnce = async (target: Target, body: Uint8Array<ArrayBuffer>, outer: AbortSignal): Promise<string> => {
  const link = linkedSignal(outer)
  const timer = setTimeout(() => link.abort(), target.deadlineMilliseconds)
  try {
    const headers = { 'content-type': 'application/x-ndjson', accept: 'application/json' }
    const answer = await fetch(target.url, { method: 'POST', headers, body, redirect: 'manual', signal: link.signal })
    const text = await answer.text()
    if (answer.status === 200 || answer.status === 202) return text
    throw statusFailure(answer.status, text, answer.headers.get('retry-after') ?? undefined)
  } catch (error) {
    outer.throwIfAborted()
    if (error instanceof ServerFailure) throw error
    const late = `no whole answer within ${target.deadlineMilliseconds / 1000} s`
    const message = link.signal.aborted ? late : `the connection failed: ${reasonOfFetch(error)}`
    throw new ServerFailure(message, { isPassing: true }, { cause: error })
  } finally {
    clearTimeout(timer)
    link.unlink()
  }
}

/**
 * Resolves when the worker has taken the batch: 202 of `/v1/events`, 200 of `/v1/predict`. Tried again after 429, 5xx and broken connections,
 * not before `Retry-After`. Rejects with a ServerFailure, or with `signal.reason`. Events carry their `_id`, so one posted twice is known.
 */
export const postBatch = async (target: Target, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Outcome> =>
  outcomeOf(await retrying(() => postOnce(target, body, signal), target.attempts, signal))
