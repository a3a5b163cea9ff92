/** Settles one message: every event it owns ends in its archive object or among the dead letters, however often this is repeated. */
import type { Clock, Deadline } from '../../core/clock.ts'
import { Failure } from '../../core/failure.ts'
import type { LogEntry } from '../../core/log-entry.ts'
import type { StatisticsDelta } from '../../core/statistics/delta.ts'
import type { LayoutOf } from '../../core/statistics/version-recorder.ts'
import { jsonText } from '../../protocol/json-text.ts'
import { archiveKey } from '../../protocol/store-keys.ts'
import { traceFields } from '../../protocol/trace.ts'
import type { LetterKeeper } from '../letters/keep-letters.ts'
import type { DeadLetters, NewDeadLetter } from '../ports/dead-letters.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import type { EventOwners } from '../ports/event-owners.ts'
import type { Background } from '../ports.ts'
import { ArchiveObject, linesOf } from './archive-object.ts'
import { isPermanent, stageOf } from './event-failure.ts'
import { logReason } from './log-reason.ts'
import { MessageObservations } from './message-observations.ts'
import type { PortCalls } from './port-calls.ts'
import type { QueuedOutcome, QueuedPredictor } from './predict-queued.ts'
import type { Standing, Work, WorkEvent } from './queued-work.ts'

export interface SettlerParts {
  readonly predictor: QueuedPredictor
  readonly owners: EventOwners
  readonly objects: EventObjects
  readonly letters: Pick<DeadLetters, 'move'>
  readonly keeper: Pick<LetterKeeper, 'keep'>
  readonly layoutOf: LayoutOf
  readonly codeVersion: string
  readonly clock: Clock
  readonly calls: PortCalls
  readonly log: (entry: LogEntry) => void
}

/** What is left to be done: count `delta`, where there is something to count. */
export interface Settled {
  readonly delta: StatisticsDelta | null
}

interface Failed extends WorkEvent {
  readonly failure: Failure
  readonly version: string | null
}

const encoder = new TextEncoder()

export class MessageSettler {
  constructor(private readonly parts: SettlerParts) {}

  /**
   * Nothing is written before every event has its outcome, so an archive object that is there is whole. Rejects when the message is to be
   * delivered again: with the failure that is to be tried again, or with that of a port.
   */
  async settle(work: Work, standing: Standing, deadline: Deadline, background: Background): Promise<Settled> {
    const { predictor, layoutOf, clock, codeVersion } = this.parts
    const { message } = work
    const observations = new MessageObservations(clock, layoutOf)
    for (const { code, modelVersion } of standing.givenUp.values()) {
      const { model } = message
      observations.failure(modelVersion === null ? { code } : { code, model, version: modelVersion })
    }
    const owned = work.events.filter(({ event }) => standing.owned.has(event.id))
    const object = new ArchiveObject()
    const failed: Failed[] = []
    const take = (events: readonly WorkEvent[], outcomes: readonly QueuedOutcome[]): Promise<void> => {
      const lines = new Map<string, string>()
      for (const [index, one] of events.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined) continue
        if ('line' in outcome) lines.set(one.event.id, outcome.line)
        else failed.push({ ...one, ...outcome })
      }
      return message.isOptedOut ? Promise.resolve() : object.add(lines)
    }
    await predictor.each(work, owned, observations, deadline, background, take)

