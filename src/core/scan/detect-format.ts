/** Recognises from its first bytes how an input holds its records. */
import { BULK_ACTIONS } from './bulk.ts'
import { PagesEnclosure } from './enclosure.ts'
import { ScanFailure } from './scan-failure.ts'
import type { Scanner } from './scanner.ts'
import { readText } from './values.ts'

/**
 * `ndjson`: a record a line, elasticdump's hits too. `array`: one list. `pages`: search responses. `bulk`: lines in pairs, the first of which says what to do.
 * `sequence`: records on any number of lines each, with or without commas between them.
 */
export const RECORD_FORMATS = ['ndjson', 'array', 'pages', 'bulk', 'sequence'] as const
export type RecordFormat = (typeof RECORD_FORMATS)[number]

/** So much of a first record must be there before its end is given up. */
const ENOUGH_BYTES = 65_536

/** Fields of a page that make it an event with a field `hits` of its own, as in src/protocol/body.ts. */
const EVENT_FIELDS = ['_source', 'createdDateTime', '@timestamp', 'timestamp']

const LINE_FEED = 10
const OPEN_BRACKET = 91
const OPEN_BRACE = 123

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isAction = (text: string): boolean => {
  try {
    const [[name, value] = [], ...others] = Object.entries(JSON.parse(text) as object)
    return others.length === 0 && BULK_ACTIONS.some((action) => action === name) && isObject(value)
  } catch {
    return false
  }
}

const isPage = (scanner: Scanner, at: number): boolean => {
  const enclosure = new PagesEnclosure(scanner, (code, message, place) => new ScanFailure(code, message, place))
  try {
    return enclosure.advance(at, false).to === 'list' && !enclosure.names.some((name) => EVENT_FIELDS.includes(name))
  } catch (error) {
    if (error instanceof ScanFailure) return false
    throw error
  }
}

/** Whether the line that begins at `at` ends where more must follow: the record goes on in the next. */
const goesOn = ({ bytes, inputEnd }: Scanner, at: number): boolean => {
  const lineFeed = bytes.indexOf(LINE_FEED, at)
  return (
    lineFeed >= 0 && lineFeed < inputEnd && /[{[,:]\s*$/.test(readText(bytes, Math.max(at, lineFeed - 16), lineFeed))
  )
}

/**
 * The format of the input from `at` on; `undefined` where more of it must be seen. The bitmaps must have been filled as for one text. Throws
 * `not_json` for what begins like none of them.
 */
export const detectFormat = (scanner: Scanner, at: number, final: boolean): RecordFormat | undefined => {
  const { kernel, bytes, inputEnd } = scanner
  const first = kernel.spaces(at, inputEnd)
  if (first === inputEnd) return final ? 'ndjson' : undefined
  if (bytes[first] === OPEN_BRACKET) return 'array'
  if (bytes[first] !== OPEN_BRACE) {
    const found = (bytes[first] as number).toString(16).padStart(2, '0')
    throw new ScanFailure('not_json', `records are JSON; this input begins with 0x${found}`, first - scanner.inputStart)
  }
  if (isPage(scanner, first)) return 'pages'
  const end = kernel.skipValue(first, inputEnd, 0)
  if (end === 0) {
    if (!final && inputEnd - first < ENOUGH_BYTES) return undefined
    return goesOn(scanner, first) ? 'sequence' : 'ndjson'
  }
  const lineFeed = bytes.indexOf(LINE_FEED, first)
  if (lineFeed >= 0 && lineFeed < end) return 'sequence'
  return isAction(readText(bytes, first, end)) ? 'bulk' : 'ndjson'
}
