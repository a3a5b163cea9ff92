/** Keeps what is given up: in the object of the dead letters, or in the bucket until the object answers again. */
import { type Clock, type Deadline, deadlineIn, type Instant } from '../../core/clock.ts'
import { PARKED_LETTERS, parkedLetterKey, payloadKey } from '../../protocol/store-keys.ts'
import type { DeadLetters, KeptAs, NewDeadLetter } from '../ports/dead-letters.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import type { Background, Timers } from '../ports.ts'
import { TIMED_OUT, within } from '../within.ts'
import { boundLetter } from './bound-letter.ts'
import { LetterQuota } from './letter-quota.ts'
import { readParked, writeParked } from './parked-letter.ts'

/** `counted`: over the quota, so it has no id. `lost`: neither the object nor the bucket took it. */
export interface KeptLetter {
  readonly id: string | null
  readonly kept: KeptAs | 'lost'
}

export interface Drained {
  /** Letters that the object has now. */
  readonly brought: number
  /** Keys among them that hold no letter. */
  readonly unreadable: readonly string[]
}

export interface LetterKeeperParts {
  readonly letters: DeadLetters
  readonly objects: EventObjects
  readonly clock: Clock
  readonly timers: Timers
  readonly log: (line: string) => void
  readonly limits: {
    /** Payload of a letter of the public, bytes. */
    readonly payloadBytes: number
    /** Letters an hour that the public may cause. */
    readonly hourly: number
    /** For the object, and again for the bucket, milliseconds. */
    readonly deadlineMilliseconds: number
  }
}

/** A longer payload goes to the bucket: a row of the object holds 2 MB (Cloudflare, "Durable Objects limits", read 2026-11). */
const INLINE_BYTES = 1_000_000
/** Of one call, whose arguments may have 32 MiB. */
const CALL_LETTERS = 100
const CALL_BYTES = 8_000_000
/** How long the object is left alone after it failed. */
const PAUSE_MILLISECONDS = 5_000
const REPORT_MILLISECONDS = 1_000
/** A report that was planned so long ago went with its request. */
const REPORT_LOST_MILLISECONDS = 10_000
const DRAIN_PAGE = 100

const COUNTED: KeptLetter = { id: null, kept: 'counted' }
const LOST: KeptLetter = { id: null, kept: 'lost' }

const bytesOf = ({ payload }: NewDeadLetter): number => ('bytes' in payload ? payload.bytes.length : 0)

/** `letters` in calls that are small enough. */
const calls = <T>(letters: readonly T[], letterOf: (one: T) => NewDeadLetter): T[][] => {
  const made: T[][] = []
  let bytes = 0
  for (const one of letters) {
    const last = made.at(-1)
    const more = bytesOf(letterOf(one))
    if (last === undefined || last.length === CALL_LETTERS || bytes + more > CALL_BYTES) {
      made.push([one])
      bytes = more
    } else {
      last.push(one)
      bytes += more
    }
  }
  return made
}

export class LetterKeeper {
  readonly #quota: LetterQuota
  #pausedUntil: Instant
  #reportPlannedAt: Instant | null = null

  constructor(private readonly parts: LetterKeeperParts) {
    this.#quota = new LetterQuota(parts.clock, parts.limits.hourly)
    this.#pausedUntil = parts.clock.now()
  }

