/** Wall-clock times in a zone against the offsets they are resolved with. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { instantOfLocal } from '../../../src/core/event/local-instant.ts'
import { offsetSeconds } from '../../../src/core/time/zones.ts'

const ZONES = [
  'America/New_York',
  'America/Phoenix',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Europe/London',
  'Pacific/Apia',
]
const from1971 = fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2035, 0) })
/** Half of them within two hours of a change of clocks in New York. */
const instants = fc.oneof(
  from1971,
  fc
    .tuple(
      fc.constantFrom(Date.UTC(2024, 2, 10, 7), Date.UTC(2024, 10, 3, 6)),
      fc.integer({ min: -7_200_000, max: 7_200_000 }),
    )
    .map(([change, distance]) => change + distance),
)

it('resolves what a clock showed to that instant, or to the earlier one that showed the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), instants, (zone, instant) => {
      const shown = instant + (offsetSeconds(zone, instant) as number) * 1000
      const resolved = instantOfLocal(zone, shown) as number
      expect(resolved).toBeLessThanOrEqual(instant)
      expect(resolved + (offsetSeconds(zone, resolved) as number) * 1000).toBe(shown)
    }),
    { numRuns: 5000 },
  )
})

it('moves a time that was skipped on by what was skipped', () => {
  const skipped = Date.UTC(2024, 2, 10, 2, 30)
  expect(instantOfLocal('America/New_York', skipped)).toBe(Date.UTC(2024, 2, 10, 7, 30))
  // Samoa left out 30 December 2011.
  expect(instantOfLocal('Pacific/Apia', Date.UTC(2011, 11, 30, 12))).toBe(Date.UTC(2011, 11, 30, 22))
})

it('knows no instant in a zone that does not exist', () => {
  expect(instantOfLocal('Mars/Olympus', 0)).toBeUndefined()
})
