/** The desk of the dead letters: list them, look into one, replay them, give them up for good. */
import { type Clock, type Deadline, deadlineIn } from '../../core/clock.ts'
import { Failure, quote } from '../../core/failure.ts'
import { toBase64 } from '../../protocol/base64.ts'
import type {
  DiscardAnswer,
  DiscardBody,
  LetterFilterBody,
  LetterPageAnswer,
  LetterWithPayload,
  ReplayAnswer,
  ReplayBody,
} from '../../protocol/dead-letters.ts'
import { MAX_REPLAYED } from '../../protocol/dead-letters.ts'
import type { DeadLetters } from '../ports/dead-letters.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import { describeLetter, filterOf, waitingUnless } from './describe-letter.ts'
import type { LetterReplayer } from './replay-letters.ts'

export interface DeadLetterDeskParts {
  readonly letters: DeadLetters
  readonly objects: EventObjects
  readonly replayer: LetterReplayer
  readonly clock: Clock
}

/** For one call of the object or the bucket. */
const CALL_MILLISECONDS = 5_000

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const textOf = (bytes: Uint8Array): string | null => {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

export class DeadLetterDesk {
  constructor(private readonly parts: DeadLetterDeskParts) {}

  /** Throws `dead_letters_unavailable`, as all of this does. */
  async list(filter: LetterFilterBody, limit: number, cursor: string | null): Promise<LetterPageAnswer> {
    const { letters } = this.parts
    const deadline = this.#deadline()
    const page = await letters.list(filterOf(filter), { limit, cursor }, deadline)
    return { letters: page.letters.map(describeLetter), cursor: page.cursor, totals: await letters.totals(deadline) }
  }

  /** With its payload, wherever that lies. Throws `unknown_dead_letter` and `archive_unavailable`. */
  async inspect(id: string): Promise<LetterWithPayload> {
    const { letters, objects } = this.parts
    const [letter] = await letters.get([id], this.#deadline())
    if (letter === undefined) throw new Failure('unknown_dead_letter', `there is no dead letter ${quote(id)}`, 'id')
    const { payload, ...listed } = letter
    const bytes = 'bytes' in payload ? payload.bytes : await objects.get(payload.reference.key, this.#deadline())
    const text = bytes === null ? null : textOf(bytes)
    return {
      ...describeLetter(listed),
      payload: bytes === null ? null : (text ?? toBase64(bytes)),
      payload_encoding: bytes !== null && text === null ? 'base64' : 'utf-8',
    }
  }

  /** Throws `queue_unavailable` and `archive_unavailable` when not one of them could be replayed for that; else what could is told. */
  replay(body: ReplayBody, traceparent: string | null): Promise<ReplayAnswer> {
    return this.parts.replayer.replay(body, traceparent)
  }

  /** Letters that were replayed, or discarded before, stay what they are. */
  async discard({ ids, filter, limit = MAX_REPLAYED, cursor, reason }: DiscardBody): Promise<DiscardAnswer> {
    const { letters } = this.parts
    const deadline = this.#deadline()
    if (ids !== undefined) return { discarded: [...(await letters.discard(ids, reason, deadline))], cursor: null }
    const wanted = waitingUnless(filterOf(filter ?? {}))
    const page = await letters.list(wanted, { limit, cursor: cursor ?? null }, deadline)
    const found = page.letters.map(({ id }) => id)
    return { discarded: [...(await letters.discard(found, reason, deadline))], cursor: page.cursor }
  }

  #deadline(): Deadline {
    return deadlineIn(this.parts.clock, CALL_MILLISECONDS)
  }
}
