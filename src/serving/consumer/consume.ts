/** The verb of the queue: works off delivered messages, each event with one effect, however often and with whatever others they are delivered. */
import { type Deadline, deadlineIn } from '../../core/clock.ts'
import { Failure } from '../../core/failure.ts'
import { eventsIn } from '../../core/statistics/counts.ts'
import type { StatisticsDelta } from '../../core/statistics/delta.ts'
import { decodeEventMessage } from '../../protocol/event-message.ts'
import { traceFields } from '../../protocol/trace.ts'
import { eachOf } from '../each-of.ts'
import type { KnownReleases } from '../known-releases.ts'
import { letterId } from '../letters/letter-id.ts'
import type { Observer } from '../observe.ts'
import type { DeadLetters, NewDeadLetter } from '../ports/dead-letters.ts'
import type { MessageStatistics } from '../ports/message-statistics.ts'
import type { Background } from '../ports.ts'
import { retrySeconds } from './event-failure.ts'
import { logReason } from './log-reason.ts'
import { isHeavy, type Placed, workOf } from './queued-work.ts'
import { MessageSettler, type SettlerParts } from './settle-message.ts'
import { StandingReader } from './standings.ts'

export interface Delivery {
  /** The queue's own id of the message. */
  readonly id: string
  readonly body: unknown
  /** 1 for the first. */
  readonly attempts: number
}

/** `done`: the message had its effect and is never wanted again. */
export type Verdict = 'done' | { readonly retryInSeconds: number }

export interface ConsumerParts extends SettlerParts {
  readonly letters: Pick<DeadLetters, 'move' | 'look'>
  readonly statistics: MessageStatistics
  readonly observer: Pick<Observer, 'lost' | 'afterAnswer'>
  readonly releases: Pick<KnownReleases, 'learn'>
  /** In [0, 1). */
  readonly random: () => number
  /** Deliveries after which what still fails is given up. */
  readonly attempts: number
}

/** Time for a whole batch; what was not begun by then is delivered again. An invocation has 15 minutes (Queues limits, read 2026-11). */
const BATCH_MILLISECONDS = 120_000
/**
 * Messages worked on at once: a Worker has six connections (Workers limits, read 2026-11). Of those with payloads in the bucket one at a time:
 * 4 MB of JSON may take 30 MB when it is read, and an isolate has 128 MB.
 */
const AT_ONCE = { light: 3, heavy: 1 } as const
/** Deliveries that a message has had before it comes to nearcast-events-given-up, which counts from 1 again: `max_retries` in wrangler.toml, and the first. */
const EARLIER_DELIVERIES = 21
/** `max_retries` of nearcast-events-given-up in wrangler.toml; after the next delivery the queue drops a message. */
const LAST_DELIVERY = 100

interface Counted extends Placed {
  readonly delta: StatisticsDelta
}

/** A message that becomes a dead letter as it is. */
interface WholeMessage {
  readonly place: number
  readonly letter: NewDeadLetter
}

const encoder = new TextEncoder()
/** Nothing of such a message may be kept. */
const isOptedOut = (text: string): boolean => {
  try {
    return decodeEventMessage(text).isOptedOut
  } catch {
    return false
  }
}
const textOf = (body: unknown): string => (typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))

export class Consumer {
  readonly #settler: MessageSettler
  readonly #standings: StandingReader

  constructor(private readonly parts: ConsumerParts) {
    this.#settler = new MessageSettler(parts)
    this.#standings = new StandingReader(parts)
  }

