/** The packed form of the zone table: what the generator writes, the decoder reads. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeTable } from '../../../ops/zone-table/encode.ts'
import { zoneHistory } from '../../../ops/zone-table/transitions.ts'
import * as table from '../../../src/core/time/zone-table.ts'
import { decodeTransitions } from '../../../src/core/time/zone-transitions.ts'

const history = fc.record({
  firstOffsetSeconds: fc.integer({ min: -43_200, max: 50_400 }),
  transitions: fc
    .array(
      fc.record({
        step: fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.constantFrom(18_144_000, 13_305_600)),
        changeSeconds: fc.constantFrom(3600, -3600, 1800, -86_400, 2670),
      }),
      { maxLength: 40 },
    )
    .map((steps) => {
      let epochSeconds = 0
      return steps.map(({ step, changeSeconds }) => {
        epochSeconds += step
        return { epochSeconds, changeSeconds }
      })
    }),
})

describe('the zone table', () => {
  it('gives back every history that was packed into it', () => {
    fc.assert(
      fc.property(fc.array(history, { minLength: 1, maxLength: 8 }), (histories) => {
        // Each history also with another beginning, so that tails are shared.
        const all = histories.flatMap((each) => [
          each,
          { ...each, firstOffsetSeconds: 0, transitions: each.transitions.slice(1) },
        ])
        const { lines, changeSeconds } = encodeTable(new Map(all.map((each, index) => [`Zone/${index}`, each])))
        for (const [index, { firstOffsetSeconds, transitions }] of all.entries()) {
          const line = lines.findIndex((each) => each.split('|')[0].split(',').includes(`Zone/${index}`))
          const decoded = decodeTransitions(lines, line, changeSeconds)
          const offsets = transitions.map(
            (_, last) =>
              firstOffsetSeconds + transitions.slice(0, last + 1).reduce((sum, each) => sum + each.changeSeconds, 0),
          )
          const starts = transitions.map((each) => each.epochSeconds * 1000)
          expect([...decoded.startMilliseconds]).toEqual([Number.NEGATIVE_INFINITY, ...starts])
          expect([...decoded.offsetSeconds]).toEqual([firstOffsetSeconds, ...offsets])
        }
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  it('shares the tail of a history with an earlier line', () => {
    const tail = [1, 2, 3, 4, 5, 6].map((year) => ({
      epochSeconds: year * 31_536_000,
      changeSeconds: year % 2 ? 3600 : -3600,
    }))
    const { lines } = encodeTable(
      new Map([
        ['A/Long', { firstOffsetSeconds: 0, transitions: tail }],
        ['B/Other', { firstOffsetSeconds: 7200, transitions: tail }],
        ['C/Same', { firstOffsetSeconds: 0, transitions: tail }],
      ]),
    )
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^A\/Long,C\/Same\|0\|/)
    expect(lines[1]).toBe('B/Other|7200||0|6')
  })

  it('finds the second at which an offset changes, twice within a day too', () => {
    const offsetAt = (second: number): number =>
      second < 100_000 ? 0 : second < 170_000 ? 3600 : second < 900_001 ? 7200 : 0
    expect(zoneHistory(offsetAt, 0, 1_000_000)).toEqual({
      firstOffsetSeconds: 0,
      transitions: [
        { epochSeconds: 100_000, changeSeconds: 3600 },
        { epochSeconds: 170_000, changeSeconds: 3600 },
        { epochSeconds: 900_001, changeSeconds: -7200 },
      ],
    })
  })

  it('stays below 50 kB and names each zone once', () => {
    const bytes = table.ZONE_LINES.join('').length
    const names = table.ZONE_LINES.flatMap((line) => line.slice(0, line.indexOf('|')).split(','))
    expect(bytes).toBeLessThan(50_000)
    expect(new Set(names).size).toBe(names.length)
  })
})
