/** What must be known of a JSON text before it is parsed: how deep it nests, how much it holds, and whether integers would be rounded. */

/** Deepest nesting that is accepted; real events stay below ten. */
export const MAX_DEPTH = 64

/** Integers of fewer digits are exact as a double. */
const LONG_INTEGER_DIGITS = 16

const QUOTE = 34
const COMMA = 44
const POINT = 46
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

const isDigit = (code: number): boolean => code >= 48 && code <= 57

export interface JsonScan {
  /** Nested deeper than `maxDepth`; the scan ended there. */
  readonly tooDeep: boolean
  /** Every string and bracket that opens closes. */
  readonly balanced: boolean
  /** An integer of 16 digits or more stands outside strings. */
  readonly longInteger: boolean
  /** Commas outside strings and exactly one bracket deep: in an array, one less than it has elements. */
  readonly commas: number
}

/** The index of the quote that closes the string opened at `open`, or -1 where none before `end` does. */
const closingQuote = (text: string, open: number, end: number): number => {
  let close = open
  for (;;) {
    close = text.indexOf('"', close + 1)
    if (close < 0 || close >= end) return -1
    let firstBackslash = close
    while (text.charCodeAt(firstBackslash - 1) === BACKSLASH) firstBackslash--
    // An even run of backslashes escapes itself.
    if (((close - firstBackslash) & 1) === 0) return close
  }
}

/** Scans `text` from `start` to `end`, which need not be valid JSON. One pass, no allocation but the answer. */
export const scanJson = (text: string, start: number, end: number, maxDepth = MAX_DEPTH): JsonScan => {
  let depth = 0
  let commas = 0
  let longInteger = false
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      // Leaping from quote to quote takes half the time of looking at every character (V8 13.6).
      at = closingQuote(text, at, end)
      if (at < 0) return { tooDeep: false, balanced: false, longInteger, commas }
    } else if (isDigit(code)) {
      const first = at
      while (at + 1 < end && isDigit(text.charCodeAt(at + 1))) at++
      const afterPoint = first > start && text.charCodeAt(first - 1) === POINT
      if (at - first + 1 >= LONG_INTEGER_DIGITS && !afterPoint) longInteger = true
    } else if (code === COMMA) {
      if (depth === 1) commas++
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > maxDepth) return { tooDeep: true, balanced: false, longInteger, commas }
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return { tooDeep: false, balanced: depth === 0, longInteger, commas }
}
