import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { seededRandom } from '../../../bench/random.ts'
import { Lane } from '../../../src/cli/featurize/rows/lane.ts'
import { columnsOf, planOf, zipTable } from '../../support/featurize.ts'

const FIXTURE = join(import.meta.dirname, '../../fixtures/featurize/pandas-1000000.json')
const EARLIEST = -2_208_988_800_000
const LATEST = 7_258_118_399_999
const WORD = 2 ** 32

interface Fixture {
  readonly seed: number
  readonly instants: number
  readonly block: number
  readonly first: readonly number[]
  readonly checksums: readonly number[]
}

/** The instants of make_pandas_checksums.py. */
const drawInstants = ({ seed, instants }: Fixture): number[] => {
  const random = seededRandom(seed)
  const word = (): number => random.fraction() * WORD
  const span = LATEST - EARLIEST + 1
  return Array.from({ length: instants }, () => {
    const high = word()
    return EARLIEST + ((high * 2 ** 21 + (word() >>> 11)) % span)
  })
}

it('1,000,000 random instants have the day of the year, the day of the week and the hour that pandas gives them', () => {
  const fixture = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Fixture
  const instants = drawInstants(fixture)
  expect(instants.slice(0, fixture.first.length)).toEqual(fixture.first)
  const table = zipTable()
  const only = ['epoch_ms', 'day_of_year', 'day_of_week', 'hour_of_day']
  // Without a unit, a few weeks of 1970 would be taken for seconds.
  const lane = new Lane(planOf(columnsOf({ only }), { form: 'csv', rules: { timeUnit: 'ms' } }), table, false)

  let different = 0
  fixture.checksums.forEach((expected, block) => {
    const own = instants.slice(block * fixture.block, (block + 1) * fixture.block)
    const bytes = new Uint8Array(Buffer.from(own.map((instant) => `{"timestamp":${instant}}\n`).join('')))
    const { output } = lane.read({
      stream: block,
      isLines: true,
      input: { bytes },
      offset: 0,
      format: 'ndjson',
      isLast: true,
    })
    const rows = new TextDecoder()
      .decode(output as Uint8Array)
      .trimEnd()
      .split('\n')
    let sum = 0
    rows.forEach((row, index) => {
      const [epoch, ...values] = row.split(',').map(Number)
      if (epoch !== own[index]) different++
      for (const value of values) sum = (Math.imul(sum, 31) + value) >>> 0
    })
    if (sum !== expected || rows.length !== fixture.block) different++
  })
  expect(different).toBe(0)
})
