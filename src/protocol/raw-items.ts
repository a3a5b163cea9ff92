/** The items of a body as the bytes they came as: for what keeps the ones that were rejected. */
import type { BatchLayout, ParsedBody } from './body.ts'

const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** From `start` to before `end`, bytes. */
interface Span {
  readonly start: number
  readonly end: number
}

const decoder = new TextDecoder()

const isSpace = (code: number | undefined): boolean =>
  code === 32 || code === 9 || code === LINE_FEED || code === CARRIAGE_RETURN

const skipSpace = (bytes: Uint8Array, start: number): number => {
  let at = start
  while (isSpace(bytes[at])) at++
  return at
}

/** What lies behind the string that opens at `open`. */
const behindString = (bytes: Uint8Array, open: number): number => {
  let at = open + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at + 1
}

/** What lies behind the value that begins at `start`. The bytes are known to be JSON: only strings and brackets have to be told apart. */
const behindValue = (bytes: Uint8Array, start: number): number => {
  let depth = 0
  let at = start
  while (at < bytes.length) {
    const code = bytes[at]
    if (code === QUOTE) {
      at = behindString(bytes, at)
      if (depth === 0) return at
      continue
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (depth === 0 && (code === COMMA || isSpace(code))) return at
    at++
  }
  return at
}

/** The elements of the array that opens at `open`. */
const elements = (bytes: Uint8Array, open: number): readonly Span[] => {
  const spans: Span[] = []
  let at = skipSpace(bytes, open + 1)
  while (at < bytes.length && bytes[at] !== CLOSE_BRACKET) {
    const end = behindValue(bytes, at)
    spans.push({ start: at, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  return spans
}

/** Where the value of the member `name` begins, in the object that opens at `open`: of equal names the last one counts, as everywhere. */
const memberOf = (bytes: Uint8Array, open: number, name: string): number | undefined => {
  let found: number | undefined
  let at = skipSpace(bytes, open + 1)
  while (bytes[at] === QUOTE) {
    const end = behindString(bytes, at)
    const key: unknown = JSON.parse(decoder.decode(bytes.subarray(at, end)))
    at = skipSpace(bytes, end)
    if (bytes[at] === COLON) at = skipSpace(bytes, at + 1)
    if (key === name) found = at
    at = skipSpace(bytes, behindValue(bytes, at))
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  return found
}

/** The lines that are not blank, without what ends them. */
const lines = (bytes: Uint8Array, from: number): readonly Span[] => {
  const spans: Span[] = []
  for (let start = from; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const next = feed < 0 ? bytes.length : feed
    const end = next > start && bytes[next - 1] === CARRIAGE_RETURN ? next - 1 : next
    if (skipSpace(bytes, start) < next) spans.push({ start, end })
    start = next + 1
  }
  return spans
}

/** Behind the byte order mark, if there is one. */
const opening = (bytes: Uint8Array): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)

const listOf = (bytes: Uint8Array, layout: BatchLayout): readonly Span[] => {
  const from = opening(bytes)
  if (layout === 'whole') return [{ start: 0, end: bytes.length }]
  if (layout === 'lines') return lines(bytes, from)
  const root = skipSpace(bytes, from)
  if (layout === 'array') return elements(bytes, root)
  const list = memberOf(bytes, root, layout)
  const inner = layout === 'hits' && list !== undefined ? memberOf(bytes, list, 'hits') : list
  return inner === undefined ? [] : elements(bytes, inner)
}

/**
 * Gives the bytes of an item by its index in `body`, which `readBody` made of `bytes`: a line without its end, an element, or all there is
 * where the body is the only item. The first call costs a pass over the body, so that one of which nothing is rejected pays nothing.
 */
export const rawItemsOf = (bytes: Uint8Array, body: ParsedBody): ((index: number) => Uint8Array) => {
  if (body.kind === 'single') return () => bytes
  let spans: readonly Span[] | undefined
  return (index) => {
    spans ??= listOf(bytes, body.layout)
    const { start, end } = spans[index] ?? { start: 0, end: bytes.length }
    // A copy: a view would take the whole body along to wherever it is sent.
    return bytes.slice(start, end)
  }
}
