/** Valid JSON documents of many shapes to try a scanner on. */
import type { Random } from '../../bench/random.ts'

/** Names that the asked paths of the comparison are made of, and some that only look like them. */
const NAMES = [
  ...'a b c d a.b b.c a.b.c c.d createdDateTime @timestamp zipCode _id _source fields geo lat geo.lat'.split(' '),
  ...'é ü.ß 名前 😀 . a. .a __proto__ constructor toString 0 12 createdDateTimf createdDateTim quote"d back\\slash'.split(
    ' ',
  ),
  ...['', 'tab\t', 'nul\u0000', 'x'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), 'a_name_of_exactly_sixteen'],
  ...['y'.repeat(63), 'y'.repeat(64), 'y'.repeat(65), 'z'.repeat(129)],
]

const NUMBERS = [
  ...'0 -0 1 -1 10 1731880381293 1731880381.293 999999999999999 1234567890123456 -1234567890123456'.split(' '),
  ...'9007199254740991 9007199254740993 -9007199254740993 1234567890123456789 99926275868403174266'.split(' '),
  ...'0.1 -0.0 1e5 1E+5 1e-5 1.5e300 1e400 -1e400 5e-324 1e-400 0e0 123456789012345.6789'.split(' '),
  ...'0.30000000000000004 2.2250738585072011e-308 100000000000000000000'.split(' '),
  ...['1'.repeat(127), '1'.repeat(128), '1'.repeat(129)],
]

const ESCAPES = String.raw`\" \\ \/ \b \f \n \r \t \u0000 \u00e9 \ud83d\ude00 \uD800 \udfff \u0022 \ud800\u0041`.split(
  ' ',
)
const PLAIN = [...`aZ0 {}[],:'/éß名😀\u007f\u2028\ufeff\u{10ffff}`]
const SPACES = [...Array.from({ length: 30 }, () => ''), ' ', ' ', ' ', '\n', '\r\n', '\t', '   ', ' '.repeat(70)]

const characters = (random: Random): string => {
  let text = ''
  const pieces = random.chance(0.01) ? random.below(200) : random.below(12)
  for (let piece = 0; piece < pieces; piece++) {
    const kind = random.fraction()
    if (kind < 0.12) text += random.pick(ESCAPES)
    else if (kind < 0.14) text += '\\\\'.repeat(random.below(70))
    else if (kind < 0.6) text += random.pick(PLAIN)
    else text += 'abcdefghijklmnopqrstuvwxyz'.slice(0, random.below(26))
  }
  return text
}

const hexadecimal = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`

/** `text` as a JSON string, now and then with escapes that need not be. */
const quoted = (random: Random, text: string): string => {
  if (!random.chance(0.1)) return JSON.stringify(text)
  let inner = ''
  for (let index = 0; index < text.length; index++) {
    const plain = JSON.stringify(text[index]).slice(1, -1)
    inner += random.chance(0.3) ? hexadecimal(text.charCodeAt(index)) : plain
  }
  // Cut apart, a pair of surrogates would stand alone and not be what it was.
  return JSON.parse(`"${inner}"`) === text ? `"${inner}"` : JSON.stringify(text)
}

/** Writes one value at a time. Names repeat, so that the last of equal ones must win. */
class Writer {
  private readonly random: Random
  private readonly spaced: boolean

  constructor(random: Random) {
    this.random = random
    this.spaced = random.chance(0.3)
  }

  private space(): string {
    return this.spaced ? this.random.pick(SPACES) : ''
  }

  document(): string {
    const { random } = this
    if (random.chance(0.03)) return this.space() + this.nested() + this.space()
    return this.space() + (random.chance(0.9) ? this.object(0) : this.value(0)) + this.space()
  }

  /** Arrays and objects around one another, about as deep as is allowed. */
  private nested(): string {
    const { random } = this
    const depth = 1 + random.below(70)
    let text = random.chance(0.5) ? '1' : ''
    for (let level = 0; level < depth; level++) {
      const isObject = level > 0 || text !== '' ? random.chance(0.5) : false
      text = isObject ? `{${quoted(random, random.pick(NAMES))}:${text === '' ? 'null' : text}}` : `[${text}]`
    }
    return text
  }

  private value(depth: number): string {
    const { random } = this
    const kind = random.fraction()
    if (kind < (depth > 4 ? 0.02 : 0.3)) return this.object(depth)
    if (kind < (depth > 4 ? 0.04 : 0.4)) return this.array(depth)
    if (kind < 0.65) return `"${characters(random)}"`
    if (kind < 0.7) return quoted(random, random.pick(NAMES))
    if (kind < 0.9)
      return random.chance(0.7) ? random.pick(NUMBERS) : String(random.fraction() * 10 ** random.below(30))
    return random.pick(['true', 'false', 'null'])
  }

  private list(open: string, close: string, count: number, element: () => string): string {
    const elements = Array.from({ length: count }, () => this.space() + element() + this.space())
    return open + (count === 0 ? this.space() : elements.join(',')) + close
  }

  private object(depth: number): string {
    const { random } = this
    const count = random.chance(0.02) ? random.below(40) : random.below(7)
    return this.list('{', '}', count, () => {
      const name = random.chance(0.9) ? quoted(random, random.pick(NAMES)) : `"${characters(random)}"`
      return `${name}${this.space()}:${this.space()}${this.value(depth + 1)}`
    })
  }

  private array(depth: number): string {
    return this.list('[', ']', this.random.below(4), () => this.value(depth + 1))
  }
}

/** A valid document. */
export const makeDocument = (random: Random): Buffer => Buffer.from(new Writer(random).document())
