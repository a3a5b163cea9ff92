/** One delivered message while it is worked on: its events, and who they belong to. */
import type { EventMessage, QueuedEvent } from '../../protocol/event-message.ts'
import { letterId } from '../letters/letter-id.ts'
import type { ListedLetter } from '../ports/dead-letters.ts'
import type { Claim } from '../ports/event-owners.ts'

export interface WorkEvent {
  readonly event: QueuedEvent
  /** The dead letter it becomes when it is given up: the one it was replayed from, or one of its own. */
  readonly letter: string
}

export interface Work {
  readonly message: EventMessage
  /** Deliveries so far, this one too, in both queues. */
  readonly attempts: number
  /** What still fails now is given up. */
  readonly isLast: boolean
  /** From the queue of what was never worked off. */
  readonly isGivenUp: boolean
  /** Each id once: its first copy in the message. */
  readonly events: readonly WorkEvent[]
  /** The letters, not replayed yet, of later copies: they have their effect with the first. */
  readonly copies: readonly string[]
}

/** With its place in the batch. */
export interface Placed {
  readonly place: number
  readonly work: Work
}

/** What earlier deliveries and other messages have decided. */
export interface Standing {
  /** The archive object is joined with others, or is being joined: the message was worked off. */
  readonly isSealed: boolean
  /** Events that an earlier delivery has given up, by their letters. */
  readonly givenUp: ReadonlyMap<string, ListedLetter>
  /** Events that are this message's, by their ids. */
  readonly owned: ReadonlySet<string>
}

export const workOf = (message: EventMessage, attempts: number, isLast: boolean, isGivenUp: boolean): Work => {
  const events = new Map<string, WorkEvent>()
  const copies: string[] = []
  for (const event of message.events) {
    if (!events.has(event.id)) events.set(event.id, { event, letter: event.letter ?? letterId(message.id, event.id) })
    else if (event.letter !== null) copies.push(event.letter)
  }
  return { message, attempts, isLast, isGivenUp, events: [...events.values()], copies }
}

/** Some of its payloads lie in the bucket. */
export const isHeavy = ({ events }: Work): boolean => events.some(({ event }) => 'reference' in event.payload)

/**
 * What is to be claimed: all but the events without identity, which are nobody else's, and those given up. A redelivery claims through the
 * letter as well: an earlier one may have handed an event to a letter that it did not come to write.
 */
export const claimsOf = (work: Work, givenUp: Standing['givenUp']): readonly Claim[] =>
  work.events.flatMap(({ event, letter }) => {
    if (!event.hasIdentity || givenUp.has(letter)) return []
    const through = event.letter ?? (work.attempts > 1 ? letter : null)
    return [{ event: event.id, message: work.message.id, letter: through }]
  })

/** The letters by which it is asked what an earlier delivery has given up. A replayed event's own letter says nothing of that. */
export const lettersOf = (work: Work): readonly string[] =>
  work.attempts === 1 ? [] : work.events.flatMap(({ event, letter }) => (event.letter === null ? [letter] : []))
