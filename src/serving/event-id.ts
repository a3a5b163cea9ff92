/** The identity of an event that came without an id. */
import { withoutSentAt } from '../core/event/sent-at.ts'
import { murmur3 } from '../core/hash/murmur3.ts'
import type { JsonObject } from '../core/json.ts'
import { jsonText } from '../protocol/json-text.ts'

const encoder = new TextEncoder()

/**
 * 32 hexadecimal digits made of the record's JSON without its `sent_at`, which is another with every try: the same content has the same
 * identity. `timePath` is the configured one. The hash resists accident, not malice; who makes two events of one id has harmed only those two.
 */
export const contentId = (record: JsonObject, timePath?: string): string =>
  murmur3(encoder.encode(jsonText(withoutSentAt(record, timePath))))
