import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DRIFT_CONFIG } from '../../../src/core/drift/config.ts'
import { judgeDrift } from '../../../src/core/drift/judge.ts'
import type { HourCounts } from '../../../src/core/drift/window-counts.ts'
import { hourOfWeek } from '../../../src/core/profile/reference-profile.ts'
import { seededRandom } from '../../../src/training/random.ts'
import {
  allIn,
  FROM_THE_FIRST_HOUR,
  HOUR,
  hoursUntil,
  MONDAY,
  present,
  reportsOf,
  spread,
  verdicts,
  viewOf,
} from './small-profile.ts'

/** Bins of latitude whose shares follow the hour of the week. */
const weights = (slice: number): number[] =>
  Array.from({ length: 10 }, (_, bin) => 2 + Math.sin(slice / 4 + bin) + (slice >= 120 ? bin / 4 : 0))
const latitude = {
  name: 'latitude',
  kind: 'continuous',
  range: [20, 60],
  bins: { edges: [24, 28, 32, 36, 40, 44, 48, 52, 56] },
  counts: (slice: number) => spread(weights(slice), 5000),
  missing: () => 150,
} as const
const device = {
  name: 'device',
  kind: 'discrete',
  bins: { values: [0, 1, 2, 3] },
  counts: () => [2500, 1500, 800, 200, 0],
} as const
const LAYOUT = { lowest: 0, highest: 1, bins: 20 }
const bell = (middle: number): number[] =>
  Array.from({ length: 20 }, (_, bin) => Math.exp(-(((bin + 0.5) / 20 - middle) ** 2) / 2 / 0.1 ** 2))
const score = {
  name: 'score',
  layout: LAYOUT,
  counts: (slice: number) => spread(bell(0.4 + 0.1 * Math.sin(slice / 4)), 5000),
}
const reference = viewOf({ fields: [latitude, device], outputs: [score] })

const traffic = (
  of: (startsAt: number) => Parameters<typeof Object.assign>[0],
  hours = 168,
  until = MONDAY,
): HourCounts[] => hoursUntil(until, hours, of)
const asTrained = (size: number) => (startsAt: number) => {
  const slice = hourOfWeek(startsAt)
  return {
    fields: {
      latitude: present(spread(weights(slice), size), Math.round(size * 0.03)),
      device: present(spread([2500, 1500, 800, 200, 0], size)),
    },
    outputs: { score: present(spread(score.counts(slice), size)) },
  }
}
/** The same with one series replaced in each hour. */
const but =
  (size: number, replaced: Record<string, { counts: readonly number[]; missing?: number }>) => (startsAt: number) => {
    const { fields, outputs } = asTrained(size)(startsAt)
    const merged: Record<string, { counts: readonly number[]; missing: number }> = { ...fields, ...outputs }
    for (const [name, { counts, missing = 0 }] of Object.entries(replaced)) merged[name] = { counts, missing }
    const { score: output, ...others } = merged
    return { fields: others, outputs: { score: output } }
  }

describe('traffic as in training', () => {
  it.each([1, 5, 24, 100, 168])('raises nothing in %i hours, whatever hours they are', (hours) => {
    for (const until of [MONDAY, MONDAY + 5 * HOUR, MONDAY + 77 * HOUR])
      for (const { series } of judgeDrift(
        reference,
        traffic(asTrained(4000), hours, until),
        until,
        FROM_THE_FIRST_HOUR,
      ))
        for (const { verdict, coverage } of series) {
          expect(verdict).toBe('stable')
          expect(coverage).toBe(1)
        }
  })

  it('raises nothing in small samples either, although their distances are large', () => {
    const random = seededRandom(5)
    const pick = (shares: readonly number[]): number => {
      let left = random() * shares.reduce((sum, share) => sum + share, 0)
      return shares.findIndex((share) => {
        left -= share
        return left < 0
      })
    }
    let greatest = 0
    for (let repeat = 0; repeat < 40; repeat++) {
      const until = MONDAY + repeat * HOUR
      const blocks = traffic(
        (startsAt) => {
          const shares = weights(hourOfWeek(startsAt))
          const counts = new Array<number>(10).fill(0)
          for (let event = 0; event < 510; event++) counts[pick(shares)]++
          return { fields: { latitude: present(counts, 15) } }
        },
        1,
        until,
      )
      const { '1h': report } = reportsOf(reference, blocks, until, 'latitude', {
        ...DRIFT_CONFIG,
        windows: DRIFT_CONFIG.windows.map((rule) => ({
          ...rule,
          minimumEvents: 500,
          least: { ...rule.least, jensen_shannon: 0.02 },
        })),
      })
      greatest = Math.max(greatest, report.shift?.effect.value ?? 0)
      expect(report.verdict).toBe('stable')
    }
    expect(greatest).toBeGreaterThan(0.06)
  })
})

