import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonText } from '../../../src/protocol/json-text.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

const EVENTS = [
  { _id: 'a', _source: { createdDateTime: 1731880381293, zipCode: '94107', bought: true, price: 1.5, note: 'first' } },
  {
    _id: 'b',
    _source: { createdDateTime: 1731880381293, zipCode: '94199', bought: false, price: null, note: 'a, "b"\nc' },
  },
  {
    _id: 'c',
    _source: { createdDateTime: 1731880381293, bought: null, price: 12345678901234567890n, note: { deep: [1] } },
  },
  { _id: 'd,"', _source: { createdDateTime: 1731880381293, zipCode: 'nowhere', price: -0, note: '' } },
]
const NDJSON = EVENTS.map((event) => `${jsonText(event)}\n`).join('')

/** The rows, and the schema of the file. */
const featurized = async (
  args: readonly string[],
): Promise<{ readonly rows: Record<string, unknown>[]; readonly metadata: FileMetaData }> => {
  const folder = cli.newFolder()
  const { code, stderr } = await cli.featurize(['-', '--output', 'o.parquet', ...args], NDJSON, folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('4 rows') as string })
  const bytes = readFileSync(join(folder, 'o.parquet'))
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  return { rows: await parquetReadObjects({ file, compressors }), metadata: parquetMetadata(file) }
}

