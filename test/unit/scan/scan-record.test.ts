import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { compilePaths } from '../../../src/core/scan/paths.ts'
import { scanRecord } from '../../../src/core/scan/scan-record.ts'
import { Scanner } from '../../../src/core/scan/scanner.ts'
import { readValue } from '../../../src/core/scan/values.ts'
import { parseExact } from '../../fuzz/reference.ts'

const scan = (text: string | Buffer, paths: readonly string[], outerPaths: readonly string[] = [], strict = false) => {
  const scanner = new Scanner(compilePaths(paths, outerPaths), { capacityBytes: 65_536, strict })
  const rows = scanRecord(scanner, Buffer.from(text))
  const fault = rows.isSound(0) ? undefined : [rows.faultCode(0), rows.faultPlace(0) - scanner.inputStart]
  const value = (index: number): JsonValue | undefined =>
    readValue(rows.bytes, rows.kind(0, index), rows.valueStart(0, index), rows.valueEnd(0, index), parseExact)
  return { fault, values: fault === undefined ? [...paths, ...outerPaths].map((_, index) => value(index)) : undefined }
}

describe('an asked value', () => {
  it.each([
    ['is found one level down', '{"a":{"b":1}}', 'a.b', 1],
    ['is found under a name spelled with its dots', '{"a.b":1}', 'a.b', 1],
    ['is that of the dotted name where both stand, whatever the order', '{"a":{"b":1},"a.b":2}', 'a.b', 2],
    ['is that of the dotted name even if it is null', '{"a.b":null,"a":{"b":1}}', 'a.b', null],
    ['is found under a dotted rest inside an object', '{"a":{"b.c":1}}', 'a.b.c', 1],
    ['is not found under a dotted beginning', '{"a.b":{"c":1}}', 'a.b.c', undefined],
    ['is the last of equal names', '{"a":1,"a":2,"a":3}', 'a', 3],
    ['is absent where a later parent lacks it', '{"a":{"b":1},"a":{"c":2}}', 'a.b', undefined],
    ['is absent where a later parent is no object', '{"a":{"b":1},"a":2}', 'a.b', undefined],
    ['is found under an escaped name', '{"creat\\u0065dDateTime":1}', 'createdDateTime', 1],
    ['is found under a name with an escaped pair of surrogates', '{"\\ud83d\\uDE00":1}', '😀', 1],
    ['is not that of a name that has the escape as letters', '{"a\\\\nb":1}', 'a\nb', undefined],
    ['is the object itself', '{"a":{"b":[1,{"c":2}]}}', 'a', { b: [1, { c: 2 }] }],
    ['is not found inside an array', '{"a":[{"b":1}]}', 'a.b', undefined],
    ['is not found inside a string', '{"x":"\\"a\\":1,","b":"{\\"a\\":2}"}', 'a', undefined],
    ['is found behind white space', ' { "a" :\t[ ] , "b" :\n 1 } ', 'b', 1],
    ['may have the empty name', '{"":1}', '', 1],
    ['is no property that every object has', '{"a":1}', 'constructor', undefined],
    ['is an integer of 20 digits, not rounded', '{"a":99926275868403174266}', 'a', 99926275868403174266n],
    ['is a number where 16 digits are exact', '{"a":1731880381293000}', 'a', 1731880381293000],
  ] as const)('%s', (_, text, path, expected) => {
    expect(scan(text, [path]).values).toEqual([expected])
  })

  it('is found among names of the same length and beginning', () => {
    const names = ['abcdefgh1', 'abcdefgh2', 'abcdefgh_and_more_1', 'abcdefgh_and_more_2', 'abcdefgh']
    const record = Object.fromEntries(names.map((name, index) => [name, index]))
    expect(scan(JSON.stringify(record), names).values).toEqual([0, 1, 2, 3, 4])
  })

  it('is found under a long name, each letter of it escaped', () => {
    const name = 'n'.repeat(1000)
    const escaped = '\\u006e'.repeat(1000)
    expect(scan(`{"${escaped}n":1,"${escaped}":2,"\\u006e":3}`, [name]).values).toEqual([2])
  })

  it('is read in the _source of a hit, the id beside it', () => {
    const text = '{"_id":"x","zip":"1","_source":{"zip":"94107","_id":"y"}}'
    expect(scan(text, ['zip'], ['_id']).values).toEqual(['94107', 'x'])
  })

  it('is read in the record itself where _source is no object', () => {
    expect(scan('{"_source":{"zip":"1"},"zip":"2","_source":"web"}', ['zip'], ['_source']).values).toEqual(['2', 'web'])
  })
})

