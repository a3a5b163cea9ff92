/** JSON text as a value: bounded in depth, with long integers exact and faults located. */
import { Failure } from '../core/failure.ts'
import type { JsonValue } from '../core/json.ts'
import { findJsonFault } from './json-fault.ts'
import { type JsonScan, MAX_DEPTH, scanJson } from './json-scan.ts'

/** The third argument: "JSON.parse source text access" (TC39 stage 4), in Node 22 and workerd; TypeScript's library does not know it yet. */
type SourceReviver = (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue
const parseWithSource = JSON.parse as (text: string, reviver?: SourceReviver) => JsonValue

/** Longer integers are no ids but an attack on BigInt's parser: they become the nearest double. 2^256 has 78 digits. */
const MAX_INTEGER_DIGITS = 128

const exactInteger: SourceReviver = (_key, value, { source }) =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  source !== undefined &&
  source.length <= MAX_INTEGER_DIGITS &&
  /^-?\d+$/.test(source)
    ? BigInt(source)
    : value

/** What a text is part of: its bounds in the body, and the line it begins on. */
export interface TextSpan {
  readonly start: number
  readonly end: number
  readonly line: number
}

/** How many UTF-16 units of the text an error message quotes. */
const QUOTED_LENGTH = 20

const invalidJson = (text: string, span: TextSpan, lineOfMany: boolean, cause: unknown): Failure => {
  const fault = findJsonFault(text, span.start, span.end) ?? { offset: span.start, expected: 'JSON' }
  let line = span.line
  let lineStart = span.start
  for (
    let next = text.indexOf('\n', lineStart);
    next >= 0 && next < fault.offset;
    next = text.indexOf('\n', lineStart)
  ) {
    line++
    lineStart = next + 1
  }
  const rest = text
    .slice(fault.offset, Math.min(span.end, fault.offset + QUOTED_LENGTH))
    .split('\n', 1)[0]
    ?.trimEnd()
  const found = fault.offset >= span.end ? 'the end' : rest === '' ? 'the end of the line' : JSON.stringify(rest)
  const place = `line ${line}, column ${fault.offset - lineStart + 1}`
  const message = `not JSON: expected ${fault.expected} at ${place}, found ${found}`
  return new Failure('invalid_json', message, lineOfMany ? `line ${span.line}` : undefined, { cause })
}

/** Parses the span that `scan` is of. Throws `too_deep` or `invalid_json`; as one line of many it carries `line n` as its path. */
export const parseScanned = (text: string, span: TextSpan, scan: JsonScan, lineOfMany: boolean): JsonValue => {
  if (scan.tooDeep) {
    const path = lineOfMany ? `line ${span.line}` : undefined
    throw new Failure('too_deep', `arrays and objects nest deeper than ${MAX_DEPTH}`, path)
  }
  const json = text.slice(span.start, span.end)
  try {
    return scan.longInteger ? parseWithSource(json, exactInteger) : parseWithSource(json)
  } catch (error) {
    throw invalidJson(text, span, lineOfMany, error)
  }
}

/**
 * Parses `text`, which may be one line of a file, numbered `line` (from 1). Integers beyond ±(2^53 - 1) become bigints. Throws `too_deep`
 * beyond 64 levels, or `maxDepth`, `invalid_json` with line, column and what stands there.
 */
export const parseJson = (text: string, line?: number, maxDepth?: number): JsonValue => {
  const span = { start: 0, end: text.length, line: line ?? 1 }
  return parseScanned(text, span, scanJson(text, 0, text.length, maxDepth), line !== undefined)
}
