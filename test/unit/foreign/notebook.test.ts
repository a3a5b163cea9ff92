/** The example notebook is committed as it ran: every cell in order, no error, nothing of the machine it ran on. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../support/bundled-app.ts'

interface Output {
  readonly output_type: string
  readonly name?: string
  readonly text?: string | readonly string[]
}

interface Cell {
  readonly cell_type: 'code' | 'markdown'
  readonly source: string | readonly string[]
  readonly execution_count?: number | null
  readonly outputs?: readonly Output[]
}

const text = readFileSync(join(ROOT, 'examples/from-notebook.ipynb'), 'utf8')
const cells = (JSON.parse(text) as { cells: readonly Cell[] }).cells.filter(({ cell_type }) => cell_type === 'code')
const textOf = (part: string | readonly string[] = ''): string => (typeof part === 'string' ? part : part.join(''))
/** What a cell wrote to one stream, however many pieces it came in. */
const streamOf = ({ outputs = [] }: Cell, stream: string): string =>
  outputs
    .filter(({ name }) => name === stream)
    .map(({ text: part }) => textOf(part))
    .join('')
const printed = cells.flatMap((cell) => ['stdout', 'stderr'].map((stream) => streamOf(cell, stream))).join('\n')

describe('the notebook', () => {
  it('was run from its first cell to its last', () => {
    expect(cells.length).toBeGreaterThan(10)
    expect(cells.map(({ execution_count }) => execution_count)).toEqual(cells.map((_, index) => index + 1))
  })

  it('ran without an error', () => {
    const kinds = new Set(cells.flatMap(({ outputs = [] }) => outputs.map(({ output_type }) => output_type)))
    expect([...kinds].sort()).toEqual(['execute_result', 'stream'])
  })

  it('shows a version that is valid and agrees with scikit-learn', () => {
    expect(printed).toMatch(/differs from predicted by at most \d\.\de-\d in 4800 rows/)
    expect(printed).toMatch(/valid: 13 checks passed, 0 warnings, 1 skipped/)
    expect(printed).toMatch(/greatest difference from the notebook: \d\.\de-0[6-9] in 1200 rows/)
  })

  it('asks what its page is answered over HTTP', () => {
    const [, answered] = readFileSync(join(ROOT, 'docs/from-notebook.md'), 'utf8').match(/"bought": (0\.\d+)/) ?? []
    const asked = textOf(cells.at(-1)?.outputs?.[0]?.text).trim()
    expect(Math.abs(Number(answered) - Number(asked))).toBeLessThan(1e-5)
  })

  it('names no place on the machine it ran on', () => {
    expect(text).not.toMatch(/["'\s(](\/(home|root|tmp|work|Users|usr)\/|[A-Z]:\\\\)/)
  })
})
