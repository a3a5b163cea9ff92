import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FEATURIZE_PAGE, readFeaturizeResults, renderFeaturize } from '../../../bench/featurize-results.ts'
import { withBlock } from '../../../bench/figures.ts'
import { ROOT } from '../../../bench/root.ts'

describe('the figures of featurizing', () => {
  it(`in ${FEATURIZE_PAGE} are those of bench/featurize.json`, () => {
    const text = readFileSync(join(ROOT, FEATURIZE_PAGE), 'utf8')
    expect(text).toBe(withBlock(text, renderFeaturize(readFeaturizeResults())))
  })

  it('say what they were measured on and which command prints them', () => {
    const results = readFeaturizeResults()
    const block = renderFeaturize(results)
    expect(block).toContain(results.command)
    expect(block).toContain(results.machine.cpu)
    for (const [name, version] of Object.entries(results.versions)) expect(block).toContain(`${name} ${version}`)
  })

  it('were taken on records of about 0.2, 1.1 and 12 KB', () => {
    const sizes = readFeaturizeResults().sizes.map(({ bytesPerRecord }) => bytesPerRecord)
    expect(sizes.map((bytes) => Math.round(bytes / 100))).toEqual([2, 11, 118])
  })
})