  /**
   * Keeps each letter, in order of `letters`; the payloads of the public are cut here. Never rejects. Letters that this isolate knows to be
   * over the quota are counted here, and reported a second later in the `background` of this call or of the next that has one.
   */
  async keep(letters: readonly NewDeadLetter[], background?: Background): Promise<readonly KeptLetter[]> {
    const kept: KeptLetter[] = letters.map(() => LOST)
    const offered: { readonly index: number; readonly letter: NewDeadLetter }[] = []
    for (const [index, letter] of letters.entries()) {
      if (this.#quota.isUsedUp(letter)) {
        this.#quota.count(letter.code)
        kept[index] = COUNTED
      } else offered.push({ index, letter: boundLetter(letter, this.parts.limits.payloadBytes) })
    }
    const deadline = this.#deadline()
    await Promise.all(
      calls(offered, ({ letter }) => letter).map(async (call) => {
        const answers = await this.#keepAll(
          call.map(({ letter }) => letter),
          deadline,
        )
        for (const [place, { index }] of call.entries()) kept[index] = answers[place] ?? LOST
      }),
    )
    if (background !== undefined) this.#planReport(background)
    return kept
  }

  /**
   * Brings the letters that wait in the bucket to the object, page by page, until `deadline`. May be repeated and interrupted. Rejects when the
   * bucket or the object fails.
   */
  async drain(deadline: Deadline): Promise<Drained> {
    const { letters, objects } = this.parts
    let brought = 0
    const unreadable: string[] = []
    let cursor: string | null = null
    do {
      const page = await objects.list(PARKED_LETTERS, cursor, DRAIN_PAGE, deadline)
      const found = await Promise.all(
        page.objects.map(async ({ key }) => {
          const bytes = await objects.get(key, deadline)
          return { key, letter: bytes === null ? null : readParked(bytes) }
        }),
      )
      const readable = found.flatMap(({ key, letter }) => (letter === null ? [] : [{ key, letter }]))
      for (const call of calls(readable, ({ letter }) => letter)) {
        await letters.keep(
          call.map(({ letter }) => letter),
          deadline,
          true,
        )
        await objects.delete(
          call.map(({ key }) => key),
          deadline,
        )
        brought += call.length
      }
      for (const { key, letter } of found) if (letter === null) unreadable.push(key)
      cursor = page.cursor
    } while (cursor !== null && deadline.remainingMilliseconds() > 0)
    return { brought, unreadable }
  }

  async #keepAll(letters: readonly NewDeadLetter[], deadline: Deadline): Promise<readonly KeptLetter[]> {
    const slim = await Promise.all(letters.map((letter) => this.#withoutBulk(letter, deadline)))
    const offered = slim.filter((letter) => letter !== null)
    const answers = await this.#offer(offered, deadline)
    const results =
      answers === null
        ? await this.#park(offered)
        : offered.map(({ id, code }, index): KeptLetter => {
            if (answers[index] === 'kept') return { id, kept: 'kept' }
            this.#quota.usedUp(code)
            return COUNTED
          })
    let next = 0
    return slim.map((letter) => (letter === null ? LOST : (results[next++] ?? LOST)))
  }

  /** `null`: the object failed, or did so a moment ago. */
  async #offer(letters: readonly NewDeadLetter[], deadline: Deadline): Promise<readonly KeptAs[] | null> {
    const { clock, timers, log } = this.parts
    if (clock.now() < this.#pausedUntil) return null
    try {
      const answers = await within(this.parts.letters.keep(letters, deadline), deadline, timers)
      if (answers === TIMED_OUT) throw new Error('they did not answer in time')
      return answers
    } catch (error) {
      this.#pausedUntil = (clock.now() + PAUSE_MILLISECONDS) as Instant
      log(`the dead letters took ${letters.length} letters not, so they go to the bucket: ${String(error)}`)
      return null
    }
  }

  /** With a payload that is too long for the object in the bucket; `null`: the bucket failed. */
  async #withoutBulk(letter: NewDeadLetter, deadline: Deadline): Promise<NewDeadLetter | null> {
    if (!('bytes' in letter.payload) || letter.payload.bytes.length <= INLINE_BYTES) return letter
    const { bytes } = letter.payload
    const key = payloadKey(letter.id, 0, letter.receivedAt)
    const written = await this.#put(key, bytes, deadline)
    return written ? { ...letter, payload: { reference: { key, bytes: bytes.length } } } : null
  }

  #park(letters: readonly NewDeadLetter[]): Promise<KeptLetter[]> {
    const deadline = this.#deadline()
    return Promise.all(
      letters.map(async (letter): Promise<KeptLetter> => {
        if (letter.isPublic && !this.#quota.park()) {
          this.#quota.count(letter.code)
          return COUNTED
        }
        const parked = await this.#put(parkedLetterKey(letter.id), writeParked(letter), deadline)
        return parked ? { id: letter.id, kept: 'kept' } : LOST
      }),
    )
  }

  async #put(key: string, bytes: Uint8Array, deadline: Deadline): Promise<boolean> {
    const { objects, timers } = this.parts
    try {
      if ((await within(objects.put(key, bytes, deadline), deadline, timers)) !== TIMED_OUT) return true
      throw new Error('the bucket did not answer in time')
    } catch (error) {
      this.parts.log(`${key} could not be written: ${String(error)}`)
      return false
    }
  }

  #planReport(background: Background): void {
    const { clock, timers } = this.parts
    const planned = this.#reportPlannedAt
    if (this.#quota.isEmpty || (planned !== null && clock.now() - planned < REPORT_LOST_MILLISECONDS)) return
    this.#reportPlannedAt = clock.now()
    background(
      timers.sleep(REPORT_MILLISECONDS).then(() => this.#report()),
      'counting dead letters over the quota',
    )
  }

  /** Counts that could not be brought stay for the next report. */
  async #report(): Promise<void> {
    this.#reportPlannedAt = null
    const counts = this.#quota.take()
    if (counts.length === 0) return
    try {
      await this.parts.letters.count(counts, this.#deadline())
    } catch (error) {
      for (const { code, count } of counts) this.#quota.count(code, count)
      throw error
    }
  }

  #deadline(): Deadline {
    return deadlineIn(this.parts.clock, this.parts.limits.deadlineMilliseconds)
  }
}
