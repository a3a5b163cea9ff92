/** Sends the traffic of a row as its clients do, and notes what they were promised. */
import type { EventsAnswer } from '../../src/protocol/events.ts'
import { type Answered, post } from './client.ts'
import type { ExpectedAnswers } from './expected.ts'
import { hasStoodIn, judgeAnswer, judgeRefusal, type Rules, type Verdict } from './judge.ts'
import { BASE, type Change, type FaultEvent, faultEvents } from './traffic.ts'

const AT_ONCE = 8
/** The budget of a prediction. */
const BUDGET_MILLISECONDS = 100
/** What was refused is sent again so often at most. */
const ROUNDS = 5
const WRONG_KEPT = 10

/** As the client counts, which knows nothing of the worker's own counters. */
export interface Sent {
  sent: number
  answered: number
  within: number
  flagged: number
  refused: number
  wrong: number
}

const eachOf = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const waiting = items.values()
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const pages = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, page) => items.slice(page * size, (page + 1) * size))

const namedIn = (problem: unknown): number =>
  typeof problem === 'object' && problem !== null && 'errors' in problem && Array.isArray(problem.errors)
    ? problem.errors.length
    : 0

export interface SenderParts {
  readonly row: string
  readonly expected: ExpectedAnswers
  readonly rules: Rules
  /** Of the worker as it is now: it may have been started anew. */
  readonly origin: () => string
}

export class Sender {
  readonly predictions: Sent = { sent: 0, answered: 0, within: 0, flagged: 0, refused: 0, wrong: 0 }
  readonly posts: Sent = { sent: 0, answered: 0, within: 0, flagged: 0, refused: 0, wrong: 0 }
  /** Events that the worker has said to have, by their keys. */
  readonly accepted = new Map<string, FaultEvent>()
  /** Events that it has said to keep as dead letters. */
  readonly letters = new Set<string>()
  /** Events that the statistics should have counted of the isolate that answers requests: each answer of one, and each refusal. */
  observed = 0
  /** What was wrong, in words; the first few. */
  readonly faults: string[] = []
  /** Not taken yet. */
  #waiting: FaultEvent[] = []
  #predicted = 0
  #made = 0

  readonly #parts: SenderParts

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  get waiting(): number {
    return this.#waiting.length
  }

  fault(why: string): void {
    if (this.faults.length < WRONG_KEPT) this.faults.push(why)
  }

  /** Single events, each answered at once. */
  async predict(count: number): Promise<void> {
    const bases = Array.from({ length: count }, () => this.#predicted++ % BASE.length)
    await eachOf(bases, async (base) => {
      const answer = await this.#send(this.predictions, '/v1/predict', BASE[base])
      if (answer !== null) {
        // What stands in is counted as the failure of the version that should have answered, and as an answer.
        this.observed += hasStoodIn(answer.body) ? 2 : 1
        this.#note(this.predictions, judgeAnswer(answer, base, this.#parts.expected, this.#parts.rules), 'prediction')
      }
    })
  }

  /** New events, `size` in a request. */
  async ingest(requests: number, size: number, change?: Change): Promise<void> {
    const events = faultEvents(this.#parts.row, this.#made, requests * size, change)
    this.#made += events.length
    await eachOf(pages(events, size), (page) => this.#post(page))
  }

  /** Sends again what was not taken, as clients do. What is not taken in the end stays in `waiting`. */
  async resend(): Promise<void> {
    for (let round = 0; round < ROUNDS && this.#waiting.length > 0; round++) {
      const again = this.#waiting
      this.#waiting = []
      await eachOf(pages(again, 100), (page) => this.#post(page))
    }
  }

  async #send(count: Sent, path: string, body: string): Promise<Answered | null> {
    count.sent++
    const answer = await post(`${this.#parts.origin()}${path}`, body)
    if (answer === null) {
      this.fault(`${path}: no answer`)
      return null
    }
    count.answered++
    if (answer.milliseconds <= BUDGET_MILLISECONDS) count.within++
    return answer
  }

  #note(count: Sent, verdict: Verdict, what: string): void {
    if (verdict.as === 'exact') return
    count[verdict.as]++
    if (verdict.as === 'wrong') this.fault(`${what}: ${verdict.why}`)
  }

  async #post(events: readonly FaultEvent[]): Promise<void> {
    const answer = await this.#send(this.posts, '/v1/events', JSON.stringify(events.map(({ value }) => value)))
    if (answer?.status !== 202) {
      this.#waiting.push(...events)
      if (answer !== null) this.#note(this.posts, judgeRefusal(answer, this.#parts.rules), 'events')
      this.observed += namedIn(answer?.body)
      return
    }
    const { accepted, rejected } = answer.body as EventsAnswer
    this.observed += rejected.length
    const named = new Map(rejected.map((item) => [item.index, item]))
    if (accepted + named.size !== events.length) {
      this.#note(this.posts, { as: 'wrong', why: `${accepted} accepted, ${named.size} named` }, 'events')
    }
    if (named.size > 0 && rejected.some(({ retryable }) => retryable)) this.posts.refused++
    for (const [index, event] of events.entries()) {
      const item = named.get(index)
      if (item === undefined) this.accepted.set(event.key, event)
      else if (item.kept === 'kept') this.letters.add(event.key)
      else this.#waiting.push(event)
      const isRight = event.base === null ? item !== undefined : item === undefined || item.retryable
      if (!isRight) this.#note(this.posts, { as: 'wrong', why: JSON.stringify(item ?? event.value) }, 'event')
    }
  }
}
