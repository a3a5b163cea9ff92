import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../bench/random.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

const ROWS = 300_000
/** As many as src/cli/featurize/parquet/row-group.ts puts in a group. */
const GROUP_ROWS = 65_536

let cli: BuiltCli
const path = (name: string): string => join(cli.folder, name)

/** Small records with labels that compress, that do not, and that are missing now and then. */
const records = (): string[] => {
  const random = seededRandom(1)
  return Array.from({ length: ROWS }, (_, index) => {
    const time = 1731880381293 + index * 10
    const note = random.chance(0.1) ? null : random.pick(['red', 'green', 'blue'])
    const value = random.chance(0.2) ? null : random.chance(0.5) ? random.fraction() : 1
    const zip = String(random.below(100_000)).padStart(5, '0')
    return `{"_id":"${index}","timestamp":${time},"zip":"${zip}","note":${JSON.stringify(note)},"value":${value},"flag":${index > 200_000}}`
  })
}

beforeAll(async () => {
  cli = await buildCli()
  const lines = records()
  writeFileSync(path('lines.ndjson'), `${lines.join('\n')}\n`)
  writeFileSync(path('array.json'), `[${lines.join(',\n')}]`)
})
afterAll(() => cli.remove())

const LABELS = ['--label', 'note', '--label', 'value', '--label', 'flag']

const digest = async (name: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path(name)) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}

describe('300,000 events', () => {
  it('give the same Parquet bytes with one thread and with two, from lines, from a list and from standard input', async () => {
    for (const [name, args, input] of [
      ['one', ['lines.ndjson', '--threads', '1'], undefined],
      ['two', ['lines.ndjson', '--threads', '2'], undefined],
      ['three', ['lines.ndjson', '--threads', '3'], undefined],
      ['list', ['array.json', '--threads', '2'], undefined],
      ['piped', ['-', '--threads', '2'], readFileSync(path('lines.ndjson'))],
    ] as const) {
      const { code } = await cli.featurize([...args, ...LABELS, '--output', `${name}.parquet`], input)
      expect(code).toBe(0)
      expect({ name, digest: await digest(`${name}.parquet`) }).toEqual({ name, digest: await digest('one.parquet') })
    }
  })

  it('stand in row groups of a fixed size, every value as it is in CSV', async () => {
    const bytes = readFileSync(path('one.parquet'))
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    const metadata = parquetMetadata(file)
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      ...new Array<number>(Math.floor(ROWS / GROUP_ROWS)).fill(GROUP_ROWS),
      ROWS % GROUP_ROWS,
    ])
    const rows = await parquetReadObjects({ file, compressors })
    const { code } = await cli.featurize(['lines.ndjson', ...LABELS, '--output', 'rows.csv', '--threads', '2'])
    expect(code).toBe(0)
    const [header, ...lines] = readFileSync(path('rows.csv'), 'utf8').trimEnd().split('\n')
    const names = header.split(',')
    expect(lines.length).toBe(ROWS)
    const different = lines.filter((line, index) => {
      const cells = names.map((name) => rows[index][name] ?? '')
      return line !== cells.join(',')
    })
    expect(different).toEqual([])
  })
})
