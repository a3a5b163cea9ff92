/** A request body as one event or a batch. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure, type FailureCode } from '../../../src/core/failure.ts'
import type { JsonValue } from '../../../src/core/json.ts'
import { type BodyOptions, readBody } from '../../../src/protocol/body.ts'
import { thrownFailure } from '../../support/thrown-failure.ts'

const LIMITS = { maxBodyBytes: 4_194_304, maxEvents: 1000 }
const TWO = { ...LIMITS, maxEvents: 2 }
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (body: string | Uint8Array, options: Partial<BodyOptions> = {}) =>
  readBody(typeof body === 'string' ? encode(body) : body, {
    contentType: null,
    batch: false,
    limits: LIMITS,
    ...options,
  })
/** A value for a single, an array for a batch, in which a failure is its code and path. */
const shape = (body: string, options: Partial<BodyOptions> = {}): unknown => {
  const parsed = read(body, options)
  if (parsed.kind === 'single') return { single: parsed.value }
  return parsed.items.map((item) => ('value' in item ? item.value : `${item.failure.code} at ${item.failure.path}`))
}
const NDJSON = { contentType: 'application/x-ndjson; charset=utf-8' }
const FORM = { contentType: 'application/x-www-form-urlencoded' }
const BATCH = { batch: true }

