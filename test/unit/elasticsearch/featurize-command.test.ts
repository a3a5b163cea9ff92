import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type BuiltCli, buildCli, type CliResult } from '../../support/featurize-cli.ts'
import { startRecordedNode } from './recorded-node.ts'
import { readFixture } from './replay.ts'
import {
  argsFor,
  closeServers,
  filesIn,
  IDS,
  idsOf,
  node,
  partsIn,
  rowsOf,
  textsOf,
  watched,
} from './server-command.ts'

/** The slices of the fixtures, as they were recorded. */
const SLICES = ['--slice', '1s', '--page-size', '7']
const PARTS = [
  '20241117T214640.000Z_20241117T214641.000Z',
  '20241117T214641.000Z_20241117T214642.000Z',
  '20241117T214642.000Z_20241117T214643.000Z',
  '20241117T214643.000Z_20241117T214643.506Z',
  'without-time',
]
/** The first search of the third slice, counted from 0: the first has four pages and the second one. */
const IN_THIRD_SLICE = 5

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())
afterEach(closeServers)

const read = (from: { url: string }, args: readonly string[], folder: string): Promise<CliResult> =>
  cli.featurize(argsFor(from, args), undefined, folder)

interface HitPage {
  readonly hits: { readonly hits: readonly { readonly _id: string }[] }
}

/** The documents of a fixture, a hit a line. */
const hitsOf = (name: string): string => {
  const bodies = readFixture(name).exchanges.map(({ response }) => JSON.parse(response.body) as Partial<HitPage>)
  const hits = bodies.flatMap(({ hits }) => hits?.hits ?? []).map((hit) => [hit._id, hit] as const)
  return [...new Map(hits).values()].map((hit) => `${JSON.stringify(hit)}\n`).join('')
}

describe('an index', () => {
  it('is read into a file: every document once, those without a time among the rejects', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-resumed')
    const args = [...SLICES, '--output', 'rows.csv', '--rejects', 'rejects.ndjson']
    const { code, stdout, stderr } = await read(from, args, folder)
    expect({ code, stdout: stdout.length, unexpected: from.unexpected }).toEqual({ code: 0, stdout: 0, unexpected: [] })
    expect(stderr).toContain('40 rows')
    expect(stderr).toContain('1 of 41 records were rejected')
    const rows = rowsOf(readFileSync(join(folder, 'rows.csv'), 'utf8'))
    expect(idsOf(rows)).toEqual(IDS)
    const ofFile = await cli.featurize(['-', '--output-format', 'csv'], hitsOf('opensearch-resumed'))
    expect(rows.toSorted()).toEqual(rowsOf(ofFile.stdout.toString()).toSorted())
    expect(JSON.parse(readFileSync(join(folder, 'rejects.ndjson'), 'utf8'))).toMatchObject({
      source: `${from.url}/recorded without-time`,
      code: 'missing_time',
      raw: expect.stringContaining('"_id":"timeless"') as string,
    })
    expect(filesIn(folder)).toEqual(['rejects.ndjson', 'rows.csv'])
  })

  it('is read into a folder with a part for each slice of time; together they hold the same rows', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-resumed')
    expect((await read(from, [...SLICES, '--output', 'rows.csv'], folder)).code).toBe(0)
    const args = [...SLICES, '--output', 'parts/', '--output-format', 'csv']
    const { code, stderr } = await read(from, args, folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('40 rows') as string })
    const parts = textsOf(partsIn(join(folder, 'parts')))
    expect(Object.keys(parts)).toEqual(PARTS.map((part) => `${part}.csv`))
    expect(Object.values(parts).flatMap(rowsOf)).toEqual(rowsOf(readFileSync(join(folder, 'rows.csv'), 'utf8')))
  })

  it('is read on in a new point in time where one has expired', async () => {
    const folder = cli.newFolder()
    for (const [name, index, size, ids] of [
      ['opensearch-expired', 'recorded', '10', IDS],
      ['elasticsearch-documented', 'sessions', '3', IDS.slice(0, 12).map((id) => `e${id.slice(-2)}`)],
    ] as const) {
      const from = await node(name)
      const args = ['--elasticsearch', from.url, '--index', index, '--page-size', size, '--output', `${name}.csv`]
      const { code } = await cli.featurize(args, undefined, folder)
      expect({ code, unexpected: from.unexpected }).toEqual({ code: 0, unexpected: [] })
      expect(idsOf(rowsOf(readFileSync(join(folder, `${name}.csv`), 'utf8')))).toEqual(ids)
    }
  })

  it('is waited for where the node has no room', async () => {
    const folder = cli.newFolder()
    const args = ['--page-size', '50', '--output', 'rows.csv']
    const { code } = await read(await node('opensearch-busy'), args, folder)
    expect(code).toBe(0)
    expect(idsOf(rowsOf(readFileSync(join(folder, 'rows.csv'), 'utf8')))).toEqual(IDS)
  })
})

