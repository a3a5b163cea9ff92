/** From what a caller sent to events that can be predicted: each with an id, a unit and the zip its features are of. */
import { type ClickEvent, type EventRules, readEvent, readEventId } from '../core/event/read-event.ts'
import { readZip } from '../core/event/zip-code.ts'
import { Failure } from '../core/failure.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { BodyItem } from '../protocol/body.ts'
import { contentId } from './event-id.ts'

/** An event as it came, with what is known of its arrival. */
export type EventItem = BodyItem & {
  /** Instead of the id that would be made for it. */
  readonly id?: string
  /** Epoch milliseconds, where it is not being received now. */
  readonly receivedAt?: number
}

/** An event that was read. */
export interface Candidate {
  /** Its place in the batch. */
  readonly index: number
  readonly id: string
  readonly event: ClickEvent
  readonly zip: string | null
  readonly zipSource: Prediction['zip_source']
}

/** An event that could not be read. */
export interface Refused {
  readonly index: number
  readonly id: string | null
  readonly failure: Failure
}

/** What sticks to a version: the event's unit, else its id; `null` where sending it again makes another event. */
export const unitOf = ({ event, id }: Candidate): string | null => event.unit ?? (event.hasOwnTime ? id : null)

/** `edgeZip`: the postal code the edge knows of the caller, when it may be used. Throws what is no `Failure`. */
export const readCandidates = (
  items: readonly EventItem[],
  edgeZip: string | null,
  rules: EventRules,
  randomId: () => string,
): { readonly candidates: readonly Candidate[]; readonly refused: readonly Refused[] } => {
  const candidates: Candidate[] = []
  const refused: Refused[] = []
  items.forEach((item, index) => {
    try {
      if ('failure' in item) throw item.failure
      const { receivedAt } = item
      const event = readEvent(item.value, receivedAt === undefined ? rules : { ...rules, now: () => receivedAt })
      const id = item.id ?? event.id ?? (event.hasOwnTime ? contentId(event.record) : randomId())
      // A zip that cannot be read is unknown, not missing: the caller spoke of another place than the edge's.
      const fromEdge = event.zipState === 'missing' && edgeZip !== null ? readZip({ zip: edgeZip }).zip : null
      const zip = event.zip ?? fromEdge
      const zipSource = event.zip !== null ? 'event' : fromEdge !== null ? 'edge' : 'none'
      candidates.push({ index, id, event, zip, zipSource })
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      refused.push({ index, id: 'value' in item ? readEventId(item.value) : null, failure })
    }
  })
  return { candidates, refused }
}
