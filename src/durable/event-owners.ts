/** One shard of the event owners: which message, or dead letter, an event id belongs to. */
import { DurableObject } from 'cloudflare:workers'
import { type OwnerClaim, type OwnerReply, readOwnerClaims, readOwnerMessages } from '../protocol/owner-calls.ts'
import { EVENT_OWNERS_STEPS } from './event-owners-schema.ts'
import { migrate } from './migrate.ts'

export interface EventOwnersOptions {
  /** From its first claim on, an event is remembered for so long. */
  readonly windowMilliseconds: number
  /** An event that a dead letter owns or was replayed from, and a seal: at least as long as the letter, or the message, can come again. */
  readonly letterMilliseconds: number
}

type Owned = { readonly owner: string; readonly forget_at: number }

/** Rows forgotten in one transaction: some milliseconds, so that no claim waits long behind it. */
const FORGOTTEN_AT_ONCE = 2_000
/** The alarm may ring so much later than the first row ends: an ended row is nobody's whether it is still there or not. */
const ALARM_SLACK_MILLISECONDS = 60_000
const AGAIN_MILLISECONDS = 1_000

const letterOwner = (letter: string): string => `letter:${letter}`

export class EventOwners extends DurableObject<unknown> {
  readonly #sql: SqlStorage

  constructor(
    ctx: DurableObjectState,
    env: unknown,
    private readonly options: EventOwnersOptions,
  ) {
    super(ctx, env)
    migrate(ctx.storage, EVENT_OWNERS_STEPS)
    this.#sql = ctx.storage.sql
  }

  /** For each claim, in order, whether its message owns the event: see the port `EventOwners`. Throws a `RangeError` for what are no claims. */
  async claim(value: unknown): Promise<OwnerReply> {
    const claims = readOwnerClaims(value)
    const now = Date.now()
    const answers = this.ctx.storage.transactionSync(() => claims.map((claim) => this.#claim(claim, now)))
    if (claims.length > 0) await this.#wakeBy(now + this.options.windowMilliseconds)
    return { format: 1, answers }
  }

  /** For each claim, in order, whether its letter owns the event now. Throws a `RangeError` for what are no claims with letters. */
  async handOver(value: unknown): Promise<OwnerReply> {
    const claims = readOwnerClaims(value)
    const now = Date.now()
    const answers = this.ctx.storage.transactionSync(() => claims.map((claim) => this.#handOver(claim, now)))
    if (claims.length > 0) await this.#wakeBy(now + this.options.letterMilliseconds)
    return { format: 1, answers }
  }

  async seal(value: unknown): Promise<OwnerReply> {
    const messages = readOwnerMessages(value)
    const forgetAt = Date.now() + this.options.letterMilliseconds
    this.ctx.storage.transactionSync(() => {
      for (const message of messages) this.#sql.exec('INSERT OR REPLACE INTO seals VALUES (?, ?)', message, forgetAt)
    })
    if (messages.length > 0) await this.#wakeBy(forgetAt)
    return { format: 1, answers: messages.map(() => true) }
  }

  sealed(value: unknown): OwnerReply {
    const query = 'SELECT 1 FROM seals WHERE message = ? AND forget_at > ?'
    const now = Date.now()
    const answers = readOwnerMessages(value).map((message) => [...this.#sql.exec(query, message, now)].length > 0)
    return { format: 1, answers }
  }

  /** Forgets what has ended, a part at a time, and sleeps until more does. */
  override async alarm(): Promise<void> {
    const now = Date.now()
    const isDone = this.ctx.storage.transactionSync(() => {
      const owners = this.#forget('owners', 'event', now)
      return this.#forget('seals', 'message', now) && owners
    })
    if (!isDone) return this.ctx.storage.setAlarm(now + AGAIN_MILLISECONDS)
    const next = this.#firstEnd()
    if (next !== null) await this.ctx.storage.setAlarm(Math.max(next + ALARM_SLACK_MILLISECONDS, now))
  }

  #claim({ event, message, letter }: OwnerClaim, now: number): boolean {
    const { windowMilliseconds, letterMilliseconds } = this.options
    const present = this.#owned(event, now)
    if (present?.owner === message) return true
    if (present !== undefined && (letter === null || present.owner !== letterOwner(letter))) return false
    // The letter may be replayed again as long as it is there.
    const forgetAt = now + (letter === null ? windowMilliseconds : Math.max(windowMilliseconds, letterMilliseconds))
    this.#write(event, message, Math.max(forgetAt, present?.forget_at ?? 0))
    return true
  }

  #handOver({ event, message, letter }: OwnerClaim, now: number): boolean {
    if (letter === null) throw new RangeError(`event owners: the letter that ${event} is handed to is null`)
    const present = this.#owned(event, now)
    const owner = letterOwner(letter)
    // What has ended meanwhile is nobody's, so it may be the letter's.
    if (present !== undefined && present.owner !== message) return present.owner === owner
    this.#write(event, owner, Math.max(now + this.options.letterMilliseconds, present?.forget_at ?? 0))
    return true
  }

  /** Who owns it; `undefined`: nobody, or it has ended. */
  #owned(event: string, now: number): Owned | undefined {
    const query = 'SELECT owner, forget_at FROM owners WHERE event = ? AND forget_at > ?'
    return this.#sql.exec<Owned>(query, event, now).toArray()[0]
  }

  #write(event: string, owner: string, forgetAt: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO owners VALUES (?, ?, ?)', event, owner, forgetAt)
  }

  /** Deletes some of what has ended; `false`: there is more. */
  #forget(table: 'owners' | 'seals', key: 'event' | 'message', now: number): boolean {
    const ended = `SELECT ${key} FROM ${table} WHERE forget_at <= ? ORDER BY forget_at LIMIT ${FORGOTTEN_AT_ONCE}`
    return this.#sql.exec(`DELETE FROM ${table} WHERE ${key} IN (${ended})`, now).rowsWritten < FORGOTTEN_AT_ONCE
  }

  /** When the first row of any table ends; `null`: there is none. */
  #firstEnd(): number | null {
    const query =
      'SELECT min(forget_at) AS first FROM (SELECT min(forget_at) AS forget_at FROM owners UNION ALL SELECT min(forget_at) FROM seals)'
    return this.#sql.exec<{ first: number | null }>(query).one().first
  }

  async #wakeBy(end: number): Promise<void> {
    const due = end + ALARM_SLACK_MILLISECONDS
    const alarm = await this.ctx.storage.getAlarm()
    if (alarm === null || alarm > due) await this.ctx.storage.setAlarm(due)
  }
}