describe('a reading into a folder that is started again', () => {
  /** The parts of a run that nothing disturbed. */
  let undisturbed: Record<string, string>
  beforeAll(async () => {
    const folder = cli.newFolder()
    const whole = await startRecordedNode('opensearch-resumed')
    expect(await read(whole, [...SLICES, '--output', 'parts/'], folder)).toMatchObject({ code: 0 })
    await whole.close()
    undisturbed = textsOf(partsIn(join(folder, 'parts')))
  })

  it('writes no finished part again, and reads none', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-resumed')
    const args = [...SLICES, '--output', 'parts/']
    expect((await read(from, args, folder)).code).toBe(0)
    const [before, searches] = [partsIn(join(folder, 'parts')), from.searches.length]
    const { code, stderr } = await read(from, args, folder)
    expect({ code, searches: from.searches.length }).toEqual({ code: 0, searches })
    expect(stderr.match(/its part is there already/g)).toHaveLength(PARTS.length)
    expect(partsIn(join(folder, 'parts'))).toEqual(before)
  })

  it('goes on after a connection that dropped: the same rows as of an undisturbed run', async () => {
    const folder = cli.newFolder()
    const args = [...SLICES, '--output', 'parts/']
    const cut = await read(
      await node('opensearch-resumed', { cut: (search) => search >= IN_THIRD_SLICE }),
      args,
      folder,
    )
    expect(cut.stderr).toMatch(
      /\/recorded 2024-11-17T21:46:42\.000Z\/2024-11-17T21:46:43\.000Z: the connection failed: it was cut before the answer was whole \(2 attempts\); the finished parts are kept, and the same command goes on from there\n$/,
    )
    const before = partsIn(join(folder, 'parts'))
    expect({ code: cut.code, files: filesIn(join(folder, 'parts')) }).toEqual({
      code: 1,
      files: [...PARTS.slice(0, 2).map((part) => `${part}.parquet`), '_featurize.json', '_slices.json'],
    })
    const slices = JSON.parse(readFileSync(join(folder, 'parts/_slices.json'), 'utf8')) as { slices: object[] }
    expect(slices).toMatchObject({ withoutTime: 1, slices: { length: PARTS.length - 1 } })

    const whole = await node('opensearch-resumed')
    expect(await read(whole, args, folder)).toMatchObject({ code: 0 })
    const after = partsIn(join(folder, 'parts'))
    expect(after).toMatchObject(before)
    expect(textsOf(after)).toEqual(undisturbed)
    expect(JSON.parse(readFileSync(join(folder, 'parts/_slices.json'), 'utf8'))).toEqual(slices)
    expect(whole.searches).toHaveLength(4)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('goes on after %s', async (signal) => {
    const folder = cli.newFolder()
    const args = [...SLICES, '--output', 'parts/']
    const silent = await node('opensearch-resumed', { silent: (search) => search >= IN_THIRD_SLICE })
    const run = watched(cli.start(argsFor(silent, args), folder))
    await vi.waitFor(() => expect(silent.searches).toHaveLength(IN_THIRD_SLICE + 1), 20_000)
    await vi.waitFor(() => expect(existsSync(join(folder, 'parts', `${PARTS[1]}.parquet`))).toBe(true), 20_000)
    const code = await run.stop(signal)
    expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal])
    expect(Object.keys(partsIn(join(folder, 'parts')))).toEqual(
      expect.arrayContaining(PARTS.slice(0, 2).map((part) => `${part}.parquet`)),
    )
    if (signal !== 'SIGKILL') {
      expect(run.said()).toContain(`interrupted by ${signal}; nothing unfinished was left`)
      expect(filesIn(join(folder, 'parts')).filter((path) => /(^|\/)\./.test(path))).toEqual([])
    }
    expect(await read(await node('opensearch-resumed'), args, folder)).toMatchObject({ code: 0 })
    const parts = textsOf(partsIn(join(folder, 'parts')))
    expect(parts).toMatchObject(undisturbed)
  })

  it('is refused where the folder holds another reading', async () => {
    const folder = cli.newFolder()
    const from = await node('opensearch-resumed')
    expect((await read(from, [...SLICES, '--output', 'parts/'], folder)).code).toBe(0)
    const before = partsIn(folder)
    const { code, stderr } = await read(from, [...SLICES, '--output', 'parts/', '--query', 'device:phone'], folder)
    expect(stderr).toContain('parts/ holds parts of another reading (its query was null); give another directory')
    expect({ code, parts: partsIn(folder) }).toEqual({ code: 2, parts: before })
  })
})

