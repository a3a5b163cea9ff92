/** What becomes of queued events, before anything is written: a line for the archive each, or why there is none. */
import type { Clock, Deadline } from '../../core/clock.ts'
import { readEvent } from '../../core/event/read-event.ts'
import type { ReceiptRules } from '../../core/event/settle-time.ts'
import { Failure } from '../../core/failure.ts'
import type { JsonValue } from '../../core/json.ts'
import type { Prediction } from '../../protocol/answers.ts'
import { archiveLine } from '../../protocol/archive-line.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import { traceIds } from '../../protocol/trace.ts'
import { decodeUtf8 } from '../../protocol/utf8.ts'
import type { Observations } from '../observe.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import type { Background } from '../ports.ts'
import type { Predictor } from '../predict.ts'
import { Stages } from '../stages.ts'
import type { PortCalls } from './port-calls.ts'
import type { Work, WorkEvent } from './queued-work.ts'

export type QueuedOutcome =
  | { readonly line: string }
  /** `version`: the one that failed on it. */
  | { readonly failure: Failure; readonly version: string | null }

export interface QueuedPredictorParts {
  readonly predictor: Pick<Predictor, 'predict'>
  readonly objects: EventObjects
  readonly rules: ReceiptRules
  readonly clock: Clock
  readonly calls: PortCalls
}

/** An event with its JSON at hand. */
interface Loaded extends WorkEvent {
  readonly value: JsonValue
}

/** Payloads in memory at once, bytes of JSON; a single larger one comes alone. */
const CHUNK_BYTES = 4 * 1024 * 1024
const DEFAULT_ZIP_PATH = 'zipCode'

const bytesOf = ({ event: { payload } }: WorkEvent): number => ('reference' in payload ? payload.reference.bytes : 0)

/** `events` in parts whose referenced payloads fit in memory together. */
const chunks = (events: readonly WorkEvent[]): WorkEvent[][] => {
  const parts: WorkEvent[][] = []
  let bytes = 0
  for (const event of events) {
    const last = parts.at(-1)
    const more = bytesOf(event)
    if (last === undefined || bytes + more > CHUNK_BYTES) {
      parts.push([event])
      bytes = more
    } else {
      last.push(event)
      bytes += more
    }
  }
  return parts
}

/** An error that nobody expected, as the failure of the events it came with: to be tried again. */
const asFailure = (error: unknown): Failure =>
  error instanceof Failure
    ? error
    : new Failure('internal', `unexpected: ${String(error)}`, undefined, { cause: error })

/** Nobody waits for the answer, and the next model is trained on what is archived: a slow read is better than a mean. */
const ZIP_MILLISECONDS = 1_000

export class QueuedPredictor {
  constructor(private readonly parts: QueuedPredictorParts) {}

  /** Calls `take` with the outcomes of each part of `events`, in order, and waits for it. Never rejects but for what `take` throws. */
  async each(
    work: Work,
    events: readonly WorkEvent[],
    observations: Observations,
    deadline: Deadline,
    background: Background,
    take: (events: readonly WorkEvent[], outcomes: readonly QueuedOutcome[]) => Promise<void>,
  ): Promise<void> {
    for (const part of chunks(events)) {
      const outcomes = new Map<WorkEvent, QueuedOutcome>()
      const loaded: Loaded[] = []
      for (const one of part) {
        try {
          loaded.push({ ...one, value: await this.#valueOf(one, deadline) })
        } catch (error) {
          outcomes.set(one, { failure: asFailure(error), version: null })
        }
      }
      const byEvent = new Map(loaded.map((one) => [one.event, one]))
      const answers = await this.#answers(work, loaded, observations, deadline, background)
      for (const one of part) {
        const ready = byEvent.get(one.event)
        if (ready !== undefined) outcomes.set(one, this.#outcome(work, ready, answers))
      }
      await take(
        part,
        part.map((one) => outcomes.get(one) ?? { failure: new Failure('internal', 'no outcome'), version: null }),
      )
    }
  }

  /** Throws `archive_unavailable`, `unknown_object`, and what reading JSON throws. */
  async #valueOf({ event: { payload } }: WorkEvent, deadline: Deadline): Promise<JsonValue> {
    if ('event' in payload) return payload.event
    const { key } = payload.reference
    const { calls, objects } = this.parts
    const bytes = await calls.in('archive', deadline, (own) => objects.get(key, own))
    if (bytes === null) throw new Failure('unknown_object', `the event's payload ${key} is not in the bucket`)
    return parseJson(decodeUtf8(bytes))
  }

  /** Predictions and failures by event; those answered already are not predicted again, nor counted. */
  async #answers(
    { message, attempts }: Work,
    loaded: readonly Loaded[],
    observations: Observations,
    deadline: Deadline,
    background: Background,
  ): Promise<ReadonlyMap<Loaded, Prediction | Exclude<QueuedOutcome, { line: string }>>> {
    const { predictor, calls, clock } = this.parts
    const answers = new Map<Loaded, Prediction | Exclude<QueuedOutcome, { line: string }>>()
    const open = loaded.filter((one) => one.event.prediction === null)
    for (const one of loaded) if (one.event.prediction !== null) answers.set(one, one.event.prediction)
    if (open.length === 0) return answers
    const { edgeZip, isBot, isOptedOut } = message
    try {
      const request = {
        items: open.map(({ value, event: { id, receivedAt, sentAt } }) =>
          sentAt === null ? { value, id, receivedAt } : { value, id, receivedAt, sentAt },
        ),
        model: message.model,
        caller: { edgeZip, isBot, isOptedOut },
        withFeatures: true,
        background,
        stages: new Stages(clock),
        observations,
        zipMilliseconds: ZIP_MILLISECONDS,
        isCompared: attempts === 1,
      }
      const outcomes = await calls.in('predictor', deadline, (own) => predictor.predict({ ...request, deadline: own }))
      open.forEach((one, index) => {
        const outcome = outcomes[index]
        if (outcome === undefined) return
        answers.set(
          one,
          'prediction' in outcome ? outcome.prediction : { failure: outcome.failure, version: outcome.version ?? null },
        )
      })
    } catch (error) {
      const failure = asFailure(error)
      for (const one of open) answers.set(one, { failure, version: null })
    }
    return answers
  }

  #outcome(
    { message }: Work,
    loaded: Loaded,
    answers: ReadonlyMap<Loaded, Prediction | Exclude<QueuedOutcome, { line: string }>>,
  ): QueuedOutcome {
    const answer = answers.get(loaded) ?? { failure: new Failure('internal', 'no prediction'), version: null }
    if ('failure' in answer) return answer
    const { event, value } = loaded
    const { rules } = this.parts
    try {
      const { record, timeKeys, sentAt } = readEvent(value, rules)
      const line = archiveLine({
        id: event.id,
        record,
        timeKeys,
        zipPath: rules.zipPath ?? DEFAULT_ZIP_PATH,
        prediction: answer,
        message: message.id,
        receivedAt: event.receivedAt,
        sentAt: sentAt ?? event.sentAt,
        isBot: message.isBot,
        traceId: traceIds(message.traceparent)?.traceId ?? null,
        letter: event.letter,
      })
      return { line }
    } catch (error) {
      return { failure: asFailure(error), version: answer.model_version }
    }
  }
}