describe('what has moved', () => {
  it('a sensor stuck at one value is found within its hour', () => {
    const until = MONDAY + HOUR
    const blocks = traffic(asTrained(4000), 168).slice(1)
    const stuck = traffic(but(4000, { latitude: { counts: allIn(10, 5, 4000) } }), 1, until)
    const reports = reportsOf(reference, [...blocks, ...stuck], until, 'latitude')
    expect(reports['1h']).toMatchObject({ verdict: 'drifted', causes: ['shape'], events: 4000 })
    expect(reports['1h'].shift?.test).toBe('kolmogorov_smirnov')
    expect(reports['7d'].verdict).toBe('stable')
  })

  it('a score that is 0.1 standard deviations higher is found over the week, and its distance says by how much', () => {
    const shifted = (startsAt: number) => {
      const middle = 0.4 + 0.1 * Math.sin(hourOfWeek(startsAt) / 4) + 0.1 * 0.122
      return { outputs: { score: present(spread(bell(middle), 20_000)) } }
    }
    const reports = reportsOf(reference, traffic(shifted), MONDAY, 'score')
    expect(reports['7d']).toMatchObject({ kind: 'score', verdict: 'drifted', causes: ['shape'] })
    expect(reports['7d'].shift?.effect.name).toBe('wasserstein')
    expect(reports['7d'].shift?.effect.value).toBeCloseTo(0.1, 2)
    expect(reports['24h'].verdict).toBe('stable')
  })

  it('a shift is found in a score that has a strong rhythm of its own, and is not taken for its wandering', () => {
    const shifted = (startsAt: number) => {
      const middle = 0.4 + 0.1 * Math.sin(hourOfWeek(startsAt) / 4) + 0.04
      return { outputs: { score: present(spread(bell(middle), 20_000)) } }
    }
    const { '24h': report } = reportsOf(reference, traffic(shifted, 40), MONDAY, 'score')
    expect(report.verdict).toBe('drifted')
    expect(report.sizes.current_effective).toBeGreaterThan(3000)
  })

  it('missing values have a test of their own', () => {
    const blocks = traffic(
      but(4000, { latitude: { counts: spread([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 10), missing: 3990 } }),
    )
    const reports = reportsOf(reference, blocks, MONDAY, 'latitude')
    expect(reports['24h']).toMatchObject({ verdict: 'drifted', causes: ['missing'], shift: null })
    expect(reports['24h'].missing?.share).toBeCloseTo(0.9975, 12)
    expect(reports['24h'].missing?.expected_share).toBeCloseTo(150 / 5150, 4)
  })

  it('values that are missing as often as in training raise nothing, nor do values that were never missing', () => {
    const reports = reportsOf(reference, traffic(asTrained(4000)), MONDAY, 'device')
    expect(reports['24h'].missing).toMatchObject({ share: 0, expected_share: 0, p: 1 })
  })

  it('new categories are named and tested', () => {
    const blocks = traffic(but(4000, { device: { counts: [1960, 1180, 620, 150, 90] } }))
    const reports = reportsOf(reference, blocks, MONDAY, 'device')
    expect(reports['24h']).toMatchObject({ verdict: 'drifted', kind: 'discrete' })
    expect(reports['24h'].causes).toContain('new_values')
    expect(reports['24h'].new_values).toMatchObject({ share: 0.0225, expected_share: 0 })
    expect(reports['24h'].shift?.test).toBe('chi_square')
    expect(reports['24h'].shift?.shown.kolmogorov_smirnov.added_error).toBe(0)
  })

  it('labels are compared as categories', () => {
    const layout = { lowest: 0, highest: 3, bins: 3 }
    const labelled = viewOf({ outputs: [{ name: 'class', layout, counts: () => [500, 300, 0] }] }, ['class'])
    const blocks = traffic(() => ({ outputs: { class: present([300, 900, 300]) } }))
    const { '24h': report } = reportsOf(labelled, blocks, MONDAY, 'class')
    expect(report).toMatchObject({ kind: 'label', verdict: 'drifted', causes: ['shape', 'new_values'] })
    expect(report.shift?.effect.name).toBe('jensen_shannon')
    expect(report.shift?.shown.wasserstein).toBeNull()
  })
})

describe('a verdict', () => {
  it('waits for enough events, and says when there are none', () => {
    const few = traffic(asTrained(40), 10)
    expect(verdicts(reportsOf(reference, few, MONDAY, 'latitude'))).toEqual({
      '1h': 'too_few',
      '24h': 'too_few',
      '7d': 'too_few',
    })
    const none = reportsOf(reference, [], MONDAY, 'latitude')
    expect(none['1h']).toMatchObject({ verdict: 'no_data', events: 0, coverage: null, current: null, missing: null })
    expect(
      verdicts(reportsOf(reference, [{ startsAt: MONDAY, fields: {}, outputs: {} }], MONDAY + HOUR, 'score'))['1h'],
    ).toBe('no_data')
  })

  it('waits for half of the hours of its window: a shift that counts over a week is chance in an hour', () => {
    const flat = viewOf({ outputs: [{ ...score, counts: () => spread(bell(0.4), 5000) }] })
    const shifted = () => ({ outputs: { score: present(spread(bell(0.43), 20_000)) } })
    const seenFor = (hours: number) => verdicts(reportsOf(flat, traffic(shifted, hours), MONDAY, 'score'))
    expect(seenFor(11)).toEqual({ '1h': 'stable', '24h': 'too_few', '7d': 'too_few' })
    expect(seenFor(12)).toEqual({ '1h': 'stable', '24h': 'drifted', '7d': 'too_few' })
    expect(seenFor(83)).toMatchObject({ '7d': 'too_few' })
    expect(seenFor(84)).toMatchObject({ '7d': 'drifted' })
  })

  it('waits for enough rows of the reference as well', () => {
    const thin = viewOf({
      fields: [{ ...latitude, counts: () => spread([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 10), missing: () => 0 }],
    })
    const reports = reportsOf(
      thin,
      traffic(but(4000, { latitude: { counts: allIn(10, 1, 4000) } })),
      MONDAY,
      'latitude',
    )
    expect(reports['1h'].verdict).toBe('too_few')
    expect(reports['7d'].verdict).toBe('drifted')
  })

  it('wants an effect that matters: any difference is significant in enough events', () => {
    const blocks = traffic(but(4_000_000, { device: { counts: spread([2550, 1450, 800, 200, 0], 4_000_000) } }))
    const loose = { ...DRIFT_CONFIG, wander: { ...DRIFT_CONFIG.wander, least: 0, greatest: 0 } }
    const { '7d': report } = reportsOf(reference, blocks, MONDAY, 'device', loose)
    expect(report.shift?.adjusted_p).toBeLessThan(1e-6)
    expect(report.verdict).toBe('stable')
  })

  it('shows both distributions, over the hours of the window', () => {
    const until = MONDAY + 3 * HOUR
    const { '1h': report } = reportsOf(reference, traffic(asTrained(5000), 3, until), until, 'latitude')
    const expected = weights(2).map((weight) => weight / weights(2).reduce((sum, other) => sum + other, 0))
    for (const [bin, share] of expected.entries()) {
      expect(report.current?.[bin]).toBeCloseTo(share, 3)
      expect(report.expected?.[bin]).toBeCloseTo(share, 3)
    }
    expect(report.bins).toEqual({ edges: latitude.bins.edges })
    expect(report.sizes.reference).toBeCloseTo(5000, -1)
    expect(report.sizes.current_effective).toBeLessThan(report.sizes.current)
  })

  it('is adjusted over all tests of its window', () => {
    const [window] = judgeDrift(reference, traffic(asTrained(4000)), MONDAY, DRIFT_CONFIG)
    const p = window.series.flatMap(({ shift, missing, new_values }) =>
      [shift, missing, new_values].flatMap((test) => test ?? []),
    )
    for (const test of p) expect(test.adjusted_p).toBeGreaterThanOrEqual(test.p)
    expect(p.length).toBe(7)
  })

  it('does not come from counts in other bins than the reference has', () => {
    const blocks = traffic(() => ({ fields: { latitude: present([1, 2, 3]) } }))
    expect(() => judgeDrift(reference, blocks, MONDAY, DRIFT_CONFIG)).toThrow(
      'field "latitude": expected 10 bins as in the reference, got 3.',
    )
  })

  it('is that of the whole, however it was counted in parts', () => {
    const whole = traffic(asTrained(3000), 24)
    const expected = JSON.stringify(judgeDrift(reference, whole, MONDAY, DRIFT_CONFIG))
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }), (cuts) => {
        const part = (share: number, counts: readonly number[]) => counts.map((count) => Math.floor(count * share))
        const parts = whole.flatMap(({ startsAt, fields, outputs }) => {
          const cut = cuts[(startsAt / HOUR) % cuts.length]
          const split = (byName: HourCounts['fields'], isFirst: boolean) =>
            Object.fromEntries(
              Object.entries(byName).map(([name, { counts, missing }]) => {
                const first = part(cut, [...counts, missing])
                const [own, absent] = isFirst
                  ? [first.slice(0, -1), first.at(-1) ?? 0]
                  : [counts.map((count, bin) => count - first[bin]), missing - (first.at(-1) ?? 0)]
                return [name, { counts: own, missing: absent }]
              }),
            )
          return [true, false].map((isFirst) => ({
            startsAt,
            fields: split(fields, isFirst),
            outputs: split(outputs, isFirst),
          }))
        })
        expect(JSON.stringify(judgeDrift(reference, parts.toReversed(), MONDAY, DRIFT_CONFIG))).toBe(expected)
      }),
      { numRuns: 10 },
    )
  })
})

describe('a reference that knows no hours', () => {
  const one = viewOf({ fields: [{ ...device, counts: () => [250_000, 150_000, 80_000, 20_000, 0] }], byHour: false })

  it('is compared over whole days only', () => {
    const reports = reportsOf(one, traffic(asTrained(4000)), MONDAY, 'device')
    expect(verdicts(reports)).toEqual({ '1h': 'no_data', '24h': 'stable', '7d': 'stable' })
    expect(reports['1h'].coverage).toBe(0)
    const moved = traffic(but(4000, { device: { counts: [800, 1200, 1000, 1000, 0] } }))
    expect(verdicts(reportsOf(one, moved, MONDAY, 'device'))).toEqual({
      '1h': 'no_data',
      '24h': 'drifted',
      '7d': 'drifted',
    })
  })
})
