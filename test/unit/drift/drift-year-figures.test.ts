import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DRIFT_YEAR_BLOCK, DRIFT_YEAR_PAGE, readDriftYear, renderDriftYear } from '../../../bench/drift-year-results.ts'
import { withBlock } from '../../../bench/figures.ts'
import { ROOT } from '../../../bench/root.ts'

describe('the figures of the simulated years', () => {
  it(`in ${DRIFT_YEAR_PAGE} are those of bench/drift-year.json`, () => {
    const text = readFileSync(join(ROOT, DRIFT_YEAR_PAGE), 'utf8')
    expect(text).toBe(withBlock(text, renderDriftYear(readDriftYear()), DRIFT_YEAR_BLOCK))
  })

  it('are of 20 years with at most one drift alarm and no page, and of faults that were all found in time', () => {
    const { seeds, alarms, pages, faults, week } = readDriftYear()
    expect(week.events).toBeGreaterThan(20_000_000)
    expect(week.deviations).toBeLessThan(4)
    expect(week.drifted).toBe(0)
    expect(seeds.last - seeds.first + 1).toBeGreaterThanOrEqual(20)
    expect(alarms.worst).toBeLessThanOrEqual(1)
    expect(pages.worst).toBe(0)
    expect(faults.map(({ fault }) => fault)).toEqual(['clock', 'zips', 'sensor', 'score'])
    for (const { worst, within } of faults) expect(worst ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(within)
  })
})
