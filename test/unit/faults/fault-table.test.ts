import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withBlock } from '../../../bench/figures.ts'
import { ROOT } from '../../../bench/root.ts'
import { FAULTS_BLOCK, FAULTS_PAGE, readTable, renderTable } from '../../faults/fault-table.ts'
import { ROWS } from '../../faults/rows.ts'

describe('the fault table', () => {
  it(`in ${FAULTS_PAGE} is that of test/faults/table.json`, () => {
    const text = readFileSync(join(ROOT, FAULTS_PAGE), 'utf8')
    expect(text).toBe(withBlock(text, renderTable(readTable()), FAULTS_BLOCK))
  })

  it('has every row there is, in order', () => {
    expect(readTable().rows.map(({ name, fault }) => ({ name, fault }))).toEqual(
      ROWS.map(({ name, fault }) => ({ name, fault })),
    )
  })

  it('says what it was measured on and which command prints it', () => {
    const table = readTable()
    const block = renderTable(table)
    expect(block).toContain(table.command)
    expect(block).toContain(table.machine.cpu)
    for (const [name, version] of Object.entries(table.versions)) expect(block).toContain(`${name} ${version}`)
  })

  for (const row of readTable().rows) {
    it(`holds where ${row.name}: nothing wrong, missing or double, and every request answered`, () => {
      const { sent, answered, wrong, missing, doubles, accepted, archived, letters, faults } = row
      expect({ answered, wrong, missing, doubles, faults }).toEqual({
        answered: sent,
        wrong: 0,
        missing: 0,
        doubles: 0,
        faults: [],
      })
      expect(archived + letters).toBe(accepted)
    })
  }
})
