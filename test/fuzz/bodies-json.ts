/** JSON texts at the edges of the grammar, as fast-check arbitraries: text rather than values, so that keys repeat and numbers are spelled oddly. */
import fc from 'fast-check'

export type Texts = fc.Arbitrary<string>

export const oneOf = (...texts: readonly string[]): Texts => fc.constantFrom(...texts)

const loneSurrogates: Texts = fc
  .array(fc.integer({ min: 0xd800, max: 0xdfff }), { minLength: 1, maxLength: 4 })
  .map((codes) => String.fromCharCode(...codes))

const ODD_CHARACTERS =
  '\u0000 \u001f \u007f \u2028 \u2029 \ufeff \ufffd \u{10ffff} \u202e é ß 名 😀 👨‍👩‍👧 " \\ / . $ __proto__'.split(' ')

const characters: Texts = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(oneOf(...ODD_CHARACTERS), { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: loneSurrogates },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 700 }).map((length) => 'x'.repeat(length)) },
)

const ESCAPED =
  String.raw`"\u0000" "\ud800" "\udfff\ud800" "\ud83d\ude00" "\/" "\b\f\n\r\t" "\u0022" "\uFEFF" "\\\\\\"`.split(' ')

/** A JSON string. Lone surrogates are escaped, as JSON.stringify does. */
export const strings: Texts = fc.oneof(
  { weight: 5, arbitrary: characters.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: oneOf(...ESCAPED) },
)

const NUMBERS = [
  ...'0 -0 -0.0 1 -1 1e5 1E+5 1e-5 0.1 1e400 -1e400 5e-324 1e-400 9007199254740991 9007199254740993 -9007199254740993'.split(
    ' ',
  ),
  ...'99926275868403174266 123456789012345.6789 0.30000000000000004 1.7976931348623159e308'.split(' '),
  ...[
    '1'.repeat(127),
    '1'.repeat(128),
    '1'.repeat(129),
    '9'.repeat(400),
    `0.${'1'.repeat(300)}`,
    `1${'0'.repeat(309)}`,
  ],
]

export const numbers: Texts = fc.oneof(
  { weight: 3, arbitrary: oneOf(...NUMBERS) },
  { weight: 2, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }).map(String) },
  { weight: 2, arbitrary: fc.maxSafeInteger().map(String) },
  { weight: 2, arbitrary: fc.bigInt({ min: -(10n ** 45n), max: 10n ** 45n }).map(String) },
)

/** What is no JSON, though many a program writes it. */
const NEARLY = "NaN Infinity -Infinity undefined None True 01 +1 .5 1. 0x10 1_000 'a' nul {} [] {]".split(' ')

const spaces: Texts = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: oneOf(' ', '\t', '\r', '\n', '\r\n', '   ', '\u00a0', '\u2003') },
)

/** `open`, the parts with commas between and odd space around, `close`. */
export const listed = (open: string, close: string, parts: fc.Arbitrary<readonly string[]>): Texts =>
  fc
    .tuple(parts, spaces, spaces)
    .map(([of, before, after]) => open + before + of.join(`${after},${before}`) + after + close)

const { values: anyValues } = fc.letrec<{ values: string; arrays: string; objects: string }>((tie) => ({
  values: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    { weight: 3, arbitrary: strings },
    { weight: 3, arbitrary: numbers },
    { weight: 2, arbitrary: oneOf('true', 'false', 'null') },
    { weight: 1, arbitrary: tie('arrays') },
    { weight: 1, arbitrary: tie('objects') },
  ),
  arrays: listed('[', ']', fc.array(tie('values'), { maxLength: 4 })),
  objects: listed(
    '{',
    '}',
    fc.array(
      fc.tuple(strings, tie('values')).map(([name, value]) => `${name}:${value}`),
      { maxLength: 4 },
    ),
  ),
}))

/** Any value; now and then no JSON. */
export const values: Texts = fc.oneof({ weight: 30, arbitrary: anyValues }, { weight: 1, arbitrary: oneOf(...NEARLY) })

/** Around `inner`, arrays and objects by turns, as the bits of `shape` say. */
export const nested = (inner: string, depth: number, shape: number): string => {
  let open = ''
  let close = ''
  for (let level = 0; level < depth; level++) {
    const isObject = ((shape >> (level % 30)) & 1) === 1
    open += isObject ? '{"a":' : '['
    close = (isObject ? '}' : ']') + close
  }
  return open + inner + close
}
