import { describe, expect, it } from 'vitest'
import { RunProgress } from '../../../src/cli/featurize/progress.ts'
import { Tally } from '../../../src/cli/featurize/tally.ts'

const CLEAR = '\r\u001b[K'

/** What a run of four seconds says that reads a megabyte a second, with a look each quarter of a second. */
const written = (isTTY: boolean, total: number | undefined, seconds = 4): string[] => {
  const texts: string[] = []
  let now = 0
  const progress = new RunProgress({ isTTY, write: (text) => texts.push(text) }, total, () => now)
  const tally = new Tally()
  for (; now <= seconds * 1_000; now += 250) {
    Object.assign(tally, { rows: now * 10, rejected: now < 2_000 ? 0 : 3, bytes: now * 1_000 })
    progress.update(tally, now * 1_000)
  }
  progress.clear()
  return texts
}

describe('progress', () => {
  it('on a terminal is one line with a bar, the rate and the time that is left, and is gone in the end', () => {
    const texts = written(true, 4e6)
    expect(texts).toHaveLength(17)
    for (const text of texts.slice(0, -1)) {
      expect(text.startsWith(CLEAR)).toBe(true)
      expect(text.slice(CLEAR.length)).toMatch(/^featurize [█░]{24} \d+% /)
    }
    expect(texts[7]).toBe(
      `${CLEAR}featurize ████████████░░░░░░░░░░░░ 50% 20000 rows, 3 rejected, 10.0 k rows/s, 1.00 MB/s, 00:02 left`,
    )
    expect(texts.join('')).not.toContain('\n')
    expect(texts.at(-1)).toBe(CLEAR)
  })

  it('elsewhere is a plain line each ten seconds', () => {
    expect(written(false, 40e6, 31)).toEqual([
      'featurize: 25%, 100000 rows, 3 rejected, 10.0 k rows/s, 1.00 MB/s, 00:30 left\n',
      'featurize: 50%, 200000 rows, 3 rejected, 10.0 k rows/s, 1.00 MB/s, 00:20 left\n',
      'featurize: 75%, 300000 rows, 3 rejected, 10.0 k rows/s, 1.00 MB/s, 00:10 left\n',
    ])
    expect(written(false, 4e6)).toEqual([])
  })

  it('of what nobody knows the size of tells no share', () => {
    expect(written(false, undefined, 11)).toEqual(['featurize: 100000 rows, 3 rejected, 10.0 k rows/s, 1.00 MB/s\n'])
    expect(written(true, undefined, 0.25)).toEqual([`${CLEAR}featurize: 2500 rows, 10.0 k rows/s, 1.00 MB/s`, CLEAR])
  })
})
