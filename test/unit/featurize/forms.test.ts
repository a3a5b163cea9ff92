import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRecords } from '../../../bench/records.ts'
import { columnsOf, expectedLine, planOf, zipTable } from '../../support/featurize.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'
import { type Hit, recordForms } from '../../support/record-forms.ts'

const HITS = makeRecords('log', 1_000, 5) as Hit[]
const FORMS = recordForms(HITS)

let cli: BuiltCli
const path = (name: string): string => join(cli.folder, name)

beforeAll(async () => {
  cli = await buildCli()
  for (const [name, content] of Object.entries(FORMS)) writeFileSync(path(name), content)
})
afterAll(() => cli.remove())

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const contentOf = (name: string): string => digest(readFileSync(path(name)))

const featurized = async (args: readonly string[], input?: string | Uint8Array): Promise<void> => {
  const { code, stderr } = await cli.featurize(args, input)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1000 rows') as string })
}

const readTable = async (name: string): Promise<Record<string, unknown>[]> => {
  const bytes = readFileSync(path(name))
  return parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    compressors,
  })
}

/** The table that whole records give. */
const expectedRows = (): object[] => {
  const table = zipTable()
  const plan = planOf(columnsOf())
  return HITS.map((hit) => expectedLine(JSON.stringify(hit), plan, table))
}

describe('the same 1,000 events', () => {
  it('give the rows that the worker would compute', async () => {
    await featurized(['hits.ndjson', '--output', 'reference.parquet'])
    const rows = (await readTable('reference.parquet')).map((row) => ({ ...row, epoch_ms: Number(row.epoch_ms) }))
    expect(rows).toEqual(expectedRows())
  })

  it.each(Object.keys(FORMS))('give the same Parquet bytes from %s', async (name) => {
    await featurized([name, '--output', `${name}.parquet`])
    expect(contentOf(`${name}.parquet`)).toBe(contentOf('reference.parquet'))
  })

  it.each(['elasticdump.json', 'bulk.ndjson', 'pretty-pages.json', 'hits.ndjson.gz', 'array.json.zst'])(
    'give the same Parquet bytes through standard input and threads, from %s',
    async (name) => {
      await featurized(['-', '--threads', '2', '--output', `piped-${name}.parquet`], readFileSync(path(name)))
      expect(contentOf(`piped-${name}.parquet`)).toBe(contentOf('reference.parquet'))
    },
  )

  it('give the same rows as CSV, NDJSON and Parquet, however it is compressed', async () => {
    await featurized(['array.json', '--output', 'rows.csv'])
    await featurized(['array.json', '--output', 'rows.ndjson'])
    await featurized(['array.json', '--output', 'zstd.parquet', '--compression', 'zstd'])
    await featurized(['array.json', '--output', 'none.parquet', '--compression', 'none'])
    const expected = expectedRows()
    const lines = readFileSync(path('rows.ndjson'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(expected)
    const [header, ...rows] = readFileSync(path('rows.csv'), 'utf8').trimEnd().split('\n')
    expect(header.split(',')).toEqual(Object.keys(expected[0]))
    expect(rows).toEqual(expected.map((row) => Object.values(row).join(',')))
    const snappy = await readTable('reference.parquet')
    expect(await readTable('zstd.parquet')).toEqual(snappy)
    expect(await readTable('none.parquet')).toEqual(snappy)
  })

  it('are read from several files, each once, in the order they are named', async () => {
    const { code, stdout, stderr } = await cli.featurize(['hits.ndjson', 'array.json', 'hits.ndjson', '--output', '-'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('2000 rows') as string })
    const ids = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event_id: string }).event_id)
    const expected = HITS.map(({ _id }) => _id)
    expect(ids).toEqual([...expected, ...expected])
  })

  it('are found by a pattern', async () => {
    const { code, stderr } = await cli.featurize([
      '*-pages.json',
      '{array,bulk}.{json,ndjson}',
      '--output',
      'found.csv',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('3000 rows') as string })
  })
})
