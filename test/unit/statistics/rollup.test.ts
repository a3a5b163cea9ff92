import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STATISTICS_WINDOWS } from '../../../src/core/statistics/report.ts'
import {
  cover,
  DAY,
  floorTo,
  gatherable,
  HOUR,
  KEPT_MILLISECONDS,
  LATENESS_MILLISECONDS,
  MINUTE,
  minuteOf,
  nextRollup,
  windowStretch,
} from '../../../src/core/statistics/rollup.ts'

const NOW = Date.UTC(2026, 10, 12, 21, 37, 20)
const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })
const NONE = { hours: 0, days: 0 }

describe('the minute of a delta', () => {
  it('is that of its last observation', () => {
    expect(minuteOf(NOW - 61_000, NOW, NONE)).toBe(Date.UTC(2026, 10, 12, 21, 36))
  })

  it('is the present one when the isolate is ahead of us or too late', () => {
    for (const odd of [NOW + 1, NOW + DAY, NOW - LATENESS_MILLISECONDS - 1, 0])
      expect(minuteOf(odd, NOW, NONE)).toBe(Date.UTC(2026, 10, 12, 21, 37))
  })

  it('is never one that has been gathered, also when our clock is set back', () => {
    fc.assert(
      fc.property(times, times, times, (observedAt, now, alarmAt) => {
        const gathered = gatherable(alarmAt)
        expect(minuteOf(observedAt, now, gathered)).toBeGreaterThanOrEqual(gathered.hours)
      }),
    )
  })
})

describe('gathering', () => {
  it('waits until no delta can arrive any more', () => {
    expect(gatherable(Date.UTC(2026, 10, 12, 21, 14, 59))).toEqual({
      hours: Date.UTC(2026, 10, 12, 20),
      days: Date.UTC(2026, 10, 12),
    })
    expect(gatherable(Date.UTC(2026, 10, 12, 21, 15)).hours).toBe(Date.UTC(2026, 10, 12, 21))
  })

  it('is due again when the next hour can be gathered', () => {
    fc.assert(
      fc.property(times, (now) => {
        const next = nextRollup(now)
        expect(next).toBeGreaterThan(now)
        expect(gatherable(next).hours).toBe(gatherable(now).hours + HOUR)
        expect(gatherable(next - 1).hours).toBe(gatherable(now).hours)
      }),
    )
  })
})

describe('the stretches that answer a window', () => {
  it('reach at least as far back as asked, from a whole minute or hour', () => {
    expect(windowStretch('5m', NOW)).toEqual({
      from: Date.UTC(2026, 10, 12, 21, 32),
      to: Date.UTC(2026, 10, 12, 21, 38),
    })
    expect(windowStretch('7d', NOW).from).toBe(Date.UTC(2026, 10, 5, 21))
    expect(() => windowStretch('3y' as '7d', NOW)).toThrow('window is "3y", expected one of 5m, 1h, 24h, 7d')
  })

  it('are days, hours and minutes where there are such', () => {
    const { from, to } = windowStretch('7d', NOW)
    expect(cover(from, to, gatherable(NOW))).toEqual([
      { span: HOUR, from, to: Date.UTC(2026, 10, 6) },
      { span: DAY, from: Date.UTC(2026, 10, 6), to: Date.UTC(2026, 10, 12) },
      { span: HOUR, from: Date.UTC(2026, 10, 12), to: Date.UTC(2026, 10, 12, 21) },
      { span: MINUTE, from: Date.UTC(2026, 10, 12, 21), to },
    ])
    expect(cover(from, to, NONE)).toEqual([{ span: MINUTE, from, to }])
  })

  it('are the window exactly, without gap or overlap, and still kept', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STATISTICS_WINDOWS),
        times,
        fc.integer({ min: 0, max: 3 * DAY }),
        (window, now, behind) => {
          const { from, to } = windowStretch(window, now)
          const alarmAt = now - behind
          const gathered = gatherable(alarmAt)
          let reached = from
          for (const stretch of cover(from, to, gathered)) {
            expect(stretch.from).toBe(reached)
            expect(stretch.to).toBeGreaterThan(stretch.from)
            expect(floorTo(stretch.from, stretch.span)).toBe(stretch.from)
            expect(floorTo(stretch.to, stretch.span)).toBe(stretch.to)
            if (stretch.span === HOUR) expect(stretch.to).toBeLessThanOrEqual(gathered.hours)
            if (stretch.span === DAY) expect(stretch.to).toBeLessThanOrEqual(gathered.days)
            if (stretch.span === MINUTE && stretch.from < gathered.hours)
              expect(stretch.from).toBeGreaterThanOrEqual(alarmAt - KEPT_MILLISECONDS[MINUTE])
            reached = stretch.to
          }
          expect(reached).toBe(to)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
