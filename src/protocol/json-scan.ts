/** What must be known of a JSON text before it is parsed: how deep it nests, how much it holds, and whether integers would be rounded. */

/** Deepest nesting that is accepted; real events stay below ten. */
export const MAX_DEPTH = 64

/** Integers of fewer digits are exact as a double. */
const LONG_INTEGER_DIGITS = 16

export interface JsonScan {
  /** Nested deeper than `MAX_DEPTH`; the scan ended there. */
  readonly tooDeep: boolean
  /** Every string and bracket that opens closes. */
  readonly balanced: boolean
  /** An integer of 16 digits or more stands outside strings. */
  readonly longInteger: boolean
  /** Commas outside strings and exactly one bracket deep: in an array, one less than it has elements. */
  readonly commas: number
}

/** Scans `text` from `start` to `end`, which need not be valid JSON. One pass, no allocation but the answer. */
export const scanJson = (text: string, start: number, end: number): JsonScan => {
  let depth = 0
  let commas = 0
  let longInteger = false
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) {
      let closed = false
      while (!closed && ++at < end) {
        const inner = text.charCodeAt(at)
        if (inner === 92) at++
        else closed = inner === 34
      }
      if (!closed) return { tooDeep: false, balanced: false, longInteger, commas }
    } else if (code >= 48 && code <= 57) {
      const first = at
      while (at + 1 < end && text.charCodeAt(at + 1) >= 48 && text.charCodeAt(at + 1) <= 57) at++
      if (at - first + 1 >= LONG_INTEGER_DIGITS && (first === start || text.charCodeAt(first - 1) !== 46))
        longInteger = true
    } else if (code === 44) {
      if (depth === 1) commas++
    } else if (code === 123 || code === 91) {
      if (++depth > MAX_DEPTH) return { tooDeep: true, balanced: false, longInteger, commas }
    } else if (code === 125 || code === 93) depth--
  }
  return { tooDeep: false, balanced: depth === 0, longInteger, commas }
}
