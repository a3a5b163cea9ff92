import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure, type FailureCode } from '../../../src/core/failure.ts'
import { readBody } from '../../../src/protocol/body.ts'
import { type BodyForm, StreamLimits } from '../../../src/protocol/stream-limits.ts'

const BOUNDS = { maxEvents: 3, maxKeys: 10, described: 'these are the limits' }

const refusal = (
  text: string,
  form: BodyForm = 'events',
  bounds = BOUNDS,
  chunkBytes = 7,
): { readonly code: FailureCode; readonly after: number } | null => {
  const bytes = new TextEncoder().encode(text)
  const limits = new StreamLimits(bounds, form)
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    try {
      limits.push(bytes.subarray(at, at + chunkBytes))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { code: error.code, after: at + chunkBytes }
    }
  }
  return null
}

const DEEP = { ...BOUNDS, maxKeys: 1_000 }
const code = (text: string, form?: BodyForm, bounds = BOUNDS): FailureCode | null =>
  refusal(text, form, bounds)?.code ?? null

describe('a body while it comes', () => {
  it('passes when it is within the limits, wherever its chunks end', () => {
    const text = '[{"a":"x,]}\\"[","b":1},\n{"c":[1,2,3,4,5]},\n{"d":null}]'
    for (let bytes = 1; bytes <= text.length; bytes++) expect(refusal(text, 'events', BOUNDS, bytes)).toBeNull()
  })

  it('is refused at the bracket, key or event that is too much', () => {
    expect(refusal('['.repeat(1_000), 'events', DEEP)).toEqual({ code: 'too_deep', after: 70 })
    expect(refusal('{"a":[[],{},[],{},[],{},[],{},[],{}]}')).toEqual({ code: 'too_many_keys', after: 35 })
    expect(refusal('{"a":1,'.repeat(1_000))).toEqual({ code: 'too_many_keys', after: 77 })
    expect(refusal(`[\n${'0,'.repeat(1_000)}`)).toEqual({ code: 'too_many_events', after: 14 })
    expect(refusal('{}\n'.repeat(1_000))).toEqual({ code: 'too_many_events', after: 14 })
    expect(refusal('"\n'.repeat(1_000), 'lines')).toEqual({ code: 'too_many_events', after: 14 })
  })

  it('counts nothing inside strings, and is right again after a line with a broken one', () => {
    expect(code(`["${'[:,'.repeat(1_000)}"]`)).toBeNull()
    expect(code(`["\\"${'[:,'.repeat(1_000)}"]`)).toBeNull()
    expect(code('{"a":"broken\n{"b":1}\n{"c":2}', 'lines')).toBeNull()
    expect(code('{"a":"broken\n{"b":1}\n{"c":2}\n{"d":2}\n', 'lines')).toBe('too_many_events')
  })

  it('leaves to each line how deep it is, and to the end what only the end tells', () => {
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`
    expect(code(`{}\n${deep}\n{}`, 'events', DEEP)).toBeNull()
    expect(code(`{"a":${deep}}\n{}`, 'events', DEEP)).toBeNull()
    expect(code(`{"events":[${'0,'.repeat(100)}0],"createdDateTime":1}`)).toBeNull()
  })

  it('is not refused for a first line that lacks an end, where others may follow', () => {
    expect(code('{"events":[\n1,\n2,\n3,\n4\n]}', 'lines')).toBeNull()
    expect(code(`{"a":${'['.repeat(60)}}\n{"b":${'['.repeat(20)}`, 'events', DEEP)).toBeNull()
    expect(code(`{"a":\n${'['.repeat(70)}`, 'events', DEEP)).toBe('too_deep')
  })

  it('takes no byte order mark for an event', () => {
    expect(code('\ufeff\n{}\n{}\n{}\n', 'lines')).toBeNull()
    expect(code('\ufeff[\n1,2,3,4]')).toBe('too_many_events')
  })

  it('takes a first line of 64 KiB for the whole body', () => {
    const padding = 'x'.repeat(65_536)
    expect(code(`{"a":"${padding}","b":${'['.repeat(100)}`, 'events', DEEP)).toBe('too_deep')
    expect(code(`["${padding}",1,2,3]`)).toBe('too_many_events')
    expect(code('[0,1,2,3,4]\n{"a":1}')).toBeNull()
  })

  it('has no events where it is one document', () => {
    expect(code('[1,2,3,4,5,6,7]', 'json')).toBeNull()
    expect(code('{"a":1}'.repeat(11), 'json')).toBe('too_many_keys')
    expect(code('{"a":'.repeat(100), 'json')).toBe('too_many_keys')
    expect(code(`{"a":${'['.repeat(64)}`, 'json', DEEP)).toBe('too_deep')
  })

  it('is never refused for what reading the whole of it would take, but for its keys', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '\n', ' ', '1', '{"a":1}', '[0,1]', '"s"')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 9 }), (pieces, chunk) => {
        const text = pieces.join('')
        const seen = refusal(text, 'events', { ...BOUNDS, maxKeys: 1e9 }, chunk)
        if (seen === null) return
        const limits = { maxBodyBytes: 1e9, maxEvents: BOUNDS.maxEvents }
        expect(() => readBody(new TextEncoder().encode(text), { contentType: null, batch: false, limits })).toThrow()
      }),
      { numRuns: 20_000 },
    )
  })
})
