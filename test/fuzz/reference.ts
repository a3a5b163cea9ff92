/** What JSON.parse says of a document, and what its structure alone says: the two judges of the scanner. */
import { isJsonObject, type JsonValue, readPath } from '../../src/core/json.ts'

export const MAX_DEPTH = 64

/** The third argument: "JSON.parse source text access" (TC39 stage 4), which TypeScript's library does not know yet. */
type SourceReviver = (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => JsonValue

const exactInteger: SourceReviver = (_key, value, { source }) => {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value)
  return isRounded && source !== undefined && source.length <= 128 && /^-?\d+$/.test(source) ? BigInt(source) : value
}

/** JSON.parse, except that integers beyond ±(2^53 - 1), of 128 characters at most, are not rounded. */
export const parseExact = (text: string): JsonValue =>
  /\d{16}/.test(text) ? parseWithSource(text, exactInteger) : JSON.parse(text)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The value of `bytes`, or `undefined` where they are no UTF-8 or no JSON. */
export const parseBytes = (bytes: Uint8Array): JsonValue | undefined => {
  try {
    return parseExact(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

/** The value at `path` of a record that is flat or a hit, as the event reader finds it. */
export const expectedValue = (value: JsonValue, path: string, isOuter: boolean): JsonValue | undefined => {
  if (!isJsonObject(value)) return undefined
  const record = !isOuter && isJsonObject(value._source) ? value._source : value
  return readPath(record, path)
}

/** Whether strings close and brackets match, by the plainest possible loop, and how deep they nest. */
export const structureOf = (bytes: Uint8Array): { readonly isSound: boolean; readonly depth: number } => {
  const open: number[] = []
  let depth = 0
  let isSound = true
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === 0x22) {
      for (at++; at < bytes.length && bytes[at] !== 0x22; at++) if (bytes[at] === 0x5c) at++
      if (at >= bytes.length) isSound = false
    } else if (byte === 0x7b || byte === 0x5b) {
      open.push(byte)
      depth = Math.max(depth, open.length)
    } else if (byte === 0x7d || byte === 0x5d) {
      if (open.pop() !== byte - 2) isSound = false
    }
  }
  return { isSound: isSound && open.length === 0, depth }
}
