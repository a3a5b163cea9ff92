/** The identity of an event that came without an id. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { JsonObject } from '../core/json.ts'
import { jsonText } from '../protocol/json-text.ts'

/** The first 128 bits of the SHA-256 of the record's JSON, in hexadecimal: the same content has the same identity. */
export const contentId = (record: JsonObject): string =>
  bytesToHex(sha256(utf8ToBytes(jsonText(record))).subarray(0, 16))
