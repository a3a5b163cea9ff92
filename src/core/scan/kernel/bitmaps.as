/**
 * Stage 1: three bits for each byte of the window, 64 bytes at a time: is it a quote that opens or closes a string, a bracket outside
 * strings, a line feed. After Langdale and Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 28 (2019), sections 3.1.1 and 3.1.2;
 * WebAssembly has no carry-less multiplication, so the quotes' prefix sum takes six shifts.
 */

const QUOTE: i8 = 0x22
const BACKSLASH: i8 = 0x5c
const LINE_FEED: i8 = 0x0a
const ODD_BITS: u64 = 0xaaaaaaaaaaaaaaaa

/** Bytes of bitmap for each 64 of input: quotes, brackets, line feeds. */
const BLOCK_BYTES: usize = 24
const BRACKETS: usize = 8
const LINE_FEEDS: usize = 16

/** Zeros behind the input: a block may begin at its last byte, and a string is read 16 bytes at a time. */
const PADDING_BYTES: usize = 80

let bits: usize = 0
let input: usize = 0

/** Where the bitmaps lie and where the input begins; the latter is a multiple of 64. */
export function placeBitmaps(bitmapStart: usize, inputStart: usize): void {
  bits = bitmapStart
  input = inputStart
}

function mask(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    (i8x16.bitmask(a) as u64) |
    ((i8x16.bitmask(b) as u64) << 16) |
    ((i8x16.bitmask(c) as u64) << 32) |
    ((i8x16.bitmask(d) as u64) << 48)
  )
}

/** Each bit becomes the exclusive or of itself and all below it: from quotes to what lies between them. */
function prefixXor(word: u64): u64 {
  word ^= word << 1
  word ^= word << 2
  word ^= word << 4
  word ^= word << 8
  word ^= word << 16
  return word ^ (word << 32)
}

/**
 * `[`, `]`, `{` and `}` differ in three bits only. `Y`, `_`, `y` and the byte 0x7f pass too: they are rare outside strings, and whoever comes to
 * one goes on.
 */
function isBracket(bytes: v128): v128 {
  return i8x16.eq(v128.or(bytes, i8x16.splat(0x26)), i8x16.splat(0x7f))
}

/** No string goes past its line: what lies inside strings by `inside`, begun anew after each line feed that would be in one. */
function endStringsAtLines(inside: u64, lineFeeds: u64): u64 {
  let unread = ~(0 as u64)
  for (let broken = lineFeeds & inside; broken != 0; broken = lineFeeds & inside & unread) {
    unread = (~(0 as u64) << ctz(broken)) << 1
    inside ^= unread
  }
  return inside
}

/**
 * Fills the bitmaps for the input up to `end`. With `lines` each line is a text of its own. A backslash outside strings, which no valid
 * text has, counts as a bracket that matches nothing.
 */
export function fillBitmaps(end: usize, lines: bool): void {
  memory.fill(end, 0, PADDING_BYTES)
  let escapedNext: u64 = 0
  let insideNext: u64 = 0
  let word = bits
  for (let at = input; at < end; at += 64, word += BLOCK_BYTES) {
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    const quote = i8x16.splat(QUOTE)
    let quotes = mask(i8x16.eq(a, quote), i8x16.eq(b, quote), i8x16.eq(c, quote), i8x16.eq(d, quote))

    const backslash = i8x16.splat(BACKSLASH)
    const slashA = i8x16.eq(a, backslash)
    const slashB = i8x16.eq(b, backslash)
    const slashC = i8x16.eq(c, backslash)
    const slashD = i8x16.eq(d, backslash)
    let slashes: u64 = 0
    if (escapedNext != 0 || v128.any_true(v128.or(v128.or(slashA, slashB), v128.or(slashC, slashD)))) {
      slashes = mask(slashA, slashB, slashC, slashD)
      // Subtraction carries through each run of backslashes, so that every second one of it is found to be escaped.
      const leads = slashes & ~escapedNext
      const codes = (((leads << 1) | ODD_BITS) - leads) ^ ODD_BITS
      quotes &= ~(codes ^ (slashes | escapedNext))
      escapedNext = (codes & slashes) >> 63
    }

    const lineFeed = i8x16.splat(LINE_FEED)
    const feedA = i8x16.eq(a, lineFeed)
    const feedB = i8x16.eq(b, lineFeed)
    const feedC = i8x16.eq(c, lineFeed)
    const feedD = i8x16.eq(d, lineFeed)
    let lineFeeds: u64 = 0
    if (v128.any_true(v128.or(v128.or(feedA, feedB), v128.or(feedC, feedD)))) lineFeeds = mask(feedA, feedB, feedC, feedD)
    let inside = prefixXor(quotes) ^ insideNext
    let last = inside
    if (lines && (inside & lineFeeds) != 0) {
      inside = endStringsAtLines(inside, lineFeeds)
      last = inside & ~lineFeeds
    }
    insideNext = ((last as i64) >> 63) as u64

    store<u64>(word, quotes)
    store<u64>(word, (mask(isBracket(a), isBracket(b), isBracket(c), isBracket(d)) | slashes) & ~inside, BRACKETS)
    store<u64>(word, lineFeeds, LINE_FEEDS)
  }
  // One block of ones ends every search behind the input.
  memory.fill(word, 0xff, BLOCK_BYTES)
}

function next(from: usize, bitmap: usize): usize {
  let block = (from - input) >> 6
  let word = bits + block * BLOCK_BYTES + bitmap
  let found = load<u64>(word) & (~(0 as u64) << (from as u64))
  while (found == 0) {
    word += BLOCK_BYTES
    block++
    found = load<u64>(word)
  }
  return input + (block << 6) + (ctz(found) as usize)
}

/** The first quote at or after `from` that opens or closes a string; behind the input where there is none. */
export function nextQuote(from: usize): usize {
  return next(from, 0)
}

export function nextLineFeed(from: usize): usize {
  return next(from, LINE_FEEDS)
}

/** Where the bracket bits of the block of `at` lie; those of the following blocks `BRACKET_STEP` further each. */
export function bracketWord(at: usize): usize {
  return bits + ((at - input) >> 6) * BLOCK_BYTES + BRACKETS
}
export const BRACKET_STEP: usize = BLOCK_BYTES

/** Line feeds from the beginning of the input up to `end`. */
export function countLineFeeds(end: usize): u32 {
  const whole = (end - input) >> 6
  let word = bits + LINE_FEEDS
  let count: u64 = 0
  for (let block: usize = 0; block < whole; block++, word += BLOCK_BYTES) count += popcnt(load<u64>(word))
  const rest = (end - input) & 63
  if (rest != 0) count += popcnt(load<u64>(word) & (((1 as u64) << (rest as u64)) - 1))
  return count as u32
}
