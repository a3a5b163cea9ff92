/** How the documents are read by the program that runs them. */
import { describe, expect, it } from 'vitest'
import { blocksOf, isAsShown, stepsOf } from '../../documents/blocks.ts'
import { masked } from '../../documents/masks.ts'

const page = (...lines: readonly string[]): string => lines.join('\n')

describe('blocks of a document', () => {
  it('have a line, a language and tags, also within a list', () => {
    const found = blocksOf(page('a', '```console account', 'one', '```', '- b', '', '  ```json', '  {', '  }', '  ```'))
    expect(found).toEqual([
      { line: 2, language: 'console', tags: ['account'], text: 'one' },
      { line: 7, language: 'json', tags: [], text: '{\n}' },
    ])
    expect(() => blocksOf(page('```json', '{}'))).toThrow('line 1')
  })

  it('are steps: commands with the answer below, unless it is only shown', () => {
    const steps = stepsOf(
      page(
        '```console',
        'a',
        '```',
        '```json',
        '1',
        '```',
        '```json',
        '2',
        '```',
        '```console',
        'b',
        '```',
        '```text shown',
        '3',
        '```',
      ),
    )
    expect(steps.map(({ commands, answer }) => [commands.text, answer?.text])).toEqual([
      ['a', '1'],
      ['b', undefined],
    ])
  })

  it('may be sessions', () => {
    const [step] = stepsOf(page('```console', '$ a', 'came', '```', '```json', '2', '```'))
    expect([step.commands.text, step.answer?.text]).toEqual(['a', 'came'])
  })
})

describe('an answer', () => {
  it('is the one that is shown but for ids, times, durations and tokens', () => {
    const shown =
      '{"id":"0b541211-6f65-4b6e-bb0c-ded5ad3e78c7","at":"2026-11-24T23:54:55.990Z","in":"2 s","receipt":"a.b"}'
    const came = '{"id":"11111111-6f65-4b6e-bb0c-ded5ad3e78c7","at":"2027-01-01T00:00:00Z","in":"0.5 s","receipt":"c"}'
    const other = '{"id":"11111111-6f65-4b6e-bb0c-ded5ad3e78c7","at":"2027-01-01T00:00:00Z","on":"0.5 s","receipt":"c"}'
    expect(isAsShown(masked(shown), masked(came))).toBe(true)
    expect(isAsShown(masked(shown), masked(other))).toBe(false)
  })

  it('is not masked in its figures', () => {
    const answer = '{"late_probability":0.245,"epoch_ms":1731880381293,"zip":"94107"}'
    expect(masked(answer)).toBe(answer)
  })

  it('may be cut short by an ellipsis, on its line only', () => {
    expect(isAsShown('a … z', 'a b c z')).toBe(true)
    expect(isAsShown('a … z', 'a b\nc z')).toBe(false)
    expect(isAsShown('a.c', 'abc')).toBe(false)
  })
})
