/** `nearcast train`, on small made-up tables. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/train.ts'
import { trainLateArrival } from '../../../src/cli/train/late-arrival.ts'
import { type TableOptions, trainTable } from '../../../src/cli/train/table.ts'
import { manifestSchema } from '../../../src/protocol/manifest.ts'
import { fixturePath, repositoryPath } from './training-fixtures.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-train-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const messages = () => {
  const lines: string[] = []
  return { lines, write: (text: string) => lines.push(text) }
}
const filesOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name)).toString('base64')]),
  )
const manifestIn = (directory: string) =>
  manifestSchema.parse(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')))

const PURCHASES: TableOptions = {
  rows: fixturePath('purchases.parquet'),
  label: 'bought',
  version: '1.0.0',
  synthetic: true,
  zips: repositoryPath('kv-seed'),
  output: join(scratch, 'table'),
  replace: false,
}

describe('a table of the user’s own', () => {
  it('becomes a version whose fields say where the edge finds them', async () => {
    const told = messages()
    const directory = await trainTable(PURCHASES, told)
    const manifest = manifestIn(directory)
    expect(directory).toBe(join(scratch, 'table', 'purchases', '1.0.0'))
    expect(readdirSync(directory).sort()).toEqual(['MODEL_CARD.md', 'manifest.json', 'model.onnx', 'reference.json'])
    expect(manifest.feature_view.fields).toEqual([
      { name: 'day_of_week', source: 'time' },
      { name: 'hour_of_day', source: 'time' },
      { name: 'latitude', source: 'zip', default: null },
      { name: 'cart_value', source: 'event' },
      { name: 'visits', source: 'event' },
      { name: 'member', source: 'event' },
    ])
    expect(manifest.evidence).toBe('synthetic')
    expect(manifest.outputs[0].name).toBe('bought_probability')
    expect(manifest.golden.length).toBe(10)
    const { held_out: heldOut } = manifest.metrics as { held_out: { auc: number; rows: number } }
    expect(heldOut.rows).toBe(300)
    expect(heldOut.auc).toBeGreaterThan(0.6)
    const text = told.lines.join('')
    expect(text).toContain('split by time, epoch_ms')
    expect(text).toContain('1 rows without a label')
    expect(text).toContain('channel (not a number)')
    expect(text).toContain('day_of_year (of less than a year it is a trend, not a season)')
  })

  it('asks the zip for the columns that the zip data have', async () => {
    const zips = join(scratch, 'zips')
    mkdirSync(zips)
    const means = JSON.parse(readFileSync(join(repositoryPath('kv-seed'), 'zip3-means.json'), 'utf8'))
    writeFileSync(join(zips, 'zip3-means.json'), JSON.stringify({ ...means, columns: [...means.columns, 'visits'] }))
    const directory = await trainTable({ ...PURCHASES, zips, output: join(scratch, 'own-columns') }, messages())
    const sources = Object.fromEntries(
      manifestIn(directory).feature_view.fields.map(({ name, source }) => [name, source]),
    )
    expect(sources).toMatchObject({ latitude: 'zip', visits: 'zip', cart_value: 'event' })
  })

  it('gives the same bytes when trained again, and refuses to change a version', async () => {
    const first = await trainTable(PURCHASES, messages())
    const files = filesOf(first)
    const second = await trainTable({ ...PURCHASES, output: join(scratch, 'again') }, messages())
    expect(filesOf(second)).toEqual(files)
    const other = trainTable({ ...PURCHASES, time: 'seen_at', label: 'member', name: 'purchases' }, messages())
    await expect(other).rejects.toThrow('a version never changes; nothing was written')
    expect(filesOf(first)).toEqual(files)
  })

  it('is refused with what is wrong with it', async () => {
    const attempt = (change: Partial<TableOptions>) => trainTable({ ...PURCHASES, ...change }, messages())
    const text = join(scratch, 'text.parquet')
    writeFileSync(text, 'not Parquet at all')
    await expect(attempt({ label: 'sold' })).rejects.toThrow('no column "sold"; there are event_id, epoch_ms')
    await expect(attempt({ label: 'visits' })).rejects.toThrow('expected 0, 1, true or false, got')
    await expect(attempt({ label: 'channel' })).rejects.toThrow(UsageError)
    await expect(attempt({ time: 'channel' })).rejects.toThrow(
      '--time channel is not a column of timestamps or numbers',
    )
    await expect(attempt({ time: 'cart_value' })).rejects.toThrow(UsageError)
    await expect(attempt({ time: 'visits' })).rejects.toThrow('looks like seconds')
    await expect(attempt({ version: '1' })).rejects.toThrow('must be a semantic version')
    await expect(attempt({ rows: text })).rejects.toThrow(`cannot read ${text} as Parquet`)
    await expect(attempt({ rows: join(scratch, 'none.parquet') })).rejects.toThrow('cannot open')
  })
})

describe('late-arrival', () => {
  const options = {
    flights: fixturePath('flights.parquet'),
    airports: fixturePath('airports.csv'),
    zips: repositoryPath('kv-seed'),
    output: join(scratch, 'flights'),
    exportSplit: join(scratch, 'split'),
    replace: false,
  }

  it('is trained from flights and airports, the same bytes each time', async () => {
    const told = messages()
    const directory = await trainLateArrival(options, told)
    const manifest = manifestIn(directory)
    expect(manifest.feature_view.fields.map(({ name }) => name)).toEqual(manifest.inputs[0].fields)
    expect(manifest.feature_view.fields.map(({ name }) => name)).not.toContain('day_of_year')
    expect(manifest.coverage.utc_offset_hours).toEqual([-10, -4])
    const card = readFileSync(join(directory, 'MODEL_CARD.md'), 'utf8')
    expect(card).toMatch(/^# late-arrival 1\.0\.0\n\n.*flights of January to June 2001, not parcels, not clicks/)
    expect(told.lines.some((line) => line.startsWith('final fit: '))).toBe(true)
    const files = filesOf(directory)
    await trainLateArrival({ ...options, output: join(scratch, 'flights-again') }, messages())
    expect(filesOf(join(scratch, 'flights-again', 'late-arrival', '1.0.0'))).toEqual(files)
  })

  it('exports its split for other programs', () => {
    const split = JSON.parse(readFileSync(join(options.exportSplit, 'split.json'), 'utf8'))
    const bytes = (name: string) => readFileSync(join(options.exportSplit, name)).length
    expect(split.rows).toBe(6000)
    expect(bytes('features.f32')).toBe(6000 * 8 * 4)
    expect(bytes('labels.u8')).toBe(6000)
    expect(bytes('held-out-probabilities.f32')).toBe((6000 - split.test) * 4)
  })

  it('says how to get the data where they are not', async () => {
    const missing = command.run(['late-arrival', '--flights', join(scratch, 'flights-3m.parquet')])
    await expect(missing).rejects.toThrow(UsageError)
    await expect(missing).rejects.toThrow('npm install --no-save vega-datasets@3.2.1')
  })
})

describe('the command line', () => {
  it('wants one thing to train, and the label of a table', async () => {
    await expect(command.run([])).rejects.toThrow(UsageError)
    await expect(command.run(['a.parquet', 'b.parquet'])).rejects.toThrow('expected one thing to train')
    await expect(command.run(['a.parquet'])).rejects.toThrow('--label COLUMN')
  })
})
