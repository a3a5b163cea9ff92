/** Asked values from their bytes. The scan has found these to be valid JSON, so nothing here fails. */
import type { JsonValue } from '../json.ts'
import { Kind } from './codes.ts'

/** In every runtime; the pure core has no platform types. */
declare const TextDecoder: new (
  label: string,
  options: { readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

/** JSON.parse drops no byte order mark from a string, so neither may the decoder. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Digits, with or without a sign, that a double holds exactly. */
const EXACT_DIGITS = 15
/** As in src/protocol/parse-json.ts: longer integers become the nearest double. */
const MAX_INTEGER_DIGITS = 128
/** Longer strings are read faster by the decoder than letter by letter (V8 13.6). */
const SHORT_STRING_BYTES = 24

const MINUS = 45
const ZERO = 48
const BACKSLASH = 92

/** The bytes from `start` to `end` as text. */
export const readText = (bytes: Uint8Array, start: number, end: number): string =>
  decoder.decode(bytes.subarray(start, end))

const readLongNumber = (text: string): number | bigint => {
  const value = Number(text)
  const isWhole = !Number.isSafeInteger(value) && text.length <= MAX_INTEGER_DIGITS && /^-?\d+$/.test(text)
  return isWhole ? BigInt(text) : value
}

/** A number; an integer beyond ±(2^53 - 1) as a bigint. */
export const readNumber = (bytes: Uint8Array, start: number, end: number): number | bigint => {
  const isNegative = bytes[start] === MINUS
  let at = isNegative ? start + 1 : start
  if (end - at > EXACT_DIGITS) return readLongNumber(readText(bytes, start, end))
  let value = 0
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return Number(readText(bytes, start, end))
    value = value * 10 + digit
  }
  return isNegative ? -value : value
}

/** A string, its quotes at `start` and before `end`; escapes are read as JSON.parse reads them, lone surrogates included. */
export const readString = (bytes: Uint8Array, start: number, end: number): string => {
  const last = end - 1
  let text = ''
  if (last - start <= SHORT_STRING_BYTES) {
    let at = start + 1
    for (; at < last; at++) {
      const byte = bytes[at] as number
      if (byte === BACKSLASH || byte > 127) break
      text += String.fromCharCode(byte)
    }
    if (at === last) return text
  }
  const quoted = readText(bytes, start, end)
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
}

/** Any value; `undefined` for one that is absent. Arrays and objects are parsed by `parse`, which decides what becomes of long integers. */
export const readValue = (
  bytes: Uint8Array,
  kind: Kind,
  start: number,
  end: number,
  parse: (text: string) => JsonValue,
): JsonValue | undefined => {
  switch (kind) {
    case Kind.absent:
      return undefined
    case Kind.null:
      return null
    case Kind.false:
      return false
    case Kind.true:
      return true
    case Kind.number:
      return readNumber(bytes, start, end)
    case Kind.string:
      return readString(bytes, start, end)
    default:
      return parse(readText(bytes, start, end))
  }
}
