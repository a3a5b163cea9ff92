/** Bodies of events as fast-check arbitraries: every form that is read, and the forms next to them. */
import fc from 'fast-check'
import { listed, nested, numbers, oneOf, strings, type Texts, values } from './bodies-json.ts'

export interface Body {
  readonly bytes: Buffer
  readonly contentType: string | null
  /** `?batch=true` */
  readonly batch: boolean
}

const TIMES = [
  ...'1731880381293 1731880381 1731880381293000 1731880381.293 1731880381293.5 -2208988800001 7258118399999 20241117'.split(
    ' ',
  ),
  ...'"now" " now " "" "2024-11-17T21:53:01.293Z" "2024-11-17T21:53:01" "2024-11-17" "20241117T215301Z" "1731880381293"'.split(
    ' ',
  ),
  ...'"2024-11-17T21:53:01-0400" "2024-02-30T00:00:00Z" "2024-11-17T24:00:00Z" "2024" "+012024-11-17T00:00Z" "1e13"'.split(
    ' ',
  ),
  ...'{"$date":1731880381293} {"$date":{"$numberLong":"1731880381293"}} {"$date":{"$date":1}} {"$numberLong":"x"}'.split(
    ' ',
  ),
  ...'null true [] [1731880381293] {} 1e400 99999999999999999999'.split(' '),
]
const dates = fc.date({ min: new Date('1899-12-31'), max: new Date('2200-01-02'), noInvalidDate: true })
const times: Texts = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }).map(String) },
  { weight: 3, arbitrary: dates.map((date) => JSON.stringify(date)) },
  { weight: 1, arbitrary: fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)) },
  { weight: 6, arbitrary: oneOf(...TIMES) },
  { weight: 1, arbitrary: numbers },
  { weight: 1, arbitrary: values },
)
const TIME_NAMES =
  '"createdDateTime" "createdDateTime" "@timestamp" "timestamp" "sent_at" "created\\u0044ateTime"'.split(' ')

const zips: Texts = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 99_999 }).map((zip) => `"${String(zip).padStart(5, '0')}"`) },
  {
    weight: 2,
    arbitrary: oneOf(
      '"94107-1234"',
      '501',
      '"501"',
      '941071234',
      '"K1A 0B1"',
      '"９４１０７"',
      'null',
      '""',
      '[]',
      '{}',
    ),
  },
  { weight: 1, arbitrary: values },
)
const ids: Texts = fc.oneof(
  { weight: 3, arbitrary: fc.uuid().map((id) => `"${id}"`) },
  {
    weight: 2,
    arbitrary: oneOf(
      '12345678901234567890',
      '{"$oid":"5f"}',
      `"${'i'.repeat(512)}"`,
      `"${'i'.repeat(513)}"`,
      'null',
      '0',
    ),
  },
  { weight: 2, arbitrary: values },
)
const NAMES = [
  ...'_source fields _index hits events __proto__ constructor toString hasOwnProperty a.b cart.value'.split(' '),
  ...['', '0', '\u0000', 'é', 'geo.postal.code'],
].map((name) => JSON.stringify(name))

const entry = (names: Texts, of: Texts): Texts => fc.tuple(names, of).map(([name, value]) => `${name}:${value}`)

const entries: Texts = fc.oneof(
  { weight: 4, arbitrary: entry(oneOf(...TIME_NAMES), times) },
  { weight: 3, arbitrary: entry(oneOf('"zipCode"', '"zip"', '"postalCode"'), zips) },
  { weight: 2, arbitrary: entry(oneOf('"_id"', '"event_id"', '"id"', '"session_id"', '"visitor_id"'), ids) },
  { weight: 1, arbitrary: entry(oneOf(...NAMES), values) },
  { weight: 1, arbitrary: entry(strings, values) },
)

