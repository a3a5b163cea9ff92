import { describe, expect, it } from 'vitest'
import type { RecordOptions } from '../../../src/core/scan/records.ts'
import { faults, read, texts } from './read-records.ts'

describe('a record with a fault', () => {
  it('among lines is told with its line and byte, and its neighbours are read', () => {
    const reading = read('{"a":1}\n\n{"a":[1}\n{"a":"x}\n{"a":2} x\n"a\n{"a":3}\n', 3)
    expect(reading.records.map(({ fault, line, offset }) => [fault, line, offset])).toEqual([
      ['none', 1, 0],
      ['mismatched_bracket', 3, 9],
      ['unexpected_end', 4, 18],
      ['unexpected_byte', 5, 27],
      ['unexpected_end', 6, 37],
      ['none', 7, 40],
    ])
    expect(reading.records[3]?.text).toBe('{"a":2} x')
  })

  it('leaves nothing to the next line, wherever a line ends in a block of 64 bytes', () => {
    for (let length = 0; length < 200; length++) {
      const reading = read(`"${'x'.repeat(length)}\n{"a":"[","b":[1,{"c":"\\""}]}\n\\\n{"a":1}\n`, 1e6, {
        format: 'ndjson',
      })
      expect(faults(reading)).toEqual(['unexpected_end', 'none', 'unexpected_byte', 'none'])
    }
  })

  it('in an array does not end it while its brackets match', () => {
    const reading = read('[{"a":1},{"a":01},{"a" 1},{"a":2}]', 5)
    expect(faults(reading)).toEqual(['none', 'unexpected_byte', 'unexpected_byte', 'none'])
    expect(reading.records[2]).toMatchObject({ text: '{"a" 1}', offset: 18 })
    expect(reading.failure).toBeUndefined()
  })

  it.each([
    ['[{"a":1},{"a":[}},{"a":2}]', 'mismatched_bracket', 15],
    ['[{"a":1} {"a":2}]', 'unexpected_byte', 9],
    ['[{"a":1},]', 'unexpected_byte', 9],
    ['[{"a":1},,{"a":2}]', 'unexpected_byte', 9],
    ['{\n"a":1}]\n{"a":2}', 'unexpected_byte', 8],
  ])('that hides where the next begins ends the input: %s', (input, code, offset) => {
    for (const pieceBytes of [1, 100]) {
      const reading = read(input, pieceBytes)
      expect(faults(reading)).toEqual(['none', code])
      expect(reading.failure).toEqual([code, offset])
    }
  })

  it('is found strictly in any form if that is asked', () => {
    const record = '{"x":01}'
    for (const input of [`${record}\n`, `[${record}]`, `{"hits":{"hits":[${record}]}}`, `{\n"x":01}`]) {
      expect(faults(read(input, 1e6, { strict: true }))).toEqual(['unexpected_byte'])
      expect(faults(read(input))).toEqual(['none'])
    }
  })
})

describe('an input that is cut off', () => {
  const CUT: Record<string, readonly [string, readonly number[]]> = {
    'an array': ['[{"a":1},{"b":"]}"}]', []],
    'a page': ['{"took":1,"hits":{"total":3,"hits":[{"a":1}],"x":[1]},"y":2}', []],
    // Behind a whole record nothing is missing, though no line feed follows.
    lines: ['{"a":1}\n{"b":"\\"}"}', [7, 8]],
    'printed records': ['{\n"a":1}\n{"b":"\\"}"}', [8, 9]],
    '_bulk pairs': ['{"index":{}}\n{"a":1}\n{"delete":{}}\n{"index":{}}\n{"b":2}', [20, 21, 34, 35]],
  }

  it.each(Object.entries(CUT))('as %s ends with an error, at whatever byte', (_, [input, whole]) => {
    expect(read(input).failure).toBeUndefined()
    const format = read(input).format as RecordOptions['format']
    for (let end = 1; end < input.length; end++) {
      for (const pieceBytes of [1, 100]) {
        const { failure } = read(input.slice(0, end), pieceBytes, { format })
        if (whole.includes(end)) expect(failure, input.slice(0, end)).toBeUndefined()
        else expect(failure?.[0], input.slice(0, end)).toBe('cut_off')
      }
    }
  })

  it('names where the record begins that is not whole', () => {
    expect(read('{"a":1}\n{"a":"x').failure).toEqual(['cut_off', 8])
    expect(read('[{"a":1},\n{"a":').failure).toEqual(['cut_off', 10])
    expect(read('[{"a":1},\n').failure).toEqual(['cut_off', 10])
    expect(read('{"index":{}}\n').failure).toEqual(['cut_off', 0])
  })

  it('keeps the records before', () => {
    expect(texts(read('[{"a":1},{"a":2},{"a', 3)).slice(0, 2)).toEqual(['{"a":1}', '{"a":2}'])
  })
})

describe('search pages', () => {
  it.each([
    ['{"error":{"status":404}}', 'no_hits', 23],
    ['{"hits":{"total":0}}', 'no_hits', 19],
    ['{"hits":{"hits":[]}} x', 'unexpected_byte', 21],
    ['{"took":1 "hits":{}}', 'unexpected_byte', 10],
    ['{"took":1,}', 'unexpected_byte', 10],
    ['{"took":[}]}', 'unexpected_byte', 9],
  ])('are refused as %s', (input, code, offset) => {
    for (const pieceBytes of [1, 100])
      expect(read(input, pieceBytes, { format: 'pages' }).failure).toEqual([code, offset])
  })
})