describe('a body that is read', () => {
  const cases: [string, unknown, Partial<BodyOptions>?][] = [
    ['{"a":1}', { single: { a: 1 } }],
    ['{"a":1}', { single: { a: 1 } }, FORM],
    ['{"a":1}', { single: { a: 1 } }, { contentType: 'text/plain;charset=UTF-8' }],
    ['\uFEFF{"a":1}', { single: { a: 1 } }],
    ['\n\n  {"a":1}\r\n\r\n', { single: { a: 1 } }],
    ['{\n  "a": 1\n}\n', { single: { a: 1 } }],
    ['5', { single: 5 }],
    ['"now"', { single: 'now' }],
    ['{"a":1}', [{ a: 1 }], BATCH],
    ['{"a":1}', [{ a: 1 }], NDJSON],
    ['{"a":1}\n', [{ a: 1 }], { contentType: 'application/x-jsonlines' }],
    ['{"a":1}\n', [{ a: 1 }], { contentType: 'Application/JSONL' }],
    ['{"a":1}\n', [{ a: 1 }], { contentType: 'application/ndjson' }],
    ['{"a":1}\n', { single: { a: 1 } }, { contentType: 'application/ndjsonish' }],
    ['[]', []],
    ['[]', [], NDJSON],
    ['[{"a":1},{"b":2}]', [{ a: 1 }, { b: 2 }]],
    ['[{"a":1},5,null]', [{ a: 1 }, 5, null]],
    ['[\n{"a":1},\n{"b":2}\n]', [{ a: 1 }, { b: 2 }]],
    ['[\n{"a":1},\n{"b":2}\n]', [{ a: 1 }, { b: 2 }], NDJSON],
    ['{"events":[{"a":1}]}', [{ a: 1 }]],
    ['{"events":[]}', []],
    ['{"events":[{"a":1}],"sent_by":"sdk"}', [{ a: 1 }]],
    ['{"events":{"a":1}}', { single: { events: { a: 1 } } }],
    ['{"events":["click"],"createdDateTime":1}', { single: { events: ['click'], createdDateTime: 1 } }],
    ['{"events":["click"],"@timestamp":1}', { single: { events: ['click'], '@timestamp': 1 } }],
    ['{"_source":{"events":[]}}', { single: { _source: { events: [] } } }],
    ['{"took":3,"hits":{"total":1,"hits":[{"_id":"x","_source":{}}]}}', [{ _id: 'x', _source: {} }]],
    ['{"hits":3}', { single: { hits: 3 } }],
    ['{"__proto__":{"events":[1]}}', { single: JSON.parse('{"__proto__":{"events":[1]}}') }],
    ['{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }]],
    ['{"a":1}\r\n\r\n \t\n{"b":2}\r\n', [{ a: 1 }, { b: 2 }], FORM],
    ['{"a":"\\n"}\n{"b":"}{"}\n', [{ a: '\n' }, { b: '}{' }]],
    ['{"a":1}\n{"b":\n{"c":3}', [{ a: 1 }, 'invalid_json at line 2', { c: 3 }]],
    ['{"a":1}\n\nnot json\n', [{ a: 1 }, 'invalid_json at line 3']],
    ['{"a":1,}\n{"b":2}', ['invalid_json at line 1', { b: 2 }]],
    ['not json\n{"b":2}', ['invalid_json at line 1', { b: 2 }], NDJSON],
    ['not json\nnor this', ['invalid_json at line 1', 'invalid_json at line 2'], NDJSON],
    ['not json', ['invalid_json at line 1'], NDJSON],
    [`{"a":1}\n${'['.repeat(65)}${']'.repeat(65)}`, [{ a: 1 }, 'too_deep at line 2']],
    [`${'['.repeat(64)}${']'.repeat(64)}`, [JSON.parse('['.repeat(63) + ']'.repeat(63))]],
    [String.raw`{"a":"\\","b":"\"[[","c":"\\\"]"}`, { single: { a: '\\', b: '"[[', c: '\\"]' } }],
    [`${String.raw`{"a":"\\\","b":1}`}\n{"c":3}`, ['invalid_json at line 1', { c: 3 }]],
    [`{"a":"${'['.repeat(500)}"}`, { single: { a: '['.repeat(500) } }],
    ['{"a":1,"a":2}', { single: { a: 2 } }],
    ['{"a":9007199254740991}', { single: { a: 9007199254740991 } }],
    ['{"a":9007199254740993}', { single: { a: 9007199254740993n } }],
    ['{"a":[-99926275868403174266,1.5]}', { single: { a: [-99926275868403174266n, 1.5] } }],
    [
      '{"a":12345678901234567890.5,"b":12345678901234567890e0}',
      { single: { a: 12345678901234567000, b: 12345678901234567000 } },
    ],
    ['{"a":0.12345678901234567890}', { single: { a: 0.12345678901234568 } }],
    ['{"a":"99926275868403174266"}', { single: { a: '99926275868403174266' } }],
    ['{"id":1}\n{"id":99926275868403174266}', [{ id: 1 }, { id: 99926275868403174266n }]],
  ]
  it.each(cases)('%j is %o', (body, expected, options) => {
    expect(shape(body, options)).toEqual(expected)
  })

  it('leaves prototypes alone', () => {
    const parsed = read('{"__proto__":{"polluted":true},"id":12345678901234567890}')
    expect(parsed.kind === 'single' && Object.getPrototypeOf(parsed.value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('rounds integers that no id is as long as, instead of spending seconds on them', () => {
    const parsed = read(`{"a":${'9'.repeat(200)}}`)
    expect(parsed).toEqual({ kind: 'single', value: { a: 1e200 } })
  })
})

describe('a body that is refused', () => {
  const cases: [string | Uint8Array, FailureCode, string, Partial<BodyOptions>?][] = [
    ['', 'empty_body', 'the body is empty'],
    [' \r\n\t\n', 'empty_body', 'the body is empty'],
    ['\uFEFF', 'empty_body', 'the body is empty', NDJSON],
    ['NaN', 'invalid_json', 'expected a value at line 1, column 1, found "NaN"'],
    ['{"a":NaN}', 'invalid_json', 'expected a value at line 1, column 6, found "NaN}"'],
    ["{'a':1}", 'invalid_json', 'expected a name in double quotes at line 1, column 2'],
    ['{"a":1,}', 'invalid_json', 'expected a name in double quotes at line 1, column 8, found "}"'],
    ['[1,]', 'invalid_json', 'expected a value at line 1, column 4'],
    ['{\n  "a": 1\n  "b": 2\n}', 'invalid_json', 'expected "," or "}" at line 3, column 3, found "\\"b\\": 2"'],
    ['{\n  "a": 1\n  "b": 2\n}', 'invalid_json', 'line 3, column 3', BATCH],
    ['{"a":{\n}', 'invalid_json', 'expected "," or "}" at line 2, column 2, found the end'],
    ['\n\n{"a"', 'invalid_json', 'expected ":" at line 3, column 5, found the end'],
    ['{"a":"b', 'invalid_json', 'expected a closing quote'],
    ['{"a":"b\n"}', 'invalid_json', 'expected an escape such as \\n, or a closing quote at line 1, column 8'],
    ['{"a":"\\x"}', 'invalid_json', 'after the backslash'],
    ['{"a":"\\u00g0"}', 'invalid_json', 'four hexadecimal digits at line 1, column 11'],
    ['{"a":01}', 'invalid_json', 'expected "," or "}" at line 1, column 7, found "1}"'],
    ['{"a":1.}', 'invalid_json', 'expected a digit at line 1, column 8'],
    ['{"a":-}', 'invalid_json', 'expected a digit'],
    ['{"a":1e+}', 'invalid_json', 'expected a digit'],
    ['{"a":1}{"b":2}', 'invalid_json', 'expected nothing more at line 1, column 8'],
    ['zip=94107', 'invalid_json', 'found "zip=94107"', FORM],
    ['not json', 'invalid_json', 'found "not json"', BATCH],
    ['hello\nworld', 'invalid_json', 'found "hello"'],
    ['{bad}\n{worse}', 'invalid_json', 'line 1, column 2'],
    [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'invalid_utf8', 'byte 2 is 0xff'],
    [new Uint8Array([0x22, 0xc3]), 'invalid_utf8', 'byte 1 is 0xc3'],
    [new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_utf8', 'byte 1 is 0xed'],
    [new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), 'invalid_utf8', 'UTF-16 perhaps'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'too_deep', 'deeper than 64'],
    ['{"a":'.repeat(100_000), 'too_deep', 'deeper than 64'],
    ['['.repeat(1_000_000), 'too_deep', 'deeper than 64'],
    [
      '[1,2,3]',
      'too_many_events',
      '3 events in one body; the limits of a request are 4194304 bytes and 2 events',
      { limits: TWO },
    ],
    [
      '{"events":[1,2,3]}',
      'too_many_events',
      '3 events in one body; the limits of a request are 4194304 bytes and 2 events',
      { limits: TWO },
    ],
    [
      '1\n2\n\n3\n',
      'too_many_events',
      '3 events in one body; the limits of a request are 4194304 bytes and 2 events',
      { limits: TWO },
    ],
    [
      'x\n2\n\n3\n',
      'too_many_events',
      '3 events in one body; the limits of a request are 4194304 bytes and 2 events',
      { limits: TWO, ...NDJSON },
    ],
  ]
  it.each(cases)('%j is %s: %s', (body, code, message, options) => {
    const failure = thrownFailure(() => read(body, options))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(message)
  })

  it('takes as many events as are allowed', () => {
    for (const body of ['[[1,1,1],{"a":[1,1,1]}]', '{"events":[1,2]}', '1\n2\n']) {
      expect(read(body, { limits: TWO })).toMatchObject({ kind: 'batch', items: { length: 2 } })
    }
  })

  it('numbers the line and column of a bad line among good ones', () => {
    const parsed = read('{"a":1}\n\n{"a":tru}\n')
    expect(parsed.kind === 'batch' && parsed.items[1]).toMatchObject({
      line: 3,
      failure: { message: 'not JSON: expected a value at line 3, column 6, found "tru}"', path: 'line 3' },
    })
  })
})

describe('any body', () => {
  const settles = (bytes: Uint8Array, options: Partial<BodyOptions>): void => {
    try {
      expect(['single', 'batch']).toContain(read(bytes, options).kind)
    } catch (error) {
      expect(error).toBeInstanceOf(Failure)
    }
  }
  const options = fc.constantFrom<Partial<BodyOptions>>({}, NDJSON, FORM, BATCH, {
    limits: { ...LIMITS, maxEvents: 1 },
  })

  it('of random bytes is parsed or ends in a Failure', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), options, settles), { numRuns: 5000 })
  })

  it('of nearly JSON text is parsed or ends in a Failure', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'u12',
      '1',
      '-',
      '.',
      'e',
      'null',
      'true',
      '\n',
      ' ',
      '"a":',
      'é',
      '12345678901234567890',
    )
    fc.assert(
      fc.property(fc.string({ unit: pieces, maxLength: 30 }), options, (text, given) => settles(encode(text), given)),
      { numRuns: 20_000 },
    )
  })

  it('of JSON text is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed = read(text)
        const value =
          parsed.kind === 'single' ? parsed.value : parsed.items.map((item) => ('value' in item ? item.value : item))
        const reference: JsonValue = JSON.parse(text)
        expect(JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? Number(inner) : inner))).toBe(
          JSON.stringify(reference),
        )
      }),
      { numRuns: 2000 },
    )
  })
})
