/** The identity of an event that came without an id. */
import { murmur3 } from '../core/hash/murmur3.ts'
import type { JsonObject } from '../core/json.ts'
import { jsonText } from '../protocol/json-text.ts'

const encoder = new TextEncoder()

/**
 * 32 hexadecimal digits made of the record's JSON: the same content has the same identity. The hash resists accident, not malice; who makes two
 * events of one id has harmed only those two.
 */
export const contentId = (record: JsonObject): string => murmur3(encoder.encode(jsonText(record)))