describe('a connection that drops while a file is written', () => {
  it('leaves the file that was there, and no other', async () => {
    const folder = cli.newFolder()
    const args = [...SLICES, '--output', 'rows.parquet', '--rejects', 'rejects.ndjson']
    expect((await read(await node('opensearch-resumed'), args, folder)).code).toBe(0)
    const before = partsIn(folder)
    const cut = await node('opensearch-resumed', { cut: (search) => search >= IN_THIRD_SLICE })
    const { code, stderr } = await read(cut, args, folder)
    expect(stderr).toContain('the connection failed: it was cut before the answer was whole (2 attempts)\n')
    expect({ code, files: filesIn(folder), parts: partsIn(folder) }).toEqual({
      code: 1,
      files: ['rejects.ndjson', 'rows.parquet'],
      parts: before,
    })
  })

  it('is tried again before that', async () => {
    const folder = cli.newFolder()
    const cut = await node('opensearch-resumed', { cut: (search) => search === IN_THIRD_SLICE })
    expect(await read(cut, [...SLICES, '--output', 'rows.csv'], folder)).toMatchObject({ code: 0 })
    expect(idsOf(rowsOf(readFileSync(join(folder, 'rows.csv'), 'utf8')))).toEqual(IDS)
  })
})

describe('a server', () => {
  it('that does not know who asks is told of, without the secret, and nothing is written', async () => {
    const folder = cli.newFolder()
    const authorization = `Basic ${Buffer.from('reader:the-right-one').toString('base64')}`
    const from = await node('opensearch-resumed', { authorization })
    const args = [...SLICES, '--output', 'parts/']
    for (const wrong of [
      [],
      ['--username', 'reader', '--password', 'not-it'],
      ['--api-key', 'not-it'],
      ['--elasticsearch', from.url.replace('//', '//reader:not-it@')],
    ]) {
      const { code, stderr, stdout } = await read(from, [...args, ...wrong], folder)
      expect(stderr).toMatch(/^nearcast featurize: http:\S+: answered 401: unable to authenticate user; --api-key-file/)
      expect(stderr + stdout.toString()).not.toContain('not-it')
      expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: [] })
    }
    expect(await read(from, [...args, '--username', 'reader', '--password', 'the-right-one'], folder)).toMatchObject({
      code: 0,
    })
    const inFolder = filesIn(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(inFolder.join()).not.toContain('the-right-one')
  })

  it('that is not there is told of', async () => {
    const folder = cli.newFolder()
    const gone = await startRecordedNode('opensearch-resumed')
    await gone.close()
    const { code, stderr } = await read(gone, ['--output', 'rows.csv'], folder)
    expect(stderr).toContain(`${gone.url}: the connection failed: connect ECONNREFUSED`)
    expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: [] })
  })
})
