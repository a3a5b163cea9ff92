/** Replays dead letters: repaired, checked and sent like events that arrive, with one effect however often that is done. */
import { atMost, type Clock, type Deadline, deadlineIn } from '../../core/clock.ts'
import type { ReceiptRules } from '../../core/event/settle-time.ts'
import { Failure } from '../../core/failure.ts'
import type { FixRule } from '../../core/replay/fix-rules.ts'
import type { BodyLimits } from '../../protocol/body.ts'
import {
  MAX_REPLAYED,
  type ReplayAnswer,
  type ReplayBody,
  type ReplayedLetter,
  rulesOf,
} from '../../protocol/dead-letters.ts'
import type { EventMessageHeader, QueuedEvent } from '../../protocol/event-message.ts'
import type { EventStore } from '../intake/store-events.ts'
import type { DeadLetter, DeadLetters, ListedLetter } from '../ports/dead-letters.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import { filterOf, waitingUnless } from './describe-letter.ts'
import { type LetterEvent, readLetter } from './read-letter.ts'
import { ReplayTally } from './replay-tally.ts'

export interface LetterReplayerParts {
  readonly letters: DeadLetters
  readonly objects: EventObjects
  readonly store: EventStore
  readonly rules: ReceiptRules
  readonly limits: BodyLimits
  readonly clock: Clock
}

/** Of a whole call; what it does not come to is left for the next one. */
const REPLAY_MILLISECONDS = 20_000
/** No part is begun with less left. */
const PART_MILLISECONDS = 6_000
/** For one call of the object or the bucket. */
const CALL_MILLISECONDS = 5_000
/** Letters that are in memory at a time. */
const PART_LETTERS = 250
const PART_BYTES = 4_000_000

/** A letter whose events can be used. */
interface Repaired {
  readonly letter: DeadLetter
  readonly events: readonly LetterEvent[]
}

/** Letters that are worked on together, as few as their bytes demand. */
const partsOf = (letters: readonly ListedLetter[]): ListedLetter[][] => {
  const parts: ListedLetter[][] = []
  let bytes = 0
  for (const letter of letters) {
    const last = parts.at(-1)
    if (last === undefined || last.length === PART_LETTERS || bytes + letter.bytes > PART_BYTES) {
      parts.push([letter])
      bytes = letter.bytes
    } else {
      last.push(letter)
      bytes += letter.bytes
    }
  }
  return parts
}

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

/** What the events of one message have in common. */
const headerKey = ({ letter: { model, edgeZip, isBot } }: Repaired): string => JSON.stringify([model, edgeZip, isBot])

/** Why a letter is not to be replayed; `null`: it may be. */
const refusalOf = ({ state, isCut }: ListedLetter, again: boolean): string | null => {
  if (isCut) return 'its payload was cut to the size that is kept, so it can only be looked at'
  if (state === 'discarded') return 'it was discarded'
  if (state === 'replayed') return 'it was replayed'
  return state === 'replaying' && !again ? 'it is being replayed; "again" does so once more' : null
}

/** One replay: what is mended, whether anything is sent, what became of the letters, and the trace it belongs to. */
interface Run {
  readonly fixes: readonly FixRule[]
  readonly isDry: boolean
  readonly tally: ReplayTally
  readonly traceparent: string | null
}

export class LetterReplayer {
  constructor(private readonly parts: LetterReplayerParts) {}

  /**
   * Replays letters, or says what would become of them. Those that still fail stay as they are. Throws what stopped it before the first part was
   * done: `dead_letters_unavailable`, `archive_unavailable` or `queue_unavailable`; later on it says how far it came. The events go on in the trace
   * of whoever replays them.
   */
  async replay(body: ReplayBody, traceparent: string | null): Promise<ReplayAnswer> {
    const { clock } = this.parts
    const { ids, again = false, dry_run: isDry = false } = body
    const deadline = deadlineIn(clock, REPLAY_MILLISECONDS)
    const fixes = rulesOf(body.fixes)
    const tally = new ReplayTally(fixes)
    const run: Run = { fixes, isDry, tally, traceparent }
    const chosen = await this.#choose(body, deadline)
    for (const id of chosen.unknown) tally.add({ id, outcome: 'unknown', events: 0 })

    const replayable: ListedLetter[] = []
    for (const letter of chosen.letters) {
      const message = refusalOf(letter, again)
      if (message === null) replayable.push(letter)
      else tally.add({ id: letter.id, outcome: 'not_replayable', events: 0, message })
    }
    const remaining: ListedLetter[] = []
    let stopped = false
    for (const [index, part] of partsOf(replayable).entries()) {
      if (!stopped && (index === 0 || deadline.remainingMilliseconds() > PART_MILLISECONDS)) {
        stopped = !(await this.#replayPart(part, run, index === 0, deadline))
      } else stopped = true
      if (stopped) remaining.push(...part.filter(({ id }) => !tally.has(id)))
    }
    const [next] = remaining
    return {
      dry_run: isDry,
      ...tally.answer(),
      cursor: ids !== undefined || next === undefined ? chosen.cursor : String(next.sequence - 1),
      remaining: ids === undefined ? [] : remaining.map(({ id }) => id),
    }
  }

  async #choose(
    { ids, filter = {}, limit = MAX_REPLAYED, cursor }: ReplayBody,
    deadline: Deadline,
  ): Promise<{ letters: readonly ListedLetter[]; unknown: readonly string[]; cursor: string | null }> {
    const { letters, clock } = this.parts
    const call = atMost(clock, deadline, CALL_MILLISECONDS)
    if (ids === undefined) {
      const page = await letters.list(waitingUnless(filterOf(filter)), { limit, cursor: cursor ?? null }, call)
      return { letters: page.letters, unknown: [], cursor: page.cursor }
    }
    const known = await letters.look([...new Set(ids)], call)
    const found = new Set(known.map(({ id }) => id))
    return { letters: known, unknown: [...new Set(ids)].filter((id) => !found.has(id)), cursor: null }
  }

