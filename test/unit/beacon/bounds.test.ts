import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canHeal, fitting, ROOM_BYTES, retryMilliseconds, sizeOf, surplus } from '../../../src/beacon/bounds.ts'

const line = fc.string({ unit: 'grapheme', maxLength: 40 })
const bytesOf = (lines: readonly string[]): number => Buffer.byteLength(lines.map((one) => `${one}\n`).join(''))

describe('what goes at once', () => {
  it('is as many of the oldest as fit, in bytes and not in letters', () => {
    fc.assert(
      fc.property(fc.array(line), fc.nat(400), (lines, room) => {
        const count = fitting(lines, room)
        expect(bytesOf(lines.slice(0, count))).toBeLessThanOrEqual(room)
        if (count < lines.length) expect(bytesOf(lines.slice(0, count + 1))).toBeGreaterThan(room)
      }),
    )
    expect(sizeOf('é')).toBe(3)
    expect(fitting(['ééé', 'é'], 7)).toBe(1)
  })

  it('leaves room for what stands around events: 64 KiB in all', () => {
    const timings = Array.from({ length: 100 }, () => ({ route: '/v1/predict', milliseconds: 12_345.6 }))
    const around = {
      sent_at: 1731880381293,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
      timings,
      events: [],
    }
    expect(ROOM_BYTES + JSON.stringify(around).length).toBeLessThanOrEqual(65_536)
  })
})

describe('what waits', () => {
  it('is bounded in count and bytes: the oldest are too many, and no more of them than need be', () => {
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 20 }), fc.nat(600), (lines, mostEvents, mostBytes) => {
        const many = surplus(lines, mostEvents, mostBytes)
        const kept = lines.slice(many)
        expect(kept.length).toBeLessThanOrEqual(mostEvents)
        expect(bytesOf(kept)).toBeLessThanOrEqual(mostBytes)
        const more = lines.slice(many - 1)
        if (many > 0) expect(more.length > mostEvents || bytesOf(more) > mostBytes).toBe(true)
      }),
    )
    expect(surplus(['a', 'b', 'c'], 2, 1_000)).toBe(1)
    expect(surplus(['a', 'b', 'c'], 3, 4)).toBe(1)
    expect(surplus([], 3, 4)).toBe(0)
  })
})

describe('after a failure', () => {
  it.each([408, 429, 500, 502, 503, 504])('%i may heal', (status) => expect(canHeal(status)).toBe(true))
  it.each([400, 401, 403, 404, 413, 415, 422])('%i does not', (status) => expect(canHeal(status)).toBe(false))

  it('the wait doubles from a second or two to a minute, half of it by chance', () => {
    const least = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => retryMilliseconds(failures, 0, 0))
    expect(least).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    const most = [1, 2, 3, 4, 5, 6, 7, 2_000].map((failures) => retryMilliseconds(failures, 0, 1))
    expect(most).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('the wait is as long as the server said, up to five minutes, and not shorter than its own', () => {
    expect(retryMilliseconds(1, 10, 0)).toBe(10_000)
    expect(retryMilliseconds(1, 86_400, 0)).toBe(300_000)
    expect(retryMilliseconds(5, 1, 0)).toBe(16_000)
    // A date, which is not read.
    expect(retryMilliseconds(1, Number('Wed, 25 Nov 2026 12:00:00 GMT'), 0)).toBe(1_000)
  })
})
