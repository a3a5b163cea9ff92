import { describe, expect, it } from 'vitest'
import { hoursInTurn, newestHour, recentHours } from '../../../src/serving/archive/archive-hours.ts'

const HOUR = 3_600_000
const at = (text: string): number => Date.parse(text)

describe('the hours a run of compaction looks at', () => {
  it('begin with the newest whose end is old enough', () => {
    const newest = newestHour(at('2026-11-25T15:07:00Z'), 2 * HOUR)
    expect(recentHours(newest, 3)).toEqual(['2026-11-25/12', '2026-11-25/11', '2026-11-25/10'])
    expect(recentHours(newestHour(at('2026-11-25T15:00:00Z'), 2 * HOUR), 1)).toEqual(['2026-11-25/12'])
    expect(recentHours(newestHour(at('2026-11-25T14:59:59Z'), 2 * HOUR), 1)).toEqual(['2026-11-25/11'])
  })

  it('take in every older day in its turn, and none of the recent hours', () => {
    const end = at('2026-11-23T13:00:00Z')
    const seen = new Set<string>()
    for (let turn = 0; turn < 23; turn++) {
      for (const hour of hoursInTurn('2026-11-01', end, at('2026-11-25T15:07:00Z') + turn * HOUR)) seen.add(hour)
    }
    expect(seen.size).toBe(22 * 24 + 13)
    expect([...seen].sort().at(0)).toBe('2026-11-01/00')
    expect([...seen].sort().at(-1)).toBe('2026-11-23/12')
  })

  it('are no older ones while there are none', () => {
    expect(hoursInTurn('2026-11-25', at('2026-11-23T13:00:00Z'), at('2026-11-25T15:07:00Z'))).toEqual([])
  })
})
