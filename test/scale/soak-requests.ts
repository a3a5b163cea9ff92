/** Makes the requests of the soak, each kind of body and address a method, from one seed. */
import type { Random } from '../../bench/random.ts'
import { type Damage, type EventMaker, FIXES } from './soak-events.ts'

export interface Tokens {
  readonly admin: string
  readonly read: string
  readonly write: string
}

/** The events of a body, by their keys; what becomes of them is promised by the answer. */
export interface SentEvents {
  readonly first: number
  readonly count: number
  readonly isOptedOut: boolean
  /** Keys that a replay can mend. */
  readonly mendable: ReadonlySet<number>
}

export interface MadeRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The body is announced to be so long, and ends before. */
  readonly announcedBytes?: number
  readonly expected: readonly number[]
  readonly events?: SentEvents
}

/** What is known of the answers that came: letters and objects that can be asked for. */
export interface Seen {
  /** Letters that a replay can mend, each taken once. */
  readonly mendable: string[]
  readonly letters: string[]
  readonly objects: string[]
}

export interface RequestParts {
  readonly random: Random
  readonly maker: EventMaker
  readonly tokens: Tokens
  readonly model: string
  readonly seen: Seen
  /** `2026-11-25`, of now. */
  readonly day: () => string
}

const DAMAGES: readonly Damage[] = ['ts', 'seconds', 'no time']
const BAD_SHARE = 0.2
/** Bodies that may be sent a second time. */
const KEPT_BODIES = 20
const REPLAYED_AT_ONCE = 20
const DISCARDED_AT_ONCE = 3
const SOME_LETTERS = '/admin/dead-letters?limit=10'

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export class RequestMaker {
  readonly #parts: RequestParts
  readonly #sent: MadeRequest[] = []
  #keys = 0

  constructor(parts: RequestParts) {
    this.#parts = parts
  }

  size(least: number, most: number): number {
    return least + this.#parts.random.below(most - least + 1)
  }

  get(path: string, expected: readonly number[] = [200], headers: Readonly<Record<string, string>> = {}): MadeRequest {
    return { method: 'GET', path, expected, headers }
  }

  admin(path: string, expected: readonly number[] = [200]): MadeRequest {
    return this.get(path, expected, bearer(this.#parts.tokens.admin))
  }

  predict(body: string, expected: readonly number[] = [200]): MadeRequest {
    const path = this.#parts.random.chance(0.5) ? '/v1/predict' : '/v1/predict?features=false'
    return { method: 'POST', path, body, expected }
  }

  /** One event to be answered at once; without a time it cannot be. */
  predictOne(damage?: Damage): MadeRequest {
    return this.predict(this.#parts.maker.event(null, damage))
  }

  predictDamaged(): MadeRequest {
    return { ...this.predictOne(this.#parts.random.pick(DAMAGES)), expected: [422] }
  }

  predictMany(least: number, most: number, form: 'array' | 'envelope' | 'lines'): MadeRequest {
    const texts = Array.from({ length: this.size(least, most) }, () => this.#parts.maker.event(null))
    if (form === 'lines') return this.predict(texts.join('\n'))
    return this.predict(form === 'array' ? `[${texts.join()}]` : `{"events":[${texts.join()}]}`)
  }

  infer(count: number): MadeRequest {
    const { random, model } = this.#parts
    const row = (): number[] => [
      ...[random.below(24), random.below(7), random.below(24), random.below(7), random.below(1_440), -8],
      ...[25 + random.fraction() * 24, -70 - random.fraction() * 50],
    ]
    const data = Array.from({ length: count }, row).flat()
    const inputs = [{ name: 'features', datatype: 'FP32', shape: [count, 8], data }]
    return { method: 'POST', path: `/v2/models/${model}/infer`, body: JSON.stringify({ inputs }), expected: [200] }
  }

  /** Good events, which may be sent again. */
  events(count: number, form: 'array' | 'lines' = 'array'): MadeRequest {
    const made = this.#post(count, form, 0)
    this.#sent.push(made)
    if (this.#sent.length > KEPT_BODIES) this.#sent.shift()
    return made
  }

  /** Some of them cannot be read. */
  damagedEvents(count: number): MadeRequest {
    return this.#post(count, 'array', BAD_SHARE)
  }

  optedOutEvents(count: number): MadeRequest {
    const { events, ...made } = this.#post(count, 'array', BAD_SHARE)
    return { ...made, headers: { 'sec-gpc': '1' }, ...(events && { events: { ...events, isOptedOut: true } }) }
  }

  largeEvent(): MadeRequest {
    return this.#alone((key) => this.#parts.maker.large(key))
  }

  namelessEvent(): MadeRequest {
    return this.#alone((key) => this.#parts.maker.nameless(key))
  }

  again(): MadeRequest {
    return this.#sent.length === 0 ? this.events(1) : this.#parts.random.pick(this.#sent)
  }

  unreadable(): MadeRequest {
    const body = `{"createdDateTime":${this.#parts.random.below(1_000)}`
    return { method: 'POST', path: '/v1/events', body, expected: [400] }
  }

  outcome(): MadeRequest {
    const { random, tokens } = this.#parts
    const body = JSON.stringify({
      id: `r-${random.below(1_000_000)}`,
      output: 'late_probability',
      value: random.chance(0.3),
    })
    return { method: 'POST', path: '/v1/outcomes', body, expected: [200], headers: bearer(tokens.write) }
  }

  replay(): MadeRequest {
    const ids = this.#parts.seen.mendable.splice(0, REPLAYED_AT_ONCE)
    return ids.length === 0 ? this.admin(SOME_LETTERS) : this.#adminPost('replay', { ids, fixes: FIXES })
  }

  discard(): MadeRequest {
    const ids = this.#parts.seen.mendable.splice(0, DISCARDED_AT_ONCE)
    if (ids.length === 0) return this.admin(SOME_LETTERS)
    return this.#adminPost('discard', { ids, reason: 'the soak has seen enough of it' })
  }

  letter(): MadeRequest {
    const { seen, random } = this.#parts
    return this.admin(seen.letters.length === 0 ? SOME_LETTERS : `/admin/dead-letters/${random.pick(seen.letters)}`)
  }

  archive(): MadeRequest {
    return this.admin(`/admin/archive?day=${this.#parts.day()}&limit=${this.size(1, 100)}`)
  }

  /** By the time it is asked for it may have been joined. */
  object(): MadeRequest {
    const { seen, random } = this.#parts
    if (seen.objects.length === 0) return this.archive()
    return this.admin(`/admin/archive/object?key=${encodeURIComponent(random.pick(seen.objects))}`, [200, 404])
  }

  #adminPost(what: string, body: object): MadeRequest {
    const path = `/admin/dead-letters/${what}`
    const headers = bearer(this.#parts.tokens.admin)
    return { method: 'POST', path, body: JSON.stringify(body), expected: [200], headers }
  }

  #post(count: number, form: 'array' | 'lines', badShare: number): MadeRequest {
    const { random, maker } = this.#parts
    const first = this.#keys
    const mendable = new Set<number>()
    const texts = Array.from({ length: count }, () => {
      const key = this.#keys++
      const damage = badShare > 0 && random.chance(badShare) ? random.pick(DAMAGES) : undefined
      if (damage === 'ts' || damage === 'seconds') mendable.add(key)
      return maker.event(key, damage)
    })
    const body = form === 'lines' || count === 1 ? texts.join('\n') : `[${texts.join()}]`
    const events: SentEvents = { first, count, isOptedOut: false, mendable }
    return { method: 'POST', path: '/v1/events', body, expected: [202], events }
  }

  #alone(make: (key: number) => string): MadeRequest {
    const first = this.#keys++
    const events: SentEvents = { first, count: 1, isOptedOut: false, mendable: new Set() }
    return { method: 'POST', path: '/v1/events', body: make(first), expected: [202], events }
  }
}
