/** Events in, to be predicted later: read now, so that what cannot be used is refused and kept, and stored before the answer. */
import { atMost, type Clock, type Deadline, deadlineIn } from '../../core/clock.ts'
import type { ReceiptRules } from '../../core/event/settle-time.ts'
import { Failure } from '../../core/failure.ts'
import type { BodyItem } from '../../protocol/body.ts'
import type { EventMessageHeader, QueuedEvent } from '../../protocol/event-message.ts'
import type { EventsAnswer } from '../../protocol/events.ts'
import { jsonText } from '../../protocol/json-text.ts'
import { errorBody, type RejectedEvent } from '../../protocol/problem.ts'
import type { Caller } from '../caller.ts'
import { type Candidate, type Refused, readCandidates } from '../candidates.ts'
import type { KnownReleases } from '../known-releases.ts'
import type { KeptLetter, LetterKeeper } from '../letters/keep-letters.ts'
import type { Observer } from '../observe.ts'
import type { NewDeadLetter } from '../ports/dead-letters.ts'
import type { Background, Timers } from '../ports.ts'
import type { Stages } from '../stages.ts'
import { TIMED_OUT, within } from '../within.ts'
import type { EventStore } from './store-events.ts'

/** Who sends, and to which model. */
export interface IngestSender {
  readonly caller: Caller
  /** The model that is to answer; without one the default. */
  readonly model: string | undefined
  readonly background: Background
}

export interface IngestRequest extends IngestSender {
  readonly items: readonly BodyItem[]
  /** The bytes of an item as they came, by its index: asked for only what is rejected. */
  readonly raw: (index: number) => Uint8Array
  readonly traceparent: string | null
  readonly stages: Stages
}

/** `failure`: nothing was taken, though there was something to take. */
export interface IngestOutcome extends EventsAnswer {
  readonly failure: Failure | null
}

export interface IngestParts {
  readonly store: EventStore
  readonly letters: Pick<LetterKeeper, 'keep'>
  readonly releases: Pick<KnownReleases, 'consult'>
  readonly observer: Pick<Observer, 'failure' | 'accepted'>
  readonly rules: ReceiptRules
  readonly clock: Clock
  readonly timers: Timers
  readonly randomId: () => string
  readonly codeVersion: string
  readonly defaultModel: string
  readonly deadlineMilliseconds: number
}

/** The part of the deadline that storing may take: the rest is left for the dead letters. */
const STORING_SHARE = 0.75

const COUNTED: KeptLetter = { id: null, kept: 'counted' }
const LOST: KeptLetter = { id: null, kept: 'lost' }

export class Ingester {
  constructor(private readonly parts: IngestParts) {}

  /**
   * Stores the events that can be used and keeps the others as dead letters. Events are accepted once the queue has confirmed them. When not
   * one of the usable ones could be stored, nothing is taken at all, no dead letter either: the caller sends all of it again. Throws a `Failure` only for
   * `unknown_model`.
   */
  async ingest(request: IngestRequest): Promise<IngestOutcome> {
    const { store, observer, rules, clock, randomId } = this.parts
    const { items, caller, stages } = request
    const deadline = deadlineIn(clock, this.parts.deadlineMilliseconds)
    const model = await this.#model(request, deadline)
    const receivedAt = Math.floor(clock.epochMilliseconds())
    const { candidates, refused } = readCandidates(items, caller.edgeZip, { ...rules, now: () => receivedAt }, randomId)
    stages.end('parse')

    const header = headerOf(caller, { receivedAt, model }, request.traceparent)
    const events = candidates.map((candidate) => queuedEvent(candidate, items[candidate.index], receivedAt))
    const storing = atMost(clock, deadline, this.parts.deadlineMilliseconds * STORING_SHARE)
    const failures = events.length === 0 ? [] : await store.store(header, events, storing)
    if (events.length > 0) stages.end('store')

    const rejected = candidates.flatMap(({ index, id }, place): readonly RejectedEvent[] => {
      const failure = failures[place]
      if (failure === null || failure === undefined) return []
      return [{ index, id, error: errorBody(failure), dead_letter: null, kept: null, retryable: true }]
    })
    const accepted = candidates.length - rejected.length
    const isNothing = candidates.length > 0 && accepted === 0
    if (refused.length > 0) {
      const kept = isNothing ? null : await this.#keepEvents(refused, request, { receivedAt, model }, deadline)
      refused.forEach(({ index, id, failure }, place) => {
        const letter = kept === null ? { id: null, kept: null } : (kept[place] ?? LOST)
        const { id: dead_letter } = letter
        rejected.push({ index, id, error: errorBody(failure), dead_letter, kept: letter.kept, retryable: false })
      })
      rejected.sort((a, b) => a.index - b.index)
      if (kept !== null) stages.end('letters')
    }
    if (accepted > 0) observer.accepted(accepted)
    for (const { error } of rejected) observer.failure({ code: error.code })
    return { accepted, rejected, failure: isNothing ? commonFailure(failures) : null }
  }