  /** False: it was stopped by what stands in the way of all letters. Throws that where `isFirst`. */
  async #replayPart(part: readonly ListedLetter[], run: Run, isFirst: boolean, deadline: Deadline): Promise<boolean> {
    const { isDry, tally } = run
    try {
      const repaired = await this.#repair(part, run, deadline)
      if (isDry) {
        for (const { letter, events } of repaired) {
          tally.add({ id: letter.id, outcome: 'would_replay', events: events.length })
        }
      } else await this.#send(repaired, run, deadline)
      return true
    } catch (error) {
      if (!(error instanceof Failure) || isFirst) throw error
      return false
    }
  }

  async #repair(
    part: readonly ListedLetter[],
    { fixes, tally }: Run,
    deadline: Deadline,
  ): Promise<readonly Repaired[]> {
    const { letters, rules, limits, clock } = this.parts
    const call = atMost(clock, deadline, CALL_MILLISECONDS)
    const repaired: Repaired[] = []
    for (const letter of await letters.get(
      part.map(({ id }) => id),
      call,
    )) {
      const { id } = letter
      const bytes = await this.#bytesOf(letter, deadline)
      if (bytes === null) {
        tally.add({ id, outcome: 'not_replayable', events: 0, message: 'the bucket no longer has its payload' })
        continue
      }
      try {
        const { events, applied } = readLetter(letter, bytes, fixes, rules, limits)
        tally.applied(applied, events.length)
        repaired.push({ letter, events })
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        tally.add(stillFails(id, error))
      }
    }
    return repaired
  }

  /** `null`: the bucket does not have it. */
  #bytesOf({ payload }: DeadLetter, deadline: Deadline): Promise<Uint8Array | null> {
    if ('bytes' in payload) return Promise.resolve(payload.bytes)
    const { objects, clock } = this.parts
    return objects.get(payload.reference.key, atMost(clock, deadline, CALL_MILLISECONDS))
  }

  /** Throws the first failure of the queue once every letter that is in it has been marked so. */
  async #send(repaired: readonly Repaired[], { tally, traceparent }: Run, deadline: Deadline): Promise<void> {
    const { letters, clock } = this.parts
    const begun = await this.#begin(repaired, tally, deadline)
    let failure: Failure | null = null
    for (const group of groupBy(begun, headerKey)) {
      const failures = await this.#store(group, traceparent, deadline)
      const sent = group.filter((_, index) => failures[index] === null)
      failure ??= failures.find((one) => one !== null) ?? null
      const call = atMost(clock, deadline, CALL_MILLISECONDS)
      await letters.move(
        sent.map(({ letter }) => letter.id),
        'replaying',
        call,
      )
      for (const { letter, events } of sent) {
        tally.add({ id: letter.id, outcome: 'replaying', events: events.length })
      }
    }
    if (failure !== null) throw failure
  }

  /** The letters with the ids that their events are replayed under; without those that were settled meanwhile. */
  async #begin(repaired: readonly Repaired[], tally: ReplayTally, deadline: Deadline): Promise<readonly Repaired[]> {
    const { letters, clock } = this.parts
    const named = repaired.map(({ letter, events }) => ({ letter: letter.id, events: events.map(({ id }) => id) }))
    const begun = await letters.begin(named, atMost(clock, deadline, CALL_MILLISECONDS))
    return repaired.flatMap(({ letter, events }, index) => {
      const ids = begun[index]
      if (ids !== undefined && ids !== null && ids.length === events.length) {
        return [{ letter, events: events.map((event, place) => ({ ...event, id: ids[place] ?? event.id })) }]
      }
      const message =
        ids === undefined || ids === null
          ? 'it was replayed, discarded or forgotten meanwhile'
          : `it was replayed as ${ids.length} events before, and holds ${events.length} now`
      tally.add({ id: letter.id, outcome: 'not_replayable', events: 0, message })
      return []
    })
  }

  /** For each letter why it is not in the queue; `null`: all of its events are. */
  async #store(
    group: readonly Repaired[],
    traceparent: string | null,
    deadline: Deadline,
  ): Promise<readonly (Failure | null)[]> {
    const { store, clock } = this.parts
    const [first] = group
    if (first === undefined) return []
    const { model, edgeZip, isBot } = first.letter
    const receivedAt = Math.floor(clock.epochMilliseconds())
    const header: EventMessageHeader = { receivedAt, model, edgeZip, isBot, isOptedOut: false, traceparent }
    const queued = group.flatMap(({ letter, events }) => events.map((event) => queuedOf(event, letter)))
    const failures = await store.store(header, queued, atMost(clock, deadline, CALL_MILLISECONDS))
    let start = 0
    return group.map(({ events }) => {
      const own = failures.slice(start, start + events.length)
      start += events.length
      return own.find((failure) => failure !== null) ?? null
    })
  }
}

const queuedOf = ({ id, value, sentAt }: LetterEvent, letter: DeadLetter): QueuedEvent => ({
  id,
  hasIdentity: true,
  receivedAt: letter.receivedAt,
  sentAt,
  payload: { event: value },
  letter: letter.id,
  prediction: null,
})

const stillFails = (id: string, { code, message, path }: Failure): ReplayedLetter => ({
  ...{ id, outcome: 'still_fails', events: 0, code, message },
  ...(path !== undefined && { path }),
})