describe('a record', () => {
  // loose, strict: the fault and where it is, or undefined.
  it.each([
    ['{"a":1', ['unexpected_end', 6], ['unexpected_end', 6]],
    ['{"a":"x', ['unexpected_end', 7], ['unexpected_end', 7]],
    ['{"a":"x\\"}', ['unexpected_end', 10], ['unexpected_end', 10]],
    ['', ['unexpected_end', 0], ['unexpected_end', 0]],
    ['{"x":[1,{"y":2]}', ['mismatched_bracket', 14], ['mismatched_bracket', 14]],
    ['{"x":[{\\"y":1}]}', ['mismatched_bracket', 7], ['mismatched_bracket', 7]],
    ['{"a" 1}', ['unexpected_byte', 5], ['unexpected_byte', 5]],
    ['{"a":1,}', ['unexpected_byte', 7], ['unexpected_byte', 7]],
    ['{"a":1 "b":2}', ['unexpected_byte', 7], ['unexpected_byte', 7]],
    ['{"a":1}{"a":2}', ['unexpected_byte', 7], ['unexpected_byte', 7]],
    ['{"a":1},', ['unexpected_byte', 7], ['unexpected_byte', 7]],
    ["{'a':1}", ['unexpected_byte', 1], ['unexpected_byte', 1]],
    ['{"a":01}', ['unexpected_byte', 6], ['unexpected_byte', 6]],
    ['{"a":1.}', ['invalid_number', 5], ['invalid_number', 5]],
    ['{"a":tru}', ['invalid_literal', 5], ['invalid_literal', 5]],
    ['{"a":NaN}', ['unexpected_byte', 5], ['unexpected_byte', 5]],
    ['{"a":"\\x"}', ['invalid_escape', 6], ['invalid_escape', 6]],
    ['{"a":"\\u12g4"}', ['invalid_escape', 6], ['invalid_escape', 6]],
    ['{"a":"\u0001"}', ['control_character', 6], ['control_character', 6]],
    // What nobody asked for has only its structure checked.
    ['{"x":01,"a":1}', undefined, ['unexpected_byte', 6]],
    ['{"x":tru}', undefined, ['invalid_literal', 5]],
    ['{"x":"\\x"}', undefined, ['invalid_escape', 6]],
    ['{"x":"\n"}', undefined, ['control_character', 6]],
    ['{"x":[1,,2]}', undefined, ['unexpected_byte', 8]],
    ['{"x":{1:2}}', undefined, ['unexpected_byte', 6]],
    // An earlier one of equal names was not asked for either.
    ['{"a":01,"a":1}', undefined, ['unexpected_byte', 6]],
  ] as const)('%s', (text, loose, strict) => {
    expect(scan(text, ['a']).fault).toEqual(loose)
    expect(scan(text, ['a'], [], true).fault).toEqual(strict)
  })

  it.each([
    ['c0 80', 'overlong'],
    ['ed a0 80', 'a surrogate'],
    ['f4 90 80 80', 'beyond U+10FFFF'],
    ['e2 82', 'cut short'],
    ['ff', 'no lead byte'],
    ['80', 'a follower alone'],
  ])('with the bytes %s, which are no UTF-8 (%s)', (bytes) => {
    const odd = Buffer.from(bytes.replaceAll(' ', ''), 'hex')
    const record = (name: string): Buffer => Buffer.concat([Buffer.from(`{"${name}":"`), odd, Buffer.from('"}')])
    expect(scan(record('a'), ['a']).fault).toEqual(['invalid_utf8', 6])
    expect(scan(record('x'), ['a']).fault).toBeUndefined()
    expect(scan(record('x'), ['a'], [], true).fault).toEqual(['invalid_utf8', 6])
  })

  it('may nest 64 levels deep, but not 65', () => {
    const nested = (depth: number): string => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    expect(scan(nested(64), ['a'], [], true).fault).toBeUndefined()
    expect(scan(nested(65), ['a']).fault).toEqual(['too_deep', 5 + 63])
  })

  it('may not be longer than the window', () => {
    const scanner = new Scanner(compilePaths(['a']), { capacityBytes: 128 })
    expect(() => scanRecord(scanner, Buffer.alloc(129))).toThrow('129 bytes; 128 are allowed')
  })

  it('may be looked at with another plan', () => {
    const scanner = new Scanner(compilePaths(['a']), { capacityBytes: 4096 })
    const names = Array.from({ length: 3000 }, (_, index) => `name${index}`)
    scanner.use(compilePaths(names))
    const rows = scanRecord(scanner, Buffer.from('{"name2999":7}'))
    expect([rows.kind(0, 2998), rows.kind(0, 2999)]).toEqual([0, 4])
  })
})
