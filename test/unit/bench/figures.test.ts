import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BEGIN, END, PAGES, renderFigures, withFigures } from '../../../bench/figures.ts'
import { readResults } from '../../../bench/results.ts'
import { ROOT } from '../../../bench/root.ts'

describe('the figures', () => {
  for (const page of PAGES) {
    it(`in ${page} are those of bench/results.json`, () => {
      const text = readFileSync(join(ROOT, page), 'utf8')
      expect(text).toBe(withFigures(text, readResults()))
    })
  }

  it('say what they were measured on and which command prints them', () => {
    const results = readResults()
    const block = renderFigures(results)
    expect(block).toContain(results.command)
    expect(block).toContain(results.machine.cpu)
    for (const [name, version] of Object.entries(results.versions)) expect(block).toContain(`${name} ${version}`)
  })

  it('replace what stands between the markers and nothing else', () => {
    const results = readResults()
    const page = withFigures(`before\n${BEGIN}\nold\n${END}\nafter\n`, results)
    expect(page).toBe(`before\n${BEGIN}\n${renderFigures(results)}\n${END}\nafter\n`)
    expect(withFigures(page, results)).toBe(page)
  })

  it('have no place in a page without markers, or with two pairs', () => {
    const results = readResults()
    expect(() => withFigures('nothing here', results)).toThrow(/figures:begin/)
    expect(() => withFigures(`${END}${BEGIN}`, results)).toThrow(/figures:begin/)
    expect(() => withFigures(`${BEGIN}${END}${BEGIN}${END}`, results)).toThrow(/figures:begin/)
  })
})
