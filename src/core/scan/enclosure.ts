/** What stands around the records of an input: it is walked up to each list of records, and on behind it. */
import type { FailAt } from './scan-failure.ts'
import type { Scanner } from './scanner.ts'
import { readText } from './values.ts'

/** Where a walk came to: the first record of a `list`, the end of what is in the window (`input`), or of all (`end`). */
export interface Arrival {
  readonly to: 'list' | 'input' | 'end'
  /** From here on it goes on. */
  readonly place: number
}

export interface Enclosure {
  /** Walks from `at`, the first time from the beginning of the input, then from where it arrived or from behind a list. */
  advance(at: number, final: boolean): Arrival
}

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_BRACKET = 91
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** `[ … ]` and nothing else. */
export class ArrayEnclosure implements Enclosure {
  private readonly scanner: Scanner
  private readonly fail: FailAt
  private isOpen = false

  constructor(scanner: Scanner, fail: FailAt) {
    this.scanner = scanner
    this.fail = fail
  }

  advance(at: number, final: boolean): Arrival {
    const { kernel, bytes, inputEnd } = this.scanner
    const place = kernel.spaces(at, inputEnd)
    if (place === inputEnd) {
      if (final && !this.isOpen) throw this.fail('cut_off', 'the input ends before a list of records', place)
      return { to: final ? 'end' : 'input', place }
    }
    if (this.isOpen) throw this.fail('unexpected_byte', 'something stands behind the list of records', place)
    if (bytes[place] !== OPEN_BRACKET) throw this.fail('unexpected_byte', 'a list of records begins with [', place)
    this.isOpen = true
    return { to: 'list', place: place + 1 }
  }
}

/** Search responses, one after the other: `{ …, "hits": { …, "hits": [ … ], … }, … }`. */
export class PagesEnclosure implements Enclosure {
  private readonly scanner: Scanner
  private readonly fail: FailAt
  /** Open objects: 1 in a page, 2 in its `hits`. */
  private level = 0
  /** No member went before in this object. */
  private isFirst = true
  private hasList = false
  /** Names met in the present page so far. */
  readonly names: string[] = []

  constructor(scanner: Scanner, fail: FailAt) {
    this.scanner = scanner
    this.fail = fail
  }

  advance(at: number, final: boolean): Arrival {
    const { kernel, bytes, inputEnd } = this.scanner
    let place = at
    for (;;) {
      place = kernel.spaces(place, inputEnd)
      if (place === inputEnd) {
        if (final && this.level > 0) throw this.fail('cut_off', 'the input ends inside a page of hits', place)
        return { to: final ? 'end' : 'input', place }
      }
      if (this.level === 0) {
        this.openPage(place)
        place++
      } else if (bytes[place] === CLOSE_BRACE) {
        if (this.level === 1 && !this.hasList) throw this.fail('no_hits', 'a page without a list hits.hits', place)
        this.level--
        this.isFirst = false
        place++
      } else {
        const arrival = this.member(place, final)
        if (arrival.to !== 'end') return arrival
        place = arrival.place
      }
    }
  }

  private openPage(place: number): void {
    if (this.scanner.bytes[place] !== OPEN_BRACE)
      throw this.fail('unexpected_byte', 'a page of hits begins with {', place)
    this.level = 1
    this.isFirst = true
    this.hasList = false
    this.names.length = 0
  }

  /** Walks one member from `at`, where its comma stands unless it is the first; `to` is `end` behind it. */
  private member(at: number, final: boolean): Arrival {
    const { kernel, bytes, inputEnd } = this.scanner
    const wanting = (): Arrival => {
      if (final) throw this.fail('cut_off', 'the input ends inside a page of hits', inputEnd)
      return { to: 'input', place: at }
    }
    if (!this.isFirst && bytes[at] !== COMMA)
      throw this.fail('unexpected_byte', 'a comma is missing in a page of hits', at)
    const name = this.isFirst ? at : kernel.spaces(at + 1, inputEnd)
    if (name === inputEnd) return wanting()
    if (bytes[name] !== QUOTE) throw this.fail('unexpected_byte', 'a name is missing in a page of hits', name)
    const nameEnd = kernel.skipString(name, inputEnd)
    const colon = nameEnd === 0 ? inputEnd : kernel.spaces(nameEnd, inputEnd)
    if (colon === inputEnd) return wanting()
    if (bytes[colon] !== COLON) throw this.fail('unexpected_byte', 'a colon is missing in a page of hits', colon)
    const value = kernel.spaces(colon + 1, inputEnd)
    if (value === inputEnd) return wanting()

    const text = readText(bytes, name + 1, nameEnd - 1)
    const entersHits = text === 'hits' && this.level === 1 && bytes[value] === OPEN_BRACE
    const entersList = text === 'hits' && this.level === 2 && bytes[value] === OPEN_BRACKET
    if (entersHits) this.level = 2
    if (entersList) this.hasList = true
    if (entersHits || entersList) {
      this.isFirst = entersHits
      return { to: entersList ? 'list' : 'end', place: value + 1 }
    }
    const end = kernel.skipValue(value, inputEnd, this.level)
    if (end === 0 ? kernel.faultPlace() >= inputEnd : end === inputEnd) return wanting()
    if (end === 0) throw this.fail('unexpected_byte', 'a page of hits is no JSON', kernel.faultPlace())
    this.isFirst = false
    if (this.level === 1) this.names.push(text)
    return { to: 'end', place: end }
  }
}
