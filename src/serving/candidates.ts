/** From what a caller sent to events that can be predicted: each with an id, a unit and the zip its features are of. */
import { type ClickEvent, readEvent, readEventId } from '../core/event/read-event.ts'
import { type ReceiptRules, type SettledTime, settleTime } from '../core/event/settle-time.ts'
import { statedValue } from '../core/event/stated-value.ts'
import { readZip } from '../core/event/zip-code.ts'
import { Failure } from '../core/failure.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { BodyItem } from '../protocol/body.ts'
import { contentId } from './event-id.ts'

/** An event as it came, with what is known of its arrival. */
export type EventItem = BodyItem & {
  /** Instead of the id that would be made for it. */
  readonly id?: string
  /** Whole epoch milliseconds, where it is not being received now. What the event says is judged as of then. */
  readonly receivedAt?: number
}

/** An event that was read. */
export interface Candidate {
  /** Its place in the batch. */
  readonly index: number
  readonly id: string
  readonly event: ClickEvent
  /** What its features are made of. */
  readonly time: SettledTime
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
  rules: ReceiptRules,
  randomId: () => string,
): { readonly candidates: readonly Candidate[]; readonly refused: readonly Refused[] } => {
  const candidates: Candidate[] = []
  const refused: Refused[] = []
  const now = Math.floor(rules.now())
  items.forEach((item, index) => {
    try {
      if ('failure' in item) throw item.failure
      // `now` in the event itself is settled as the receipt too, so that reading it needs no clock of its own.
      const event = readEvent(item.value, rules)
      const time = settleTime(event, statedValue(item.sentAt), item.receivedAt ?? now, rules)
      const id = item.id ?? event.id ?? (event.hasOwnTime ? contentId(event.record, rules.timePath) : randomId())
      // A zip that cannot be read is unknown, not missing: the caller spoke of another place than the edge's.
      const fromEdge = event.zipState === 'missing' && edgeZip !== null ? readZip({ zip: edgeZip }).zip : null
      const zip = event.zip ?? fromEdge
      const zipSource = event.zip !== null ? 'event' : fromEdge !== null ? 'edge' : 'none'
      candidates.push({ index, id, event, time, zip, zipSource })
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      refused.push({ index, id: 'value' in item ? readEventId(item.value) : null, failure })
    }
  })
  return { candidates, refused }
}
