/** Watches a JSON or NDJSON body while it comes, and stops it at the first byte that is too much. */
import { Failure } from '../core/failure.ts'
import { MAX_DEPTH } from './json-scan.ts'

const TAB = 9
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** Before the text it is no content. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const

/** A first line as long as this is taken for the whole body. */
const LONG_LINE_BYTES = 65_536

/** 1 for bytes that mean nothing here wherever they stand outside of strings: of numbers, words and anything that is no JSON. */
const IS_PLAIN = new Uint8Array(256).fill(1)
for (const code of [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, QUOTE, COMMA, COLON]) IS_PLAIN[code] = 0
for (const code of [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE]) IS_PLAIN[code] = 0

/** `events`: one, an array, or lines; `lines`: declared as such; `json`: one document that holds no events. */
export type BodyForm = 'events' | 'lines' | 'json'

export interface StreamBounds {
  readonly maxEvents: number
  /** Of keys, and again of objects and arrays: an empty one has three bytes here and 60 in memory. */
  readonly maxKeys: number
  /** The sentence that names the limits of a request. */
  readonly described: string
}

/** `unknown`: still in the first line of what may become lines; `open`: it does not end what it began, and yet the others may be lines. */
type Layout = 'unknown' | 'lines' | 'whole' | 'open'

/**
 * Counts brackets, keys and events outside of strings, a byte at a time, whether or not it is JSON. It refuses only what reading the body
 * would refuse as a whole: a line of many that nests too deeply is an affair of that event, and how many events `{"events":[…]}` holds is
 * known at its end, since an object with a time of its own is an event whatever its fields are called. Both are told when it is parsed.
 */
export class StreamLimits {
  #layout: Layout
  readonly #isDeclared: boolean
  #isArray = false
  #inString = false
  #isEscaped = false
  #depth = 0
  #keys = 0
  #nested = 0
  #events = 0
  #hasContent = false
  /** The last byte that means something was a closing brace. */
  #endsObject = false
  #bytes = 0

  constructor(
    private readonly bounds: StreamBounds,
    form: BodyForm,
  ) {
    this.#layout = form === 'json' ? 'whole' : 'unknown'
    this.#isDeclared = form === 'lines'
  }

  /** Throws `too_deep`, `too_many_keys` or `too_many_events`; nothing may be pushed after that. */
  push(chunk: Uint8Array): void {
    const { length } = chunk
    let at = this.#isEscaped && length > 0 ? 1 : 0
    if (at > 0) this.#isEscaped = false
    while (at < length && chunk[at] === BYTE_ORDER_MARK[this.#bytes + at]) at++
    for (; at < length; at++) {
      let code = chunk[at] as number
      if (this.#inString) {
        while (code !== QUOTE && code !== BACKSLASH && code !== LINE_FEED && ++at < length) code = chunk[at] as number
        if (at >= length) break
        if (code === QUOTE) this.#inString = false
        // No string goes on in the next line: after a broken one the count is right again there.
        else if (code === LINE_FEED) this.#endLine()
        else if (++at === length) this.#isEscaped = true
      } else {
        if (IS_PLAIN[code] === 1) {
          this.#hasContent = true
          this.#endsObject = false
          while (IS_PLAIN[code] === 1 && ++at < length) code = chunk[at] as number
          if (at >= length) break
        }
        this.#mark(code, this.#bytes + at)
      }
    }
    this.#bytes += length
  }

  /** A byte outside of strings that may mean something; `at`: its place in the body. */
  #mark(code: number, at: number): void {
    if (code > SPACE) this.#endsObject = code === CLOSE_BRACE
    if (code === QUOTE) {
      this.#inString = true
      this.#hasContent = true
    } else if (code === COLON) {
      if (++this.#keys > this.bounds.maxKeys) throw this.#tooMany('too_many_keys', this.bounds.maxKeys, 'keys')
    } else if (code === COMMA) {
      if (this.#depth === 1 && this.#isArray) this.#countEvent(at)
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#open(code, at)
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.#depth = Math.max(0, this.#depth - 1)
    else if (code === LINE_FEED) this.#endLine()
  }

  #open(code: number, at: number): void {
    if (!this.#hasContent && this.#layout === 'unknown' && !this.#isDeclared && code === OPEN_BRACKET) {
      this.#isArray = true
      this.#countEvent(at)
    }
    this.#hasContent = true
    const { maxKeys } = this.bounds
    if (++this.#nested > maxKeys) throw this.#tooMany('too_many_keys', maxKeys, 'objects and arrays')
    if (++this.#depth <= MAX_DEPTH || this.#layout === 'lines' || this.#layout === 'open' || this.#isDeclared) return
    if (this.#layout === 'unknown' && !this.#isArray && at < LONG_LINE_BYTES) return
    throw new Failure('too_deep', `arrays and objects nest deeper than ${MAX_DEPTH}`)
  }

  #endLine(): void {
    const isBroken = this.#inString
    this.#inString = false
    this.#isEscaped = false
    if (this.#layout === 'unknown' && this.#hasContent) {
      // What is whole at the end of its line is followed by other events, or by nothing.
      this.#layout = this.#afterFirstLine(isBroken)
      if (this.#layout === 'lines') this.#events = 0
    }
    if (this.#layout !== 'lines') return
    if (this.#hasContent) this.#countEvent(this.#bytes)
    this.#hasContent = false
    this.#isArray = false
    this.#depth = 0
  }

  /** `isBroken`: the line ends within a string, and no document goes on behind that. */
  #afterFirstLine(isBroken: boolean): Layout {
    if (isBroken) return this.#isDeclared ? 'lines' : 'open'
    if (this.#depth === 0) return 'lines'
    return this.#isDeclared || this.#endsObject ? 'open' : 'whole'
  }

  #countEvent(at: number): void {
    if (++this.#events <= this.bounds.maxEvents) return
    // An array may yet turn out to be the first line of many: then it is one event, however long it is.
    if (this.#layout === 'unknown' && at < LONG_LINE_BYTES) return
    throw this.#tooMany('too_many_events', this.bounds.maxEvents, 'events')
  }

  #tooMany(code: 'too_many_events' | 'too_many_keys', limit: number, what: string): Failure {
    return new Failure(code, `more than ${limit} ${what} in one body; ${this.bounds.described}`)
  }
}