    const passing = failed.filter(({ failure }) => !isPermanent(failure.code))
    if (passing.length > 0) await this.#lastResort(work, passing, object, deadline)
    const lost = failed.filter(({ event }) => !object.has(event.id))
    await this.#giveUp(work, lost, deadline, background)
    const unwritten = await this.#write(work, object, owned, deadline, background)
    await this.#tellLetters(work, [...lost, ...unwritten], deadline)
    // What became dead letters for want of the bucket is counted when it is replayed.
    return { delta: unwritten.length === 0 ? observations.toDelta(message.id, codeVersion) : null }
  }

  /**
   * What may pass is tried again with the next delivery. At the last one an event may still be in the object that an earlier delivery wrote;
   * its line stays.
   */
  async #lastResort(work: Work, passing: readonly Failed[], object: ArchiveObject, deadline: Deadline): Promise<void> {
    const [first] = passing
    if (!work.isLast && first !== undefined) throw first.failure
    if (work.message.isOptedOut) return
    const written = await this.#written(work, deadline)
    const lines = passing.flatMap(({ event }) => {
      const line = written.get(event.id)
      return line === undefined ? [] : [[event.id, line] as const]
    })
    await object.add(new Map(lines))
  }

  /** The lines an earlier delivery wrote. A bucket that does not even answer this cannot have been written to of late. */
  async #written({ message, attempts }: Work, deadline: Deadline): Promise<ReadonlyMap<string, string>> {
    if (attempts === 1) return new Map()
    const { objects, calls, log } = this.parts
    try {
      const key = archiveKey(message.id, message.receivedAt)
      const bytes = await calls.in('archive', deadline, (own) => objects.get(key, own))
      return bytes === null ? new Map() : await linesOf(bytes)
    } catch (error) {
      log({
        message: `message ${message.id}: its archive object could not be read back: ${logReason(error)}`,
        'event.outcome': 'failure',
        ...traceFields(message.traceparent),
      })
      return new Map()
    }
  }

  /**
   * The letter owns the event before it is written. A delivery that dies between the two leaves an event that the next one claims through
   * the letter; the other way round a replay could find a letter whose event still belongs to this message.
   */
  async #giveUp(work: Work, failed: readonly Failed[], deadline: Deadline, background: Background): Promise<void> {
    if (failed.length === 0) return
    const { owners, keeper, calls, log } = this.parts
    const { message } = work
    const first = failed[0] as Failed
    log({
      message: `message ${message.id}: ${failed.length} events given up: ${first.failure.code}`,
      'event.outcome': 'failure',
      'error.code': first.failure.code,
      ...traceFields(message.traceparent),
    })
    // Nothing of it may be kept.
    if (message.isOptedOut) return
    const handed = failed.flatMap(({ event, letter }) =>
      event.hasIdentity ? [{ event: event.id, message: message.id, letter }] : [],
    )
    await calls.in('owners', deadline, (own) => owners.handOver(handed, own))
    const letters = failed.map((one) => this.#letterOf(work, one))
    const kept = await calls.in('letters', deadline, () => keeper.keep(letters, background))
    const lost = kept.filter((one) => one.kept === 'lost').length
    if (lost > 0) throw new Failure('dead_letters_unavailable', `${lost} dead letters could not be kept`)
  }

  #letterOf({ message, attempts, isGivenUp }: Work, { event, letter, failure, version }: Failed): NewDeadLetter {
    const { payload, sentAt } = event
    return {
      id: letter,
      isPublic: false,
      stage: stageOf(failure.code, isGivenUp),
      code: failure.code,
      message: failure.message,
      path: failure.path ?? null,
      event: event.id,
      model: message.model,
      modelVersion: version,
      codeVersion: this.parts.codeVersion,
      payload:
        'reference' in payload
          ? { reference: payload.reference }
          : { bytes: encoder.encode(jsonText(payload.event)), isCut: false },
      receivedAt: event.receivedAt,
      sentAt: sentAt === null ? null : jsonText(sentAt),
      edgeZip: message.edgeZip,
      isBot: message.isBot,
      failedAt: this.parts.clock.epochMilliseconds(),
      attempts,
    }
  }

  /**
   * Writes the object, or deletes one that an earlier delivery wrote and that would hold nothing now. Resolves to the events that the bucket
   * did not take and that are dead letters now.
   */
  async #write(
    work: Work,
    object: ArchiveObject,
    owned: readonly WorkEvent[],
    deadline: Deadline,
    background: Background,
  ): Promise<readonly Failed[]> {
    const { objects, calls } = this.parts
    const { message, attempts, isLast } = work
    const key = archiveKey(message.id, message.receivedAt)
    const { isEmpty } = object
    try {
      if (!isEmpty) {
        const bytes = await object.end()
        await calls.in('archive', deadline, (own) => objects.put(key, bytes, own))
      } else if (attempts > 1) await calls.in('archive', deadline, (own) => objects.delete([key], own))
      return []
    } catch (error) {
      if (!isLast || isEmpty || !(error instanceof Failure)) throw error
      // The write may have come through, now or in an earlier delivery.
      const written = await this.#written({ ...work, attempts: attempts + 1 }, deadline)
      const unwritten = owned.filter(({ event }) => object.has(event.id) && !written.has(event.id))
      const failed = unwritten.map((one) => ({ ...one, failure: error, version: null }))
      await this.#giveUp(work, failed, deadline, background)
      return failed
    }
  }

  /** Letters whose events had their effect, by this message or another. */
  async #tellLetters(
    { message, events, copies, isLast }: Work,
    lost: readonly Failed[],
    deadline: Deadline,
  ): Promise<void> {
    const waiting = new Set(lost.map(({ letter }) => letter))
    const replayed = [...copies, ...events.flatMap(({ event }) => event.letter ?? [])]
    const done = [...new Set(replayed)].filter((letter) => !waiting.has(letter))
    if (done.length === 0) return
    const { letters, calls, log } = this.parts
    try {
      await calls.in('letters', deadline, (own) => letters.move(done, 'replayed', own))
    } catch (error) {
      if (!isLast) throw error
      log({
        message: `message ${message.id}: ${done.length} dead letters stay in replay: ${logReason(error)}`,
        'event.outcome': 'failure',
        ...traceFields(message.traceparent),
      })
    }
  }
}
