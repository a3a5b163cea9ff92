/** The parts that read and write JSON text, each against JSON itself. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonFault } from '../../../src/protocol/json-fault.ts'
import { jsonText } from '../../../src/protocol/json-text.ts'
import { parseJson } from '../../../src/protocol/parse-json.ts'
import { thrownFailure } from '../../support/thrown-failure.ts'

it('finds a fault exactly where JSON.parse refuses', () => {
  const accepts = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'u00e9',
    '0',
    '1',
    '-',
    '+',
    '.',
    'e',
    'null',
    'fals',
    'true',
    '\n',
    '\t',
    ' ',
    '"a"',
    '"a":1',
    'é',
    '\u0000',
  )
  const mutated = fc.tuple(fc.json(), fc.nat(), pieces).map(([text, place, piece]) => {
    const at = place % (text.length + 1)
    return text.slice(0, at) + piece + text.slice(at + 1)
  })
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: pieces, maxLength: 12 }), mutated), (text) => {
      expect(findJsonFault(text, 0, text.length) === undefined).toBe(accepts(text))
    }),
    { numRuns: 20_000 },
  )
})

describe('jsonText', () => {
  it('writes the integers it was given, however long', () => {
    const text = '{"id":99926275868403174266,"list":[-12345678901234567890,1.5,"9"]}'
    expect(jsonText(parseJson(text))).toBe(text)
  })

  it('writes what JSON.stringify writes where no bigint stands', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonText(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })
})

describe('parseJson', () => {
  it('tells the line of a file', () => {
    const failure = thrownFailure(() => parseJson('{"a":}', 41))
    expect(failure.path).toBe('line 41')
    expect(failure.message).toBe('not JSON: expected a value at line 41, column 6, found "}"')
  })

  it('tells no line where there is only one', () => {
    expect(thrownFailure(() => parseJson('[')).path).toBeUndefined()
  })
})
