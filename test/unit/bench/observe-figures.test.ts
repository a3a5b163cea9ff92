import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withBlock } from '../../../bench/figures.ts'
import { OBSERVE_BLOCK, OBSERVE_PAGE, readObserveResults, renderObserve } from '../../../bench/observe-results.ts'
import { ROOT } from '../../../bench/root.ts'

describe('the figures of what the statistics cost', () => {
  it(`in ${OBSERVE_PAGE} are those of bench/observe.json`, () => {
    const text = readFileSync(join(ROOT, OBSERVE_PAGE), 'utf8')
    expect(text).toBe(withBlock(text, renderObserve(readObserveResults()), OBSERVE_BLOCK))
  })

  it('are of five pairs or more, and say what they were measured on and which command prints them', () => {
    const results = readObserveResults()
    expect(results.pairs).toBeGreaterThanOrEqual(5)
    for (const text of [results.command, results.machine.cpu]) expect(renderObserve(results)).toContain(text)
  })
})
