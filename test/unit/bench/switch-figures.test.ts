import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { markersOf, withBlock } from '../../../bench/figures.ts'
import { ROOT } from '../../../bench/root.ts'
import { readSwitchResults, renderSwitch, SWITCH_BLOCK, SWITCH_PAGE } from '../../../bench/switch-results.ts'

describe('the figures of switching under load', () => {
  it(`in ${SWITCH_PAGE} are those of bench/switch.json`, () => {
    const text = readFileSync(join(ROOT, SWITCH_PAGE), 'utf8')
    expect(text).toBe(withBlock(text, renderSwitch(readSwitchResults()), SWITCH_BLOCK))
  })

  it('say what they were measured on and which command prints them', () => {
    const results = readSwitchResults()
    const block = renderSwitch(results)
    expect(block).toContain(results.command)
    expect(block).toContain(results.machine.cpu)
    for (const [name, version] of Object.entries(results.versions)) expect(block).toContain(`${name} ${version}`)
  })

  it('are of both versions, and of no failed request', () => {
    const { steady, switching, switches } = readSwitchResults()
    expect([steady.failures, switching.failures]).toEqual([0, 0])
    expect(switches).toBeGreaterThan(0)
    const answers = Object.values(switching.versions)
    expect(answers).toHaveLength(2)
    expect(answers.reduce((sum, number) => sum + number)).toBe(switching.requests)
  })

  it('have markers of their own', () => {
    const { begin, end } = markersOf(SWITCH_BLOCK)
    expect(withBlock(`${begin}\nold\n${end}`, 'new', SWITCH_BLOCK)).toBe(`${begin}\nnew\n${end}`)
    expect(() => withBlock(`${begin}${end}`, 'new')).toThrow(/figures:begin/)
  })
})
