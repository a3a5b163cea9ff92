/** The dead letters of the deployment, one object: keeps, lists, moves and, after their time, forgets them. */
import { DurableObject } from 'cloudflare:workers'
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterTotals,
  KeptAs,
  LetterCount,
  LetterEvents,
  ListedLetter,
  NewDeadLetter,
} from '../serving/ports/dead-letters.ts'
import { DeadLetterQuota, type QuotaLimits } from './dead-letter-quota.ts'
import { DeadLetterStore } from './dead-letter-store.ts'
import { DEAD_LETTER_STEPS } from './dead-letters-schema.ts'
import { migrate } from './migrate.ts'

export interface DeadLetterLimits extends QuotaLimits {
  /** Payload of a letter of the public. */
  readonly payloadBytes: number
  /** Since a letter last failed. */
  readonly retentionMilliseconds: number
  /** From then on no letter is taken; `STORAGE_BYTES` where nothing is said. */
  readonly storageBytes?: number
}

interface Reply {
  readonly format: 1
}

/**
 * An object has 10 GB (Durable Objects limits, read 2026-11). Of accepted events every letter is kept, so whoever sends events that a model
 * cannot take could fill it, and then no letter could even be replayed or discarded.
 */
const STORAGE_BYTES = 8_000_000_000
const LOOK_MILLISECONDS = 3_600_000
/** Letters forgotten in one go: others may wait for the object meanwhile. */
const FORGET_LETTERS = 1_000
const FORGET_AGAIN_MILLISECONDS = 1_000

const NO_BYTES = new Uint8Array()

export class DeadLetters extends DurableObject<unknown> {
  readonly #store: DeadLetterStore
  readonly #quota: DeadLetterQuota

  constructor(
    ctx: DurableObjectState,
    env: unknown,
    private readonly limits: DeadLetterLimits,
  ) {
    super(ctx, env)
    migrate(ctx.storage, DEAD_LETTER_STEPS)
    this.#store = new DeadLetterStore(ctx.storage.sql)
    this.#quota = new DeadLetterQuota(ctx.storage.sql, limits)
  }

  /** Keeps or counts each letter, all of them or none. `arePromised`: kept whatever the quota says. Throws when there is no room. */
  async keep(
    letters: readonly NewDeadLetter[],
    arePromised: boolean,
  ): Promise<Reply & { readonly kept: readonly KeptAs[] }> {
    const now = Date.now()
    const { databaseSize } = this.ctx.storage.sql
    const { storageBytes = STORAGE_BYTES } = this.limits
    if (databaseSize >= storageBytes) throw new Error(`they have ${databaseSize} bytes and take no more`)
    const kept = this.ctx.storage.transactionSync(() =>
      letters.map((letter) => this.#keep(letter, letter.isPublic && !arePromised, now)),
    )
    await this.#lookLater()
    return { format: 1, kept }
  }

  async count(counts: readonly LetterCount[]): Promise<Reply> {
    this.#quota.count(counts, Date.now())
    await this.#lookLater()
    return { format: 1 }
  }

  list(filter: DeadLetterFilter, limit: number, cursor: string | null): Reply & DeadLetterPage {
    const { letters, last } = this.#store.list(filter, cursor === null ? 0 : Number(cursor), limit)
    return { format: 1, letters, cursor: last === null ? null : String(last) }
  }

  totals(): Reply & { readonly totals: DeadLetterTotals } {
    return { format: 1, totals: this.#store.totals(this.#quota.counted) }
  }

  look(ids: readonly string[]): Reply & { readonly letters: readonly ListedLetter[] } {
    return { format: 1, letters: ids.flatMap((id) => this.#store.look(id) ?? []) }
  }

  get(ids: readonly string[]): Reply & { readonly letters: readonly DeadLetter[] } {
    return { format: 1, letters: ids.flatMap((id) => this.#store.get(id) ?? []) }
  }

  begin(letters: readonly LetterEvents[]): Reply & { readonly events: readonly (readonly string[] | null)[] } {
    const begin = (): readonly (readonly string[] | null)[] =>
      letters.map(({ letter, events }) => this.#store.begin(letter, events))
    return { format: 1, events: this.ctx.storage.transactionSync(begin) }
  }

  move(ids: readonly string[], state: 'replaying' | 'replayed'): Reply {
    const now = Date.now()
    this.ctx.storage.transactionSync(() => {
      for (const id of ids) this.#store[state](id, now)
    })
    return { format: 1 }
  }

  discard(ids: readonly string[], reason: string): Reply & { readonly discarded: readonly string[] } {
    const now = Date.now()
    const discard = (): readonly string[] => ids.filter((id) => this.#store.discard(id, reason, now))
    return { format: 1, discarded: this.ctx.storage.transactionSync(discard) }
  }

  /** Forgets what has been kept long enough, a part at a time. */
  override async alarm(): Promise<void> {
    const oldest = Date.now() - this.limits.retentionMilliseconds
    const forgotten = this.ctx.storage.transactionSync(() => this.#store.forget(oldest, FORGET_LETTERS))
    this.#quota.forget(oldest)
    if (forgotten === FORGET_LETTERS) await this.ctx.storage.setAlarm(Date.now() + FORGET_AGAIN_MILLISECONDS)
    else if (!this.#store.isEmpty || !this.#quota.isEmpty) {
      await this.ctx.storage.setAlarm(Date.now() + LOOK_MILLISECONDS)
    }
  }

  #keep(letter: NewDeadLetter, isUnderQuota: boolean, now: number): KeptAs {
    if (this.#store.fail(letter, now)) return 'kept'
    const total = isUnderQuota ? this.#store.bytes : 0
    const verdict = isUnderQuota ? this.#quota.take(letter.code, total, now) : 'kept'
    if (verdict === 'counted') return 'counted'
    const { payload, isPublic } = letter
    if (!('bytes' in payload)) this.#store.add(letter, NO_BYTES, false, now)
    else {
      // Where payloads take all the room they may, a sample tells only what came, and why it failed.
      const room = isUnderQuota && total >= this.limits.totalBytes ? 0 : Number.POSITIVE_INFINITY
      const bytes = payload.bytes.subarray(0, isPublic ? Math.min(room, this.limits.payloadBytes) : room)
      this.#store.add(letter, bytes, payload.isCut || bytes.length < payload.bytes.length, now)
    }
    return 'kept'
  }

  async #lookLater(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + LOOK_MILLISECONDS)
  }
}
