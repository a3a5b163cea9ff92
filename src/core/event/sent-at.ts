/** The field in which senders say what their clock showed when they sent. */
import type { JsonObject, JsonValue } from '../json.ts'
import { statedValue } from './stated-value.ts'

const FIELD = 'sent_at'

/** Where TIME_PATH points at this field, it is the time of the event and says nothing of the sending. */
const isEventTime = (timePath: string | undefined): boolean =>
  timePath === FIELD || timePath?.startsWith(`${FIELD}.`) === true

/** What `record` says of its sending, unread; `undefined` where that is nothing. */
export const ownSentAt = (record: JsonObject, timePath: string | undefined): JsonValue | undefined => {
  const stated = statedValue(record[FIELD])
  return stated === undefined || isEventTime(timePath) ? undefined : stated
}

/** `record` without what it says of its sending: what is the same in every try to send it. */
export const withoutSentAt = (record: JsonObject, timePath: string | undefined): JsonObject => {
  if (record[FIELD] === undefined || isEventTime(timePath)) return record
  const { [FIELD]: _, ...rest } = record
  return rest
}
