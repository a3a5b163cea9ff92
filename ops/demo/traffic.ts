/** Visitors of a demo: each sends an event now and then, and what they got is counted. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Seattle, Portland and Minneapolis are north of 44° N: three of nine. */
const ZIPS = ['94107', '10001', '60601', '33101', '98101', '97201', '55401', '78701', '02108']
const VISITORS = 20_000
/** Requests under way at once. */
const SENDERS = 4
const EVENTS_PER_SECOND = 400
const LATELY_MILLISECONDS = 2_000

export interface Seen {
  readonly requests: number
  /** Requests that ended without an HTTP answer, or with one that is neither a prediction nor the version's failure. */
  readonly unanswered: number
  /** Events that a version failed, and the visitors who sent them. */
  readonly failed: number
  readonly visitors: number
  /** All events, from the first failed one on. */
  readonly eventsSinceFailure: number
}

export class Traffic {
  readonly #url: URL
  #requests = 0
  #unanswered = 0
  #failed = 0
  #eventsSinceFailure = 0
  readonly #visitors = new Set<string>()
  readonly #failedAt: number[] = []
  #isRunning = false
  #senders: readonly Promise<void>[] = []

  constructor(url: URL) {
    this.#url = new URL('v1/predict?features=false', url)
  }

  start(): void {
    this.#isRunning = true
    this.#senders = Array.from({ length: SENDERS }, (_, sender) => this.#send(sender))
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#senders)
  }

  /** Failures from here on count. */
  mark(): void {
    this.#failed = 0
    this.#eventsSinceFailure = 0
    this.#visitors.clear()
  }

  get seen(): Seen {
    return {
      requests: this.#requests,
      unanswered: this.#unanswered,
      failed: this.#failed,
      visitors: this.#visitors.size,
      eventsSinceFailure: this.#eventsSinceFailure,
    }
  }

  get failedLately(): number {
    const since = performance.now() - LATELY_MILLISECONDS
    return this.#failedAt.filter((at) => at > since).length
  }

  async #send(sender: number): Promise<void> {
    const every = (1_000 * SENDERS) / EVENTS_PER_SECOND
    for (let at = performance.now(), event = sender; this.#isRunning; event += SENDERS) {
      await this.#ask(event)
      at += every
      const wait = at - performance.now()
      if (wait > 1) await sleep(wait)
      else at = performance.now()
    }
  }

  async #ask(event: number): Promise<void> {
    const visitor = `demo-${Math.floor(Math.random() * VISITORS)}`
    const body = JSON.stringify({ createdDateTime: 'now', session_id: visitor, zipCode: ZIPS[event % ZIPS.length] })
    this.#requests++
    if (this.#failed > 0) this.#eventsSinceFailure++
    try {
      const response = await fetch(this.#url, { method: 'POST', body, signal: AbortSignal.timeout(5_000) })
      const answer = (await response.json()) as { readonly code?: string; readonly detail?: string }
      if (response.ok) return
      if (answer.code !== 'model_failed') this.#unanswered++
      else this.#fail(visitor)
    } catch {
      this.#unanswered++
    }
  }

  #fail(visitor: string): void {
    this.#failed++
    if (this.#eventsSinceFailure === 0) this.#eventsSinceFailure = 1
    this.#visitors.add(visitor)
    this.#failedAt.push(performance.now())
  }
}
