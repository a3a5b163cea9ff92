/** Records of the window to rows: where each lies, what is amiss with it, and the span of each asked value. */
import { nextLineFeed } from './bitmaps'
import { ABSENT, NO_FAULT, OBJECT, UNEXPECTED_BYTE, UNEXPECTED_END } from './codes'
import { checkValue } from './check'
import { clearFault, fail, faultCode, faultPlace, setFault } from './fault'
import { skipValue, spaces } from './skip'
import { clearSlots, kindOf, walkObject } from './walk'

/** Bytes of a row before its values: start, end, fault code, fault place, kind of the record, kind of its `_source`. */
const ROW_HEAD_BYTES: usize = 24
const VALUE_BYTES: usize = 12

/** Why a scan stopped. */
const WANTS_INPUT: u32 = 0
const ROWS_FULL: u32 = 1
const LIST_CLOSED: u32 = 2
const LOST: u32 = 3

let root: usize = 0
let slots: usize = 0
let slotsEnd: usize = 0
let sourceSlot: usize = 0
/** For each value of a row two lists of slots, of which the first that is not empty tells it: in a flat record, in a hit. */
let lists: usize = 0
let values: usize = 0
let strict: bool = false
let rows: usize = 0
let rowsEnd: usize = 0

/** What the last scan left: rows filled, the first byte not consumed, whether an element went before the next one. */
let filled: u32 = 0
let position: usize = 0
let commaNext: bool = false

export function placePlan(node: usize, slotStart: usize, slotEnd: usize, source: usize, listStart: usize, count: u32): void {
  root = node
  slots = slotStart
  slotsEnd = slotEnd
  sourceSlot = source
  lists = listStart
  values = count
}

export function placeRows(start: usize, end: usize): void {
  rows = start
  rowsEnd = end
}

export function setStrict(on: bool): void {
  strict = on
}

export function rowCount(): u32 {
  return filled
}

export function consumed(): usize {
  return position
}

/** Writes to `out` what the first slot of `list` that is not empty holds. Returns false where that is no JSON. */
function tell(list: usize, out: usize): bool {
  for (let slot = load<u32>(list); slot != 0; list += 4, slot = load<u32>(list)) {
    const kind = load<u32>(slot)
    if (kind == ABSENT) continue
    const start = load<u32>(slot, 4)
    const end = load<u32>(slot, 8)
    store<u32>(out, kind)
    store<u32>(out, start, 4)
    store<u32>(out, end, 8)
    return strict || checkValue(start, end) != 0
  }
  store<u32>(out, ABSENT)
  return true
}

/** Writes the row of the record at `start`. Returns where the record ends, or 0 where that was not found. */
function readRecord(row: usize, start: usize, limit: usize): usize {
  clearFault()
  clearSlots(slots, slotsEnd)
  const kind = kindOf(load<u8>(start))
  let end = kind == OBJECT ? walkObject(root, start, limit, 0) : skipValue(start, limit, 0)
  store<u32>(row, start)
  store<u32>(row, kind, 16)
  store<u32>(row, load<u32>(sourceSlot), 20)
  let sound = end != 0
  if (!sound) {
    const code = faultCode()
    const place = faultPlace()
    end = skipValue(start, limit, 0)
    if (end != 0) setFault(code, place)
  } else if (strict || kind < OBJECT) {
    sound = checkValue(start, end) != 0
  }
  const which: usize = load<u32>(sourceSlot) == OBJECT ? 4 : 0
  let out = row + ROW_HEAD_BYTES
  for (let value: usize = 0; value < values && sound; value++, out += VALUE_BYTES) {
    sound = tell(load<u32>(lists + value * 8 + which), out)
  }
  return end
}

function closeRow(row: usize, end: usize): void {
  store<u32>(row, end, 4)
  const code = faultCode()
  store<u32>(row, code, 8)
  store<u32>(row, faultPlace(), 12)
}

/** The row of an element that no comma parts from the one before. */
function missingComma(row: usize, start: usize, end: usize): usize {
  clearFault()
  store<u32>(row, start)
  store<u32>(row, kindOf(load<u8>(start)), 16)
  store<u32>(row, ABSENT, 20)
  return fail(UNEXPECTED_BYTE, start, end)
}

function rowBytes(): usize {
  return ROW_HEAD_BYTES + values * VALUE_BYTES
}

/** One row for each line from `at` on that is not blank; the last one, without a line feed, only if the input is `final`. */
export function scanLines(at: usize, end: usize, final: bool): u32 {
  filled = 0
  const bytes = rowBytes()
  let row = rows
  let stopped = WANTS_INPUT
  while (at < end) {
    const lineFeed = nextLineFeed(at)
    const limit = lineFeed < end ? lineFeed : end
    if (limit == end && !final) break
    const start = spaces(at, limit)
    if (start < limit) {
      if (row + bytes > rowsEnd) {
        stopped = ROWS_FULL
        break
      }
      const stop = readRecord(row, start, limit)
      if (stop != 0 && faultCode() == NO_FAULT) {
        const rest = spaces(stop, limit)
        if (rest < limit) fail(UNEXPECTED_BYTE, rest, limit)
      }
      closeRow(row, stop != 0 && faultCode() == NO_FAULT ? stop : limit)
      filled++
      row += bytes
    }
    at = limit + 1
  }
  position = at < end ? at : end
  return stopped
}

/** The next element that `scanElements` meets is the first of its list. */
export function beginList(): void {
  commaNext = false
}

/**
 * One row for each element from `at` on: of a list, which needs its commas and ends at its bracket, or of a bare sequence, with or without
 * commas. The last one only if something follows it, or the input is `final`. An element whose end is not found is the last row: what lies
 * behind it is lost.
 */
export function scanElements(at: usize, end: usize, list: bool, final: bool): u32 {
  filled = 0
  const bytes = rowBytes()
  let row = rows
  while (true) {
    position = spaces(at, end)
    if (position == end) return WANTS_INPUT
    const byte = load<u8>(position)
    if (list && byte == 0x5d) {
      position++
      return LIST_CLOSED
    }
    const hasComma = commaNext && byte == 0x2c
    const start = hasComma ? spaces(position + 1, end) : position
    if (start == end) return WANTS_INPUT
    if (row + bytes > rowsEnd) return ROWS_FULL
    const stop = list && commaNext && !hasComma ? missingComma(row, start, end) : readRecord(row, start, end)
    if ((stop == 0 ? faultCode() == UNEXPECTED_END : stop == end) && !final) return WANTS_INPUT
    closeRow(row, stop == 0 ? end : stop)
    filled++
    if (stop == 0) {
      position = end
      return LOST
    }
    commaNext = true
    row += bytes
    at = stop
  }
}
