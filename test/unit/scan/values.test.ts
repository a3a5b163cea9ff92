import { describe, expect, it } from 'vitest'
import { readNumber, readString } from '../../../src/core/scan/values.ts'

const number = (text: string): number | bigint => readNumber(Buffer.from(` ${text} `), 1, 1 + text.length)

const string = (text: string): string => {
  const bytes = Buffer.from(` ${text} `)
  return readString(bytes, 1, bytes.length - 1)
}

describe('a number', () => {
  it.each([
    '0',
    '-0',
    '7',
    '-7',
    '1731880381293',
    '999999999999999',
    '-999999999999999',
    '1.5',
    '1e3',
    '1E-7',
    '-0.0',
    '1e400',
  ])('%s is what JSON.parse says', (text) => {
    expect(number(text)).toBe(JSON.parse(text))
  })

  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-99926275868403174266', -99926275868403174266n],
    ['1'.repeat(128), BigInt('1'.repeat(128))],
    ['1'.repeat(129), Number('1'.repeat(129))],
    ['9007199254740993.5', 9007199254740994],
    ['1e20', 1e20],
  ] as const)('%s is exact if it is an integer of at most 128 digits', (text, expected) => {
    expect(number(text)).toBe(expected)
  })
})

describe('a string', () => {
  it.each([
    ...[
      '""',
      '"94107"',
      '"0b541211-6f65-4b6e-bb0c-ded5ad3e78c7"',
      '"é"',
      '"名前 😀"',
      '"\\u00e9"',
      '"a\\"b\\\\c\\/\\b\\f\\n\\r\\t"',
    ],
    ...[
      '"\\ud83d\\ude00"',
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '"\\ufeffx"',
      '"\ufeffx"',
      '"\u007f\u2028"',
      `"${'x'.repeat(500)}\\n"`,
    ],
  ])('%s is what JSON.parse says', (text) => {
    expect(string(text)).toBe(JSON.parse(text))
  })
})
