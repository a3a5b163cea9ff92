/** Goes past values that nobody asked for. Their brackets must match and their strings must close; nothing else is looked at. */
import { BRACKET_STEP, bracketWord, nextQuote } from './bitmaps'
import { MAX_DEPTH, MISMATCHED_BRACKET, TOO_DEEP, UNEXPECTED_BYTE, UNEXPECTED_END } from './codes'
import { fail } from './fault'

/** The first byte at or after `at` that is not white space, or `limit`. */
export function spaces(at: usize, limit: usize): usize {
  while (at < limit) {
    const byte = load<u8>(at)
    if (byte > 0x20) return at
    if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return at
    at++
  }
  return at
}

/** Past the string whose opening quote is at `at`. */
export function skipString(at: usize, limit: usize): usize {
  const close = nextQuote(at + 1)
  return close < limit ? close + 1 : fail(UNEXPECTED_END, limit, limit)
}

/** Past the array or object that opens at `at`, inside `depth` others. */
export function skipContainer(at: usize, limit: usize, depth: u32): usize {
  let word = bracketWord(at)
  let block = at & ~63
  let found = load<u64>(word) & (~(0 as u64) << (at as u64))
  let open: u64 = 0
  let level = depth
  while (true) {
    while (found == 0) {
      word += BRACKET_STEP
      block += 64
      found = load<u64>(word)
    }
    const bracket = block + (ctz(found) as usize)
    if (bracket >= limit) return fail(UNEXPECTED_END, limit, limit)
    found &= found - 1
    const byte = load<u8>(bracket) as u64
    const kind = byte & 6
    if (kind == 2) {
      if (++level > MAX_DEPTH) return fail(TOO_DEEP, bracket, limit)
      open = (open << 1) | ((byte >> 5) & 1)
    } else if (kind == 4) {
      if (byte != (0x5d | ((open & 1) << 5))) return fail(MISMATCHED_BRACKET, bracket, limit)
      open >>= 1
      if (--level == depth) return bracket + 1
    }
  }
}

/** Letters, digits, `+`, `-` and `.`: what numbers, true, false and null are made of. */
function isScalarByte(byte: u32): bool {
  return ((byte | 0x20) - 0x61 < 26) || byte - 0x30 < 10 || byte == 0x2b || byte == 0x2d || byte == 0x2e
}

/** Past the number or word at `at`. */
export function skipScalar(at: usize, limit: usize): usize {
  let end = at
  while (isScalarByte(load<u8>(end))) end++
  return end > at ? end : fail(UNEXPECTED_BYTE, at, limit)
}

/** Past the value at `at`, inside `depth` arrays and objects. */
export function skipValue(at: usize, limit: usize, depth: u32): usize {
  const byte = load<u8>(at)
  if (byte == 0x22) return skipString(at, limit)
  return byte == 0x7b || byte == 0x5b ? skipContainer(at, limit, depth) : skipScalar(at, limit)
}
