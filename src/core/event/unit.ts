/** The unit of an event: what sticks to one model version. */
import { type JsonObject, readPath } from '../json.ts'
import { identifierOf } from './identifier.ts'

const UNIT_FIELDS = ['session_id', 'sessionId', 'visitor_id'] as const

/**
 * The first of `session_id`, `sessionId` and `visitor_id` that identifies something, or what stands at `unitPath` when one is configured;
 * else the event's own `id`.
 */
export const readUnit = (record: JsonObject, id: string | null, unitPath?: string): string | null => {
  if (unitPath !== undefined) return identifierOf(readPath(record, unitPath)) ?? id
  for (const field of UNIT_FIELDS) {
    const unit = identifierOf(record[field])
    if (unit !== null) return unit
  }
  return id
}