describe('the columns', () => {
  it('are the fixed ones first, typed, with what zip data they were made of', async () => {
    const { rows, metadata } = await featurized([])
    expect(
      metadata.schema.slice(1).map(({ name, type, repetition_type }) => `${name} ${type} ${repetition_type}`),
    ).toEqual([
      'event_id BYTE_ARRAY REQUIRED',
      'epoch_ms INT64 REQUIRED',
      'day_of_year INT32 REQUIRED',
      'day_of_week INT32 REQUIRED',
      'hour_of_day INT32 REQUIRED',
      'local_day_of_year INT32 OPTIONAL',
      'local_day_of_week INT32 OPTIONAL',
      'local_hour_of_day INT32 OPTIONAL',
      'local_minute_of_day INT32 OPTIONAL',
      'utc_offset_hours DOUBLE OPTIONAL',
      'latitude DOUBLE OPTIONAL',
      'longitude DOUBLE OPTIONAL',
      'state BYTE_ARRAY OPTIONAL',
      'time_zone BYTE_ARRAY OPTIONAL',
      'zip_level BYTE_ARRAY REQUIRED',
    ])
    expect(metadata.key_value_metadata).toEqual([
      { key: 'zip_data', value: expect.stringMatching(/^\d{4}-\d\d/) as string },
      { key: 'tzdata', value: expect.stringMatching(/^\d{4}[a-z]$/) as string },
    ])
    expect(rows[0]).toEqual({
      event_id: 'a',
      epoch_ms: 1731880381293n,
      day_of_year: 322,
      day_of_week: 6,
      hour_of_day: 21,
      local_day_of_year: 322,
      local_day_of_week: 6,
      local_hour_of_day: 13,
      local_minute_of_day: 833,
      utc_offset_hours: -8,
      latitude: 37.7621,
      longitude: -122.3971,
      state: 'CA',
      time_zone: 'America/Los_Angeles',
      zip_level: 'exact',
    })
    expect(rows.map(({ zip_level }) => zip_level)).toEqual(['exact', 'zip3_mean', 'national_mean', 'national_mean'])
  })

  it('may be chosen', async () => {
    const { rows } = await featurized(['--columns', 'hour_of_day,event_id'])
    expect(rows).toEqual(['a', 'b', 'c', 'd,"'].map((event_id) => ({ event_id, hour_of_day: 21 })))
  })

  it('hold labels, of types that their values tell or a flag says', async () => {
    const { rows, metadata } = await featurized([
      ...['--columns', 'bought,price,digits,note,flag'],
      ...['--label', 'bought', '--label', 'price', '--label', 'digits=price:text'],
      ...['--label', 'note', '--label', 'flag=bought:number'],
    ])
    expect(metadata.schema.slice(1).map(({ type }) => type)).toEqual([
      'BOOLEAN',
      'DOUBLE',
      'BYTE_ARRAY',
      'BYTE_ARRAY',
      'DOUBLE',
    ])
    expect(rows).toEqual([
      { bought: true, price: 1.5, digits: '1.5', note: 'first', flag: 1 },
      { bought: false, price: null, digits: null, note: 'a, "b"\nc', flag: 0 },
      { bought: null, price: 12345678901234567000, digits: '12345678901234567890', note: '{"deep":[1]}', flag: null },
      { bought: null, price: 0, digits: '0', note: '', flag: null },
    ])
  })

  it('refuse a label that is not of its type, and say what to do', async () => {
    const folder = cli.newFolder()
    const args = ['-', '--output', 'o.parquet', '--label', 'note:number']
    const { code, stderr } = await cli.featurize(args, NDJSON, folder)
    expect(stderr).toContain('the label note holds "first", which is no double')
    expect(stderr).toContain('--label note=PATH:text')
    expect(code).toBe(2)
  })

  it('hold labels in CSV and NDJSON as they are', async () => {
    const args = [
      '-',
      '--columns',
      'event_id,price,note,bought',
      '--label',
      'price',
      '--label',
      'note',
      '--label',
      'bought',
    ]
    const csv = await cli.featurize([...args, '--output-format', 'csv'], NDJSON)
    expect(csv.stdout.toString()).toBe(
      'event_id,price,note,bought\na,1.5,first,true\nb,,"a, ""b""\nc",false\nc,12345678901234567890,"{""deep"":[1]}",\n"d,""",0,"",\n',
    )
    const lines = await cli.featurize(args, NDJSON)
    expect(lines.stdout.toString()).toBe(
      '{"event_id":"a","price":1.5,"note":"first","bought":true}\n{"event_id":"b","price":null,"note":"a, \\"b\\"\\nc","bought":false}\n{"event_id":"c","price":12345678901234567890,"note":{"deep":[1]},"bought":null}\n{"event_id":"d,\\"","price":0,"note":"","bought":null}\n',
    )
  })

  it('are those of a feature view, with its own defaults, in the places of their names', async () => {
    const folder = cli.newFolder()
    const fields = [
      { name: 'hour_of_day', source: 'time' },
      { name: 'latitude', source: 'zip', default: 39.8 },
      { name: 'state', source: 'zip', encoding: { categories: ['CA'], unknown: -1 } },
      { name: 'price', source: 'event', default: 9 },
      { name: 'note', source: 'event', default: 'none' },
    ]
    writeFileSync(join(folder, 'view.json'), JSON.stringify({ version: 1, fields }))
    const args = ['-', '--view', 'view.json', '--text', 'note', '--columns', 'event_id,latitude,state,price,note']
    const { stdout, stderr } = await cli.featurize(args, NDJSON, folder)
    expect(stderr).toContain('4 rows')
    expect(
      stdout
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([
      { event_id: 'a', latitude: 37.7621, state: 0, price: 1.5, note: 'first' },
      { event_id: 'b', latitude: expect.closeTo(37.76, 1) as number, state: 0, price: 9, note: 'a, "b"\nc' },
      { event_id: 'c', latitude: 39.8, state: -1, price: 12345678901234567000, note: 'none' },
      { event_id: 'd,"', latitude: 39.8, state: -1, price: 0, note: '' },
    ])
  })

  it('are those of a model version', async () => {
    const model = join(import.meta.dirname, '../../../model/late-arrival/1.0.0')
    const { metadata } = await featurized(['--model', model])
    const names = metadata.schema.map(({ name }) => name)
    const manifest = JSON.parse(readFileSync(join(model, 'manifest.json'), 'utf8')) as {
      feature_view: { fields: { name: string }[] }
    }
    for (const { name } of manifest.feature_view.fields) expect(names).toContain(name)
  })

  it('are missing where a zip has no time zone and no coordinates', async () => {
    const folder = cli.newFolder()
    const columns = ['latitude', 'longitude', 'state', 'time_zone']
    const pack = { format: 1, data: 'mine', columns, zips: { '94107': [null, -0, null, null] } }
    // JSON.stringify has no negative zero.
    const value = JSON.stringify(pack).replace('[null,0,', '[null,-0,')
    writeFileSync(join(folder, 'kv.json'), JSON.stringify([{ key: 'zip3/941', value }]))
    const means = join(import.meta.dirname, '../../../kv-seed/zip3-means.json')
    const view = { version: 1, fields: [{ name: 'local_hour_of_day', source: 'local_time', default: 12.5 }] }
    writeFileSync(join(folder, 'view.json'), JSON.stringify(view))
    const flags = ['--zips', join(folder, 'kv.json'), '--zip-means', means, '--view', join(folder, 'view.json')]
    const { rows } = await featurized(flags)
    expect(rows[0]).toMatchObject({
      local_day_of_year: null,
      local_hour_of_day: 12.5,
      utc_offset_hours: null,
      latitude: null,
      state: null,
      time_zone: null,
      zip_level: 'exact',
    })
    expect(Object.is(rows[0].longitude, -0)).toBe(true)
    expect(rows[1]).toMatchObject({ local_day_of_year: 322, local_hour_of_day: 13, state: 'CA' })
    const { stdout } = await cli.featurize(['-', ...flags], NDJSON, folder)
    expect(JSON.parse(stdout.toString().split('\n')[0])).toMatchObject({
      local_hour_of_day: 12.5,
      utc_offset_hours: null,
    })
  })

  it('come from an export of the KV namespace, with columns of the user', async () => {
    const folder = cli.newFolder()
    const pack = {
      format: 1,
      data: 'mine',
      columns: ['latitude', 'longitude', 'state', 'time_zone', 'plan', 'rent'],
      zips: { '94107': [1, 2, 'CA', 'America/Los_Angeles', 'gold', 2000.5] },
    }
    for (const [name, content] of [
      [
        'list.json',
        [
          { key: 'zip3/941', value: JSON.stringify(pack) },
          { key: 'other', value: 'x' },
        ],
      ],
      ['object.json', { 'zip3/941': { value: JSON.stringify(pack) } }],
    ] as const) {
      writeFileSync(join(folder, name), JSON.stringify(content))
      const means = join(import.meta.dirname, '../../../kv-seed/zip3-means.json')
      const args = ['-', '--zips', name, '--zip-means', means, '--columns', 'latitude,plan,rent,zip_level']
      const { stdout } = await cli.featurize(args, NDJSON, folder)
      expect(stdout.toString().split('\n').slice(0, 2)).toEqual([
        '{"latitude":1,"plan":"gold","rent":2000.5,"zip_level":"exact"}',
        expect.stringMatching(/^\{"latitude":37\.\d+,"plan":null,"rent":null,"zip_level":"zip3_mean"\}$/) as string,
      ])
    }
  })
})
