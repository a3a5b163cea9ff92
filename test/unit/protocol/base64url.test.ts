import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toDottedBase64Url } from '../../../src/protocol/base64url.ts'

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

describe('base64url', () => {
  it("is what Node's own is, and reads back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 40 }), (first, second) => {
        const text = toDottedBase64Url(first, second)
        expect(text).toBe(`${textOf(first)}.${textOf(second)}`)
        expect(text.split('.').map(fromBase64Url)).toEqual([new Uint8Array(first), new Uint8Array(second)])
      }),
    )
  })

  it.each(['a', 'abcde', 'ab=', 'ab+d', 'ab/d', 'ab d', 'äbcd'])('does not read "%s"', (text) => {
    expect(fromBase64Url(text)).toBeNull()
  })
})
