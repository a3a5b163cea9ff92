/** Stage 2: walks the objects on the asked paths, notes the last value of each asked name and goes past all else. */
import { nextQuote } from './bitmaps'
import { ABSENT, ARRAY, FALSE, MAX_DEPTH, NULL, NUMBER, OBJECT, STRING, TOO_DEEP, TRUE, UNEXPECTED_BYTE, UNEXPECTED_END } from './codes'
import { fail } from './fault'
import { findEntry } from './names'
import { SLOT_BYTES, entryChild, entryEndInner, entryFirstInner, entrySlot } from './plan'
import { skipContainer, skipScalar, skipString, skipValue, spaces } from './skip'

/** The kind of value that begins with `byte`; of a word that is none, a number, to be refused if it is asked for. */
export function kindOf(byte: u32): u32 {
  switch (byte) {
    case 0x22:
      return STRING
    case 0x7b:
      return OBJECT
    case 0x5b:
      return ARRAY
    case 0x74:
      return TRUE
    case 0x66:
      return FALSE
    case 0x6e:
      return NULL
    default:
      return NUMBER
  }
}

/** Empties the slots from `slot` up to `end`. */
export function clearSlots(slot: usize, end: usize): void {
  for (; slot < end; slot += SLOT_BYTES) store<u32>(slot, ABSENT)
}

function note(slot: usize, kind: u32, start: usize, end: usize): void {
  store<u32>(slot, kind)
  store<u32>(slot, start, 4)
  store<u32>(slot, end, 8)
}

/** Past the value of an asked name. What an earlier member of that name left is forgotten: the last one wins. */
function readAsked(entry: usize, at: usize, limit: usize, depth: u32): usize {
  const kind = kindOf(load<u8>(at))
  const child = entryChild(entry)
  if (child != 0) clearSlots(entryFirstInner(entry), entryEndInner(entry))
  const end = child != 0 && kind == OBJECT ? walkObject(child, at, limit, depth) : skipValue(at, limit, depth)
  const slot = entrySlot(entry)
  if (end != 0 && slot != 0) note(slot, kind, at, end)
  return end
}

/** Past the object that opens at `open`, inside `depth` others. */
export function walkObject(node: usize, open: usize, limit: usize, depth: u32): usize {
  if (depth >= MAX_DEPTH) return fail(TOO_DEEP, open, limit)
  let at = spaces(open + 1, limit)
  if (load<u8>(at) == 0x7d) return at + 1
  while (true) {
    if (load<u8>(at) != 0x22) return fail(UNEXPECTED_BYTE, at, limit)
    const name = at + 1
    const close = nextQuote(name)
    if (close >= limit) return fail(UNEXPECTED_END, limit, limit)
    at = spaces(close + 1, limit)
    if (load<u8>(at) != 0x3a) return fail(UNEXPECTED_BYTE, at, limit)
    at = spaces(at + 1, limit)
    const entry = findEntry(node, name, close)
    if (entry != 0) {
      at = readAsked(entry, at, limit, depth + 1)
    } else {
      const byte = load<u8>(at)
      if (byte == 0x22) at = skipString(at, limit)
      else at = byte == 0x7b || byte == 0x5b ? skipContainer(at, limit, depth + 1) : skipScalar(at, limit)
    }
    if (at == 0) return 0
    at = spaces(at, limit)
    const byte = load<u8>(at)
    if (byte == 0x7d) return at + 1
    if (byte != 0x2c) return fail(UNEXPECTED_BYTE, at, limit)
    at = spaces(at + 1, limit)
  }
}
