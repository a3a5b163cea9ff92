import { describe, expect, it } from 'vitest'
import { mergeHours, seriesCounts, windowOf } from '../../../src/core/drift/window-counts.ts'
import { BinRecorder } from '../../../src/core/statistics/bin-counts.ts'
import { HOUR, hoursUntil, MONDAY, present } from './small-profile.ts'

describe('hours', () => {
  it('of the same start are added up, series by series', () => {
    const a = { startsAt: MONDAY, fields: { x: present([1, 2], 3) }, outputs: {} }
    const b = { startsAt: MONDAY, fields: { x: present([10, 20], 30), y: present([5]) }, outputs: { x: present([7]) } }
    const merged = {
      startsAt: MONDAY,
      fields: { x: present([11, 22], 33), y: present([5]) },
      outputs: { x: present([7]) },
    }
    expect(mergeHours([a, b])).toEqual([merged])
    expect(mergeHours([b, a])).toEqual([merged])
  })

  it('come in order, and are not mixed up when their bins differ', () => {
    const late = { startsAt: MONDAY + HOUR, fields: { x: present([1]) }, outputs: {} }
    const early = { startsAt: MONDAY, fields: { x: present([1]) }, outputs: {} }
    expect(mergeHours([late, early])).toEqual([early, late])
    expect(() => mergeHours([early, { ...early, fields: { x: present([1, 2]) } }])).toThrow(
      '"x": expected 1 bins as before, got 2.',
    )
  })

  it('of a window are those that begin in it', () => {
    const hours = hoursUntil(MONDAY + 2 * HOUR, 30, () => ({}))
    expect(windowOf(hours, 24, MONDAY).map(({ startsAt }) => startsAt)).toEqual(
      Array.from({ length: 24 }, (_, index) => MONDAY - (24 - index) * HOUR),
    )
  })
})

it('counted values beyond the layout lie in its outer bins, and what is not a number is missing', () => {
  const recorder = new BinRecorder({ lowest: 0, highest: 1, bins: 2 })
  for (const value of [-1, 0.1, 0.9, 1.5, 2, Number.NaN, Number.POSITIVE_INFINITY]) recorder.record(value)
  expect(seriesCounts(recorder.toCounts())).toEqual({ counts: [2, 3], missing: 2 })
})