const flatEvents: Texts = listed(
  '{',
  '}',
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(entry(oneOf(...TIME_NAMES), times), entry(oneOf('"zipCode"'), zips)) },
    { weight: 5, arbitrary: fc.array(entries, { maxLength: 8 }) },
  ),
)
const hits: Texts = fc
  .tuple(flatEvents, ids, oneOf('"_source"', '"_source"', '"_source"', '"fields"'))
  .map(([inner, id, holder]) => `{"_index":"sessions","_id":${id},${holder}:${inner}}`)

const fieldHits: Texts = fc
  .tuple(ids, times, zips)
  .map(([id, time, zip]) => `{"_id":${id},"fields":{"createdDateTime":[${time}],"zipCode":[${zip},${zip}]}}`)

const events: Texts = fc.oneof(
  { weight: 6, arbitrary: flatEvents },
  { weight: 2, arbitrary: hits },
  { weight: 1, arbitrary: fieldHits },
  { weight: 1, arbitrary: values },
)

const deep: Texts = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 60, max: 70 }) },
      { weight: 1, arbitrary: oneOf('1000', '30000').map(Number) },
    ),
    fc.integer({ min: 0, max: 2 ** 30 - 1 }),
  )
  .map(([depth, shape]) => nested('{"createdDateTime":1731880381293}', depth, shape))

const envelopes: Texts = fc.oneof(
  { weight: 3, arbitrary: listed('[', ']', fc.array(events, { maxLength: 6 })) },
  { weight: 2, arbitrary: listed('{"events":[', ']}', fc.array(events, { maxLength: 4 })) },
  { weight: 1, arbitrary: listed('{"took":1,"hits":{"hits":[', ']}}', fc.array(hits, { maxLength: 4 })) },
  { weight: 1, arbitrary: listed('{"sent_at":1731880381293,"events":[', ']}', fc.array(flatEvents, { maxLength: 4 })) },
  { weight: 1, arbitrary: fc.tuple(values, events).map(([value, event]) => `{"events":${value},"hits":${event}}`) },
)

const BREAKS = ['\n', '\n', '\r\n', '\n\n', '\n \t\r\n', '\r', '\u2028'] as const
const lines: Texts = fc
  .array(fc.tuple(events, fc.constantFrom(...BREAKS)), { minLength: 1, maxLength: 6 })
  .map((of) => of.map(([event, end]) => event + end).join(''))

const texts: Texts = fc.oneof(
  { weight: 8, arbitrary: events },
  { weight: 4, arbitrary: envelopes },
  { weight: 4, arbitrary: lines },
  { weight: 1, arbitrary: deep },
  {
    weight: 1,
    arbitrary: oneOf(
      '',
      ' ',
      '\n',
      '\r\n\r\n',
      '\u0000',
      '{',
      '[',
      '"',
      '[[',
      '{"a"',
      ',',
      'null',
      '[]',
      '{}',
      '%',
      'a=b&c=d',
    ),
  },
)

const ENCODINGS = {
  utf8: (text: string) => Buffer.from(text),
  mark: (text: string) => Buffer.from(`\ufeff${text}`),
  utf16: (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  utf16BigEndian: (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  latin1: (text: string) => Buffer.from(text, 'latin1'),
} as const

const encodings: fc.Arbitrary<keyof typeof ENCODINGS> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('utf8' as const) },
  { weight: 2, arbitrary: fc.constant('mark' as const) },
  { weight: 1, arbitrary: fc.constantFrom('utf16' as const, 'utf16BigEndian' as const, 'latin1' as const) },
)

export const CONTENT_TYPES = [
  null,
  'application/json',
  'application/x-ndjson',
  'text/plain;charset=UTF-8',
  'application/x-www-form-urlencoded',
  ' application/jsonl ; charset=utf-8',
  'x',
] as const

export const bodies: fc.Arbitrary<Body> = fc
  .record({
    text: texts,
    encoding: encodings,
    contentType: fc.constantFrom(...CONTENT_TYPES),
    batch: fc.boolean(),
  })
  .map(({ text, encoding, contentType, batch }) => ({ bytes: ENCODINGS[encoding](text), contentType, batch }))
