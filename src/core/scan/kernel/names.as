/** Finds the entry of a plan that the name of a member asks for, escapes in the name read as what they stand for. */
import { ENTRY_BYTES, NODE_BYTES, entryHead, entryLength, entryName } from './plan'

/** Room for one name without its escapes. */
let scratch: usize = 0
/** A name with escapes that is longer is nobody's: each byte asked for may be written with six. */
let longest: usize = 0

export function placeNames(scratchStart: usize, longestEscaped: usize): void {
  scratch = scratchStart
  longest = longestEscaped
}

function hasBackslash(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x5c))) as u32
    if (end - at < 16) found &= ((1 as u32) << ((end - at) as u32)) - 1
    if (found != 0) return true
  }
  return false
}

/** The value of four hexadecimal digits, or -1. */
function hexadecimal(at: usize, end: usize): i32 {
  if (at + 4 > end) return -1
  let value = 0
  for (let digit = at; digit < at + 4; digit++) {
    const byte = load<u8>(digit) as i32
    const letter = byte | 0x20
    if (byte >= 0x30 && byte <= 0x39) value = (value << 4) | (byte - 0x30)
    else if (letter >= 0x61 && letter <= 0x66) value = (value << 4) | (letter - 0x57)
    else return -1
  }
  return value
}

/** Writes a code point as UTF-8, a lone surrogate by the same rule (WTF-8). Returns what follows. */
function writeCodePoint(out: usize, point: u32): usize {
  if (point < 0x80) {
    store<u8>(out, point)
    return out + 1
  }
  if (point < 0x800) {
    store<u8>(out, 0xc0 | (point >> 6))
    store<u8>(out + 1, 0x80 | (point & 0x3f))
    return out + 2
  }
  let lead = out
  if (point < 0x10000) {
    store<u8>(lead, 0xe0 | (point >> 12))
  } else {
    store<u8>(lead, 0xf0 | (point >> 18))
    store<u8>(++lead, 0x80 | ((point >> 12) & 0x3f))
  }
  store<u8>(lead + 1, 0x80 | ((point >> 6) & 0x3f))
  store<u8>(lead + 2, 0x80 | (point & 0x3f))
  return lead + 3
}

/** What a one-letter escape stands for, or 0. */
function escaped(letter: u32): u32 {
  switch (letter) {
    case 0x22:
    case 0x5c:
    case 0x2f:
      return letter
    case 0x62:
      return 8
    case 0x66:
      return 12
    case 0x6e:
      return 10
    case 0x72:
      return 13
    case 0x74:
      return 9
    default:
      return 0
  }
}

/** Writes the name without its escapes to the scratch room. Returns where it ends there, or 0 for an escape that is none. */
function unescape(start: usize, end: usize): usize {
  let at = start
  let out = scratch
  while (at < end) {
    const byte = load<u8>(at++)
    if (byte != 0x5c) {
      store<u8>(out++, byte)
      continue
    }
    const letter = load<u8>(at++)
    if (letter != 0x75) {
      const meant = escaped(letter)
      if (meant == 0) return 0
      store<u8>(out++, meant)
      continue
    }
    let point = hexadecimal(at, end)
    if (point < 0) return 0
    at += 4
    // A high surrogate with a low one behind it is one character.
    if ((point & 0xfc00) == 0xd800 && load<u16>(at) == 0x755c) {
      const low = hexadecimal(at + 2, end)
      if (low >= 0 && (low & 0xfc00) == 0xdc00) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
        at += 6
      }
    }
    out = writeCodePoint(out, point)
  }
  return out
}

function firstEight(start: usize, length: usize): u64 {
  const word = load<u64>(start)
  return length < 8 ? word & (((1 as u64) << ((length as u64) * 8)) - 1) : word
}

/** The entry of `node` for the name between `start` and `end`, or 0. */
export function findEntry(node: usize, start: usize, end: usize): usize {
  if (hasBackslash(start, end)) {
    if (end - start > longest) return 0
    end = unescape(start, end)
    start = scratch
    if (end == 0) return 0
  }
  const length = end - start
  const bucket = node + (length & 63) * 4
  let entry = node + NODE_BYTES + (load<u32>(bucket) as usize) * ENTRY_BYTES
  const last = node + NODE_BYTES + (load<u32>(bucket, 4) as usize) * ENTRY_BYTES
  for (; entry < last; entry += ENTRY_BYTES) {
    if (entryHead(entry) != firstEight(start, length) || entryLength(entry) != length) continue
    if (length <= 8 || memory.compare(start + 8, entryName(entry) + 8, length - 8) == 0) return entry
  }
  return 0
}
