/** What is decided already of delivered messages: asked of all of a batch together, before anything is done with one. */
import type { Clock, Deadline } from '../../core/clock.ts'
import type { DeadLetters, ListedLetter } from '../ports/dead-letters.ts'
import type { EventOwners } from '../ports/event-owners.ts'
import { logReason } from './log-reason.ts'
import type { PortCalls } from './port-calls.ts'
import { claimsOf, lettersOf, type Placed, type Standing } from './queued-work.ts'

export interface StandingParts {
  readonly owners: Pick<EventOwners, 'claim' | 'sealed'>
  readonly letters: Pick<DeadLetters, 'look'>
  readonly clock: Clock
  readonly calls: PortCalls
  readonly log: (line: string) => void
}

/** An hour is sealed a minute after its end at the earliest (`COMPACT_AFTER_SECONDS`), so only what is older than this, or was here before, is asked about. */
const SEALED_AFTER_MILLISECONDS = 30_000

const NOTHING: ReadonlyMap<string, ListedLetter> = new Map()

export class StandingReader {
  constructor(private readonly parts: StandingParts) {}

  /**
   * What is decided already, by place; a message that it is not known of is left out, and so delivered again. All messages are asked about
   * together: one call for each object that is concerned.
   */
  async of(works: readonly Placed[], deadline: Deadline): Promise<ReadonlyMap<number, Standing>> {
    const { owners, calls } = this.parts
    const sealed = await this.#sealed(works, deadline)
    const open = works.filter(({ place }) => !sealed.has(place))
    const givenUp = await this.#givenUp(open, deadline)
    const known = open.filter(({ place }) => givenUp.has(place))
    const claims = known.map(({ place, work }) => claimsOf(work, givenUp.get(place) ?? NOTHING))
    const answers = claims.every((some) => some.length === 0)
      ? []
      : await calls.in('owners', deadline, (own) => owners.claim(claims.flat(), own))
    const standings = new Map<number, Standing>()
    for (const place of sealed) standings.set(place, { isSealed: true, givenUp: NOTHING, owned: new Set() })
    let at = 0
    known.forEach(({ place, work }, index) => {
      const letters = givenUp.get(place) ?? NOTHING
      const owned = new Set<string>()
      for (const { event, letter } of work.events) if (!event.hasIdentity && !letters.has(letter)) owned.add(event.id)
      for (const { event } of claims[index] ?? []) if (answers[at++] === true) owned.add(event)
      standings.set(place, { isSealed: false, givenUp: letters, owned })
    })
    return standings
  }

  /** The places of messages whose objects are sealed. */
  async #sealed(works: readonly Placed[], deadline: Deadline): Promise<ReadonlySet<number>> {
    const { owners, calls, clock } = this.parts
    const oldest = clock.epochMilliseconds() - SEALED_AFTER_MILLISECONDS
    const asked = works.filter(({ work }) => work.attempts > 1 || work.message.receivedAt < oldest)
    if (asked.length === 0) return new Set()
    const messages = asked.map(({ work }) => work.message.id)
    const answers = await calls.in('owners', deadline, (own) => owners.sealed(messages, own))
    return new Set(asked.flatMap(({ place }, index) => (answers[index] === true ? [place] : [])))
  }

  /** What earlier deliveries gave up, by place. While the dead letters do not answer, only a last delivery goes on without knowing. */
  async #givenUp(works: readonly Placed[], deadline: Deadline): Promise<ReadonlyMap<number, Standing['givenUp']>> {
    const { letters, calls, log } = this.parts
    const asked = works.map(({ place, work }) => ({ place, isLast: work.isLast, ids: lettersOf(work) }))
    const all = asked.flatMap(({ ids }) => ids)
    const looked =
      all.length === 0
        ? []
        : await calls
            .in('letters', deadline, (own) => letters.look(all, own))
            .catch((error: unknown) => void log(`what was given up before is not known: ${logReason(error)}`))
    const found = new Map((looked ?? []).map((letter) => [letter.id, letter]))
    const known = asked.filter(({ ids, isLast }) => looked !== undefined || isLast || ids.length === 0)
    return new Map(
      known.map(({ place, ids }) => [
        place,
        new Map(
          ids.flatMap((id) => {
            const letter = found.get(id)
            return letter === undefined ? [] : [[id, letter] as const]
          }),
        ),
      ]),
    )
  }
}
