/** What is taken out of an event's time where the sender's clock is wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantByOffset, type TimeMethod } from '../../../src/core/event/clock-offset.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const THRESHOLD = 5 * MINUTE
/** 2024-11-17T21:53:01.293Z. */
const RECEIVED = 1_731_880_381_293

describe('an event received at a known instant', () => {
  /** Stated and sent relative to the receipt, then the instant relative to it, the method, the uncertainty. */
  const cases: [string, number, number, number, TimeMethod, number][] = [
    ['sent at once by a right clock', -200, -200, -200, 'confirmed', 200],
    ['kept for an hour before it was sent', -HOUR, -300, -HOUR, 'confirmed', 300],
    ['sent exactly 5 minutes before', -6 * MINUTE, -THRESHOLD, -6 * MINUTE, 'confirmed', THRESHOLD],
    ['sent a millisecond more before', -6 * MINUTE, -THRESHOLD - 1, -MINUTE + 1, 'corrected', THRESHOLD],
    ['by a clock 2 minutes fast', 2 * MINUTE, 2 * MINUTE, 2 * MINUTE, 'confirmed', 2 * MINUTE],
    ['by a clock exactly 5 minutes fast', 4 * MINUTE, THRESHOLD, 4 * MINUTE, 'confirmed', THRESHOLD],
    ['by a clock 3 hours slow', -3 * HOUR - 10 * SECOND, -3 * HOUR, -10 * SECOND, 'corrected', THRESHOLD],
    ['by a clock 3 hours fast', 3 * HOUR - 10 * SECOND, 3 * HOUR, -10 * SECOND, 'corrected', THRESHOLD],
    ['kept for a day by a clock a year fast', 364 * 24 * HOUR, 365 * 24 * HOUR, -24 * HOUR, 'corrected', THRESHOLD],
    ['stated after its own sending', -HOUR, -3 * HOUR, 0, 'corrected', THRESHOLD + 2 * HOUR],
  ]
  it.each(cases)('%s', (_, stated, sentAt, instant, method, uncertainty) => {
    const readings = { stated: RECEIVED + stated, sentAt: RECEIVED + sentAt, receivedAt: RECEIVED }
    expect(instantByOffset(readings, THRESHOLD)).toEqual({
      epochMilliseconds: RECEIVED + instant,
      method,
      uncertaintyMilliseconds: uncertainty,
    })
  })
})

describe('whatever the clocks show', () => {
  const instant = fc.integer({ min: -2_208_988_800_000, max: 7_258_118_399_999 })
  const near = (spread: number) =>
    fc.tuple(instant, fc.integer({ min: -spread, max: spread })).map(([at, by]) => [at, at + by] as const)
  const threshold = fc.integer({ min: SECOND, max: 24 * HOUR })

  it('nothing is moved into the future', () => {
    fc.assert(
      fc.property(instant, instant, instant, threshold, (stated, sentAt, receivedAt, limit) => {
        const { epochMilliseconds } = instantByOffset({ stated, sentAt, receivedAt }, limit)
        expect(epochMilliseconds === stated || epochMilliseconds <= receivedAt).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })

  it('an offset within the threshold leaves the stated time alone', () => {
    fc.assert(
      fc.property(instant, near(THRESHOLD), (stated, [sentAt, receivedAt]) => {
        const settled = instantByOffset({ stated, sentAt, receivedAt }, THRESHOLD)
        expect(settled).toMatchObject({ epochMilliseconds: stated, method: 'confirmed' })
        expect(settled.uncertaintyMilliseconds).toBe(Math.abs(receivedAt - sentAt))
      }),
    )
  })

  it('a clock that is wrong by more than the threshold costs no more than the transit', () => {
    const wrong = fc.tuple(fc.boolean(), fc.integer({ min: 2 * THRESHOLD + 1, max: 40 * 365 * 24 * HOUR }))
    const waited = fc.integer({ min: 0, max: 7 * 24 * HOUR })
    const transit = fc.integer({ min: 0, max: THRESHOLD })
    fc.assert(
      fc.property(instant, waited, transit, wrong, (happened, wait, onTheWay, [isFast, by]) => {
        const error = isFast ? by : -by
        const sent = happened + wait
        const readings = { stated: happened + error, sentAt: sent + error, receivedAt: sent + onTheWay }
        const settled = instantByOffset(readings, THRESHOLD)
        expect(settled.method).toBe('corrected')
        expect(settled.epochMilliseconds - happened).toBe(onTheWay)
        expect(Math.abs(settled.epochMilliseconds - happened)).toBeLessThanOrEqual(
          settled.uncertaintyMilliseconds ?? -1,
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('the tries to send one event end within their transits of each other', () => {
    const tries = fc.array(fc.tuple(fc.integer({ min: 0, max: HOUR }), fc.integer({ min: 0, max: 10 * SECOND })), {
      minLength: 4,
      maxLength: 4,
    })
    fc.assert(
      fc.property(instant, tries, (happened, sendings) => {
        const error = -3 * HOUR
        const settled = sendings.map(([wait, transit]) => {
          const sent = happened + wait
          const readings = { stated: happened + error, sentAt: sent + error, receivedAt: sent + transit }
          return instantByOffset(readings, THRESHOLD).epochMilliseconds
        })
        expect(Math.max(...settled) - Math.min(...settled)).toBeLessThanOrEqual(10 * SECOND)
      }),
    )
  })
})