  /**
   * One verdict for each delivery, in order; never rejects. `isGivenUp`: they come from the queue of what was never worked off, and what still
   * fails becomes dead letters. An event is left in no other state than before, in the archive object of its message, or a dead letter.
   */
  async consume(
    deliveries: readonly Delivery[],
    isGivenUp: boolean,
    background: Background,
  ): Promise<readonly Verdict[]> {
    const { clock, log, observer } = this.parts
    const deadline = deadlineIn(clock, BATCH_MILLISECONDS)
    const verdicts = deliveries.map(({ attempts }): Verdict => this.#again(attempts))
    try {
      const works = await this.#decode(deliveries, isGivenUp, verdicts, deadline, background)
      const standings = await this.#standings.of(works, deadline)
      const deltas: Counted[] = []
      await this.#inTurns(works, async (placed) => {
        const standing = standings.get(placed.place)
        if (standing === undefined || deadline.remainingMilliseconds() === 0) return
        if (!standing.isSealed) {
          const { delta } = await this.#settler.settle(placed.work, standing, deadline, background)
          if (delta !== null) return void deltas.push({ ...placed, delta })
        }
        verdicts[placed.place] = 'done'
      })
      await this.#count(deltas, verdicts, deadline, background)
    } catch (error) {
      log(`a batch of ${deliveries.length} messages is delivered again: ${logReason(error)}`)
    }
    if (isGivenUp) await this.#keepWhole(deliveries, verdicts, background)
    observer.afterAnswer(background)
    return verdicts
  }

  #again(attempts: number): Verdict {
    return { retryInSeconds: retrySeconds(attempts, this.parts.random()) }
  }

  /** The messages that can be read. Others become dead letters as they are. */
  async #decode(
    deliveries: readonly Delivery[],
    isGivenUp: boolean,
    verdicts: Verdict[],
    deadline: Deadline,
    background: Background,
  ): Promise<readonly Placed[]> {
    const works: Placed[] = []
    const foreign: WholeMessage[] = []
    for (const [place, { id, body, attempts }] of deliveries.entries()) {
      const text = textOf(body)
      try {
        const message = decodeEventMessage(text)
        const sofar = isGivenUp ? EARLIER_DELIVERIES + attempts : attempts
        works.push({ place, work: workOf(message, sofar, isGivenUp || attempts >= this.parts.attempts, isGivenUp) })
      } catch (error) {
        foreign.push({ place, letter: this.#letterOf(id, text, attempts, error) })
      }
    }
    // What is wrong with it quotes it, and stands in the letter alone.
    for (const { letter } of foreign)
      this.parts.log(`a message in the queue is none of ours: ${letter.code}, dead letter ${letter.id}`)
    await this.#keep(foreign, verdicts, deadline, background)
    return works
  }

  /** Before the queue drops a message that could never be worked off, it becomes a dead letter as it is: for a person to look at. */
  async #keepWhole(deliveries: readonly Delivery[], verdicts: Verdict[], background: Background): Promise<void> {
    const last = deliveries.flatMap(({ id, body, attempts }, place) => {
      if (attempts < LAST_DELIVERY || verdicts[place] === 'done' || isOptedOut(textOf(body))) return []
      const error = new Failure('internal', `not worked off in ${attempts} deliveries`)
      return [{ place, letter: this.#letterOf(id, textOf(body), attempts, error) }]
    })
    await this.#keep(last, verdicts, deadlineIn(this.parts.clock, BATCH_MILLISECONDS), background)
  }

  async #keep(
    whole: readonly WholeMessage[],
    verdicts: Verdict[],
    deadline: Deadline,
    background: Background,
  ): Promise<void> {
    if (whole.length === 0) return
    const { keeper, calls, log } = this.parts
    const letters = whole.map(({ letter }) => letter)
    try {
      const kept = await calls.in('letters', deadline, () => keeper.keep(letters, background))
      whole.forEach(({ place }, index) => {
        if (kept[index]?.kept !== 'lost') verdicts[place] = 'done'
      })
    } catch (error) {
      log(`${letters.length} messages could not be kept as dead letters: ${logReason(error)}`)
    }
  }

  #letterOf(id: string, text: string, attempts: number, error: unknown): NewDeadLetter {
    const now = this.parts.clock.epochMilliseconds()
    const [code, why] = error instanceof Failure ? [error.code, error.message] : (['internal', String(error)] as const)
    return {
      id: letterId(id, ''),
      isPublic: false,
      stage: 'deliver',
      code,
      message: why,
      path: null,
      event: null,
      model: '',
      modelVersion: null,
      codeVersion: this.parts.codeVersion,
      payload: { bytes: encoder.encode(text), isCut: false },
      receivedAt: now,
      sentAt: null,
      edgeZip: null,
      isBot: false,
      failedAt: now,
      attempts,
    }
  }

  /** Runs `run` on each message, some at once. What it throws keeps its message from a verdict, and touches no other. */
  async #inTurns(works: readonly Placed[], run: (placed: Placed) => Promise<void>): Promise<void> {
    const runOne = async (placed: Placed): Promise<void> => {
      try {
        await run(placed)
      } catch (error) {
        const { message, attempts } = placed.work
        this.parts.log({
          message: `message ${message.id}, delivery ${attempts}, is delivered again: ${logReason(error)}`,
          'event.outcome': 'failure',
          ...(error instanceof Failure ? { 'error.code': error.code } : {}),
          ...traceFields(message.traceparent),
        })
      }
    }
    const light = works.filter(({ work }) => !isHeavy(work))
    const heavy = works.filter(({ work }) => isHeavy(work))
    await Promise.all([eachOf(light, AT_ONCE.light, runOne), eachOf(heavy, AT_ONCE.heavy, runOne)])
  }

  /** Counts what was settled. At a last delivery what cannot be counted is lost to the statistics, not to the archive. */
  async #count(
    settled: readonly Counted[],
    verdicts: Verdict[],
    deadline: Deadline,
    background: Background,
  ): Promise<void> {
    if (settled.length === 0) return
    const { statistics, releases, observer, clock, calls, log } = this.parts
    const sentAt = clock.now()
    const deltas = settled.map(({ delta }) => delta)
    const { counted, news } = await calls
      .in('statistics', deadline, (own) => statistics.count(deltas, own))
      .catch((error: unknown) => {
        log(`${deltas.length} messages were not counted: ${logReason(error)}`)
        return { counted: [], news: [] }
      })
    releases.learn(news, sentAt, background)
    settled.forEach(({ place, work, delta }, index) => {
      if (counted[index] !== true && !work.isLast) return
      if (counted[index] !== true) observer.lost(eventsIn(delta))
      verdicts[place] = 'done'
    })
  }
}