  /** Keeps a body of which no event could be read, as it came; `isCut`: as far as it was read. */
  async keepBody(
    failure: Failure,
    payload: { readonly bytes: Uint8Array; readonly isCut: boolean },
    sender: IngestSender,
  ): Promise<KeptLetter> {
    const { clock, defaultModel } = this.parts
    const arrival = { receivedAt: Math.floor(clock.epochMilliseconds()), model: sender.model ?? defaultModel }
    const letter = this.#letter({ stage: 'receive', failure, event: null, sentAt: null, payload }, sender, arrival)
    const [kept] = await this.#keep([letter], sender, deadlineIn(clock, this.parts.deadlineMilliseconds))
    return kept ?? LOST
  }

  async #model({ model, background }: IngestSender, deadline: Deadline): Promise<string> {
    const { defaultModel, releases } = this.parts
    if (model === undefined || model === defaultModel) return defaultModel
    if ((await releases.consult(model, deadline, background)) !== null) return model
    throw new Failure('unknown_model', `there is no model "${model}"`, 'model')
  }

  #keepEvents(
    refused: readonly Refused[],
    request: IngestRequest,
    arrival: Arrival,
    deadline: Deadline,
  ): Promise<readonly KeptLetter[]> {
    if (request.caller.isOptedOut) return Promise.resolve(refused.map(() => COUNTED))
    const letters = refused.map(({ index, id, failure }) => {
      const item = request.items[index]
      const sentAt = item !== undefined && 'value' in item && item.sentAt !== undefined ? jsonText(item.sentAt) : null
      const payload = { bytes: request.raw(index), isCut: false }
      return this.#letter({ stage: 'read', failure, event: id, sentAt, payload }, request, arrival)
    })
    return this.#keep(letters, request, deadline)
  }

  async #keep(
    letters: readonly NewDeadLetter[],
    { caller, background }: IngestSender,
    deadline: Deadline,
  ): Promise<readonly KeptLetter[]> {
    if (caller.isOptedOut) return letters.map(() => COUNTED)
    const keeping = this.parts.letters.keep(letters, background)
    const kept = await within(keeping, deadline, this.parts.timers)
    if (kept !== TIMED_OUT) return kept
    background(keeping, 'keeping dead letters')
    return letters.map(() => LOST)
  }

  #letter(given: GivenUp, { caller }: IngestSender, { receivedAt, model }: Arrival): NewDeadLetter {
    const { stage, failure, event, sentAt, payload } = given
    return {
      id: this.parts.randomId(),
      isPublic: true,
      stage,
      code: failure.code,
      message: failure.message,
      path: failure.path ?? null,
      event,
      model,
      modelVersion: null,
      codeVersion: this.parts.codeVersion,
      payload,
      receivedAt,
      sentAt,
      edgeZip: caller.edgeZip,
      isBot: caller.isBot,
      failedAt: receivedAt,
      attempts: 0,
    }
  }
}

export interface Arrival {
  /** Epoch milliseconds. */
  readonly receivedAt: number
  readonly model: string
}

export const headerOf = (
  { edgeZip, isBot, isOptedOut }: Caller,
  { receivedAt, model }: Arrival,
  traceparent: string | null,
): EventMessageHeader => ({ receivedAt, model, edgeZip, isBot, isOptedOut, traceparent })

interface GivenUp extends Pick<NewDeadLetter, 'stage' | 'event' | 'sentAt' | 'payload'> {
  readonly failure: Failure
}

/** An event as it waits: its JSON as it came, and what only its arrival tells. */
const queuedEvent = ({ id, event }: Candidate, item: BodyItem | undefined, receivedAt: number): QueuedEvent => {
  if (item === undefined || !('value' in item)) throw new Error(`event ${id} was read from nothing`)
  return {
    id,
    hasIdentity: event.id !== null || event.hasOwnTime,
    receivedAt,
    sentAt: item.sentAt ?? null,
    payload: { event: item.value },
    letter: null,
    prediction: null,
  }
}

/** Why nothing was taken: what all have in common, else the queue. */
const commonFailure = (failures: readonly (Failure | null)[]): Failure => {
  const [first] = failures
  return first !== null && first !== undefined && failures.every((failure) => failure?.code === first.code)
    ? first
    : new Failure('queue_unavailable', 'no event could be stored')
}
