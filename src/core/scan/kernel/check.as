/** Checks a text against RFC 8259, exactly as JSON.parse accepts it; its strings have been found to close and its brackets to match. */
import { nextQuote } from './bitmaps'
import {
  CONTROL_CHARACTER,
  INVALID_ESCAPE,
  INVALID_LITERAL,
  INVALID_NUMBER,
  INVALID_UTF8,
  UNEXPECTED_BYTE,
} from './codes'
import { fail } from './fault'
import { spaces } from './skip'

/** The words in the byte order of memory. */
const WORD_TRUE: u32 = 0x65757274
const WORD_NULL: u32 = 0x6c6c756e
const WORD_ALSE: u32 = 0x65736c61

function isDigit(byte: u32): bool {
  return byte - 0x30 < 10
}

function isHexadecimal(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6
}

/** Past the escape whose backslash is at `at`; `end` is the closing quote. */
function checkEscape(at: usize, end: usize): usize {
  const letter = load<u8>(at + 1)
  if (letter == 0x75) {
    for (let digit = at + 2; digit < at + 6; digit++) {
      if (digit >= end || !isHexadecimal(load<u8>(digit))) return fail(INVALID_ESCAPE, at, end)
    }
    return at + 6
  }
  // " \ / b f n r t
  const known =
    letter == 0x22 || letter == 0x5c || letter == 0x2f || letter == 0x62 || letter == 0x66 || letter == 0x6e || letter == 0x72 || letter == 0x74
  return known ? at + 2 : fail(INVALID_ESCAPE, at, end)
}

/** Past the UTF-8 sequence at `at` (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF. */
function checkSequence(at: usize, end: usize): usize {
  const lead = load<u8>(at) as u32
  const followers: usize = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
  if (lead < 0xc2 || lead > 0xf4 || at + followers >= end) return fail(INVALID_UTF8, at, end)
  const second = load<u8>(at + 1) as u32
  const lowest: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80
  const highest: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return fail(INVALID_UTF8, at, end)
  for (let follower = at + 2; follower <= at + followers; follower++) {
    if ((load<u8>(follower) & 0xc0) != 0x80) return fail(INVALID_UTF8, at, end)
  }
  return at + followers + 1
}

/** Checks what stands between the quotes of a string: `end` is the closing one. */
function checkCharacters(start: usize, end: usize): usize {
  let at = start
  while (at < end) {
    const bytes = v128.load(at)
    // As signed numbers, control characters and all that is not ASCII lie below the space.
    const odd = v128.or(i8x16.lt_s(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x5c)))
    let found = i8x16.bitmask(odd) as u32
    if (end - at < 16) found &= ((1 as u32) << ((end - at) as u32)) - 1
    if (found == 0) {
      at += 16
      continue
    }
    at += ctz(found)
    const byte = load<u8>(at)
    if (byte < 0x20) return fail(CONTROL_CHARACTER, at, end)
    at = byte == 0x5c ? checkEscape(at, end) : checkSequence(at, end)
    if (at == 0) return 0
  }
  return end
}

/** Past the string whose opening quote is at `at`. */
function checkString(at: usize): usize {
  const close = nextQuote(at + 1)
  return checkCharacters(at + 1, close) == 0 ? 0 : close + 1
}

/** Past one digit or more, or 0. */
function digits(at: usize): usize {
  if (!isDigit(load<u8>(at))) return 0
  do at++
  while (isDigit(load<u8>(at)))
  return at
}

/** Past the number at `start`. */
function checkNumber(start: usize, limit: usize): usize {
  let at = load<u8>(start) == 0x2d ? start + 1 : start
  at = load<u8>(at) == 0x30 ? at + 1 : digits(at)
  if (at != 0 && load<u8>(at) == 0x2e) at = digits(at + 1)
  if (at != 0 && (load<u8>(at) | 0x20) == 0x65) {
    at++
    const sign = load<u8>(at)
    at = digits(sign == 0x2b || sign == 0x2d ? at + 1 : at)
  }
  return at == 0 ? fail(INVALID_NUMBER, start, limit) : at
}

function checkWord(at: usize, limit: usize): usize {
  const first = load<u32>(at)
  if (first == WORD_TRUE || first == WORD_NULL) return at + 4
  if (load<u8>(at) == 0x66 && load<u32>(at + 1) == WORD_ALSE) return at + 5
  return fail((first & 0xff) - 0x61 < 26 ? INVALID_LITERAL : UNEXPECTED_BYTE, at, limit)
}

/** Past the string, number or word at `at`. */
function checkScalar(at: usize, limit: usize): usize {
  const byte = load<u8>(at)
  if (byte == 0x22) return checkString(at)
  return byte == 0x2d || isDigit(byte) ? checkNumber(at, limit) : checkWord(at, limit)
}

/** Past a name and its colon. */
function checkName(at: usize, limit: usize): usize {
  if (load<u8>(at) != 0x22) return fail(UNEXPECTED_BYTE, at, limit)
  at = checkString(at)
  if (at == 0) return 0
  at = spaces(at, limit)
  return load<u8>(at) == 0x3a ? spaces(at + 1, limit) : fail(UNEXPECTED_BYTE, at, limit)
}

/** Checks the value that fills the bytes from `start` to `end`, no white space around it. Returns `end`, or 0 after a fault. */
export function checkValue(start: usize, end: usize): usize {
  let at = start
  // One bit for each open array or object, the innermost lowest: 1 for an object. The depth was bounded when the brackets were matched.
  let open: u64 = 0
  let depth = 0
  while (true) {
    const byte = load<u8>(at)
    if (byte == 0x7b || byte == 0x5b) {
      const isObject = byte == 0x7b
      at = spaces(at + 1, end)
      open = (open << 1) | (isObject ? 1 : 0)
      depth++
      if (load<u8>(at) != byte + 2) {
        if (isObject) at = checkName(at, end)
        if (at == 0) return 0
        continue
      }
    } else {
      at = checkScalar(at, end)
      if (at == 0) return 0
      if (depth == 0) return at == end ? end : fail(UNEXPECTED_BYTE, at, end)
      at = spaces(at, end)
    }
    // Here a value has ended, or an empty array or object is about to.
    while (load<u8>(at) == (0x5d | (((open & 1) as u8) << 5))) {
      open >>= 1
      at++
      if (--depth == 0) return at == end ? end : fail(UNEXPECTED_BYTE, at, end)
      at = spaces(at, end)
    }
    if (load<u8>(at) != 0x2c) return fail(UNEXPECTED_BYTE, at, end)
    at = spaces(at + 1, end)
    if ((open & 1) != 0) at = checkName(at, end)
    if (at == 0) return 0
  }
}
