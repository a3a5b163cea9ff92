import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRecords } from '../../../bench/records.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'
import { type Hit, recordForms } from '../../support/record-forms.ts'

interface Beacon extends Hit {
  readonly _source: { readonly createdDateTime: number; readonly zipCode: string; readonly device: string }
}

const HITS = makeRecords('beacon', 1_000, 5) as Beacon[]

let cli: BuiltCli
let reference: Buffer
beforeAll(async () => {
  cli = await buildCli()
  writeFileSync(join(cli.folder, 'hits.ndjson'), HITS.map((hit) => `${JSON.stringify(hit)}\n`).join(''))
  expect(await cli.featurize(['hits.ndjson', '--output', 'reference.parquet'])).toMatchObject({ code: 0 })
  reference = readFileSync(join(cli.folder, 'reference.parquet'))
})
afterAll(() => cli.remove())

/** Featurizes all of `files`, a part for each, and returns the names of those whose part is not the reference, byte for byte. */
const different = async (files: Readonly<Record<string, string | Buffer>>, args: readonly string[] = []) => {
  const folder = cli.newFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const { code, stderr } = await cli.featurize([...Object.keys(files), '--output', 'parts/', ...args], '', folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/ rows in /) as string })
  const parts = readdirSync(join(folder, 'parts')).filter((name) => name.endsWith('.parquet'))
  expect(parts.sort()).toEqual(
    Object.keys(files)
      .map((name) => `${name}.parquet`)
      .sort(),
  )
  return parts.filter((name) => !readFileSync(join(folder, 'parts', name)).equals(reference))
}

/** The forms that are not compressed already. */
const plainForms = (): [string, string][] =>
  Object.entries(recordForms(HITS)).filter((entry): entry is [string, string] => typeof entry[1] === 'string')

describe('the same 1,000 events give the same Parquet bytes', () => {
  it('from every form, as it is, as .gz and as .zst', async () => {
    const files = plainForms().flatMap(([name, text]) => [
      [name, text] as const,
      [`${name}.gz`, gzipSync(text)] as const,
      [`${name}.zst`, zstdCompressSync(text)] as const,
    ])
    expect(files.length).toBeGreaterThan(36)
    expect(await different(Object.fromEntries(files))).toEqual([])
  })

  it('from every form when it is named', async () => {
    const named = { ndjson: 'elasticdump.json', array: 'array.json', pages: 'pages.json', bulk: 'bulk.ndjson' }
    const forms = recordForms(HITS)
    for (const [format, name] of Object.entries(named)) {
      expect(await different({ [name]: forms[name] }, ['--format', format])).toEqual([])
    }
  })

  it('from Filebeat and ECS documents, nested or with dotted keys, in every form', async () => {
    const common = { '@timestamp': '2020-01-01T00:00:00.000Z', '@metadata': { beat: 'filebeat', version: '9.2.0' } }
    const ecs = ({ _source }: Beacon) => ({
      created: new Date(_source.createdDateTime).toISOString(),
      postal: _source.zipCode,
      device: _source.device,
    })
    const nested = HITS.map((hit): Hit => {
      const { created, postal, device } = ecs(hit)
      const client = { geo: { country_iso_code: 'US', postal_code: postal } }
      return { ...hit, _source: { ...common, event: { created, kind: 'event' }, client, device: { type: device } } }
    })
    const dotted = HITS.map((hit): Hit => {
      const { created, postal, device } = ecs(hit)
      const source = { 'event.created': created, 'client.geo.postal_code': postal, 'device.type': device }
      return { ...hit, _source: { ...common, ...source, event: { kind: 'event' } } }
    })
    const args = ['--time-path', 'event.created', '--zip-path', 'client.geo.postal_code']
    expect(await different(recordForms(nested), args)).toEqual([])
    expect(await different(recordForms(dotted), args)).toEqual([])
  })

  it('from documents as Filebeat names their time', async () => {
    const documents = HITS.map(({ _source: { createdDateTime, zipCode }, ...hit }): Hit => {
      const time = new Date(createdDateTime).toISOString()
      return { ...hit, _source: { '@timestamp': time, input: { type: 'log' }, 'geo.postal_code': zipCode } }
    })
    expect(await different(recordForms(documents), ['--zip-path', 'geo.postal_code'])).toEqual([])
  })
})
