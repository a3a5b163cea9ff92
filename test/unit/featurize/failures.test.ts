import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLines } from '../../../bench/records.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

const GOOD = '{"_id":"a","createdDateTime":1731880381293,"zipCode":"94107"}'

let cli: BuiltCli

beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

/** Files, however deep. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()

const folderWith = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const folder = cli.newFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

describe('bad input ends with exit code 2, a message and no output', () => {
  it.each([
    [
      'a line cut in the middle',
      `${GOOD}\n${GOOD.slice(0, 30)}`,
      'bad: the input ends inside this record (line 2, byte 62)',
    ],
    [
      'a list cut in the middle',
      `[${GOOD},\n${GOOD.slice(0, 30)}`,
      'bad: the input ends inside the record that begins here (line 2, byte 64)',
    ],
    ['a list without its end', `[${GOOD}`, 'bad: the input ends inside a list of records (line 1, byte 62)'],
    ['a page cut in the middle', `{"took":1,"hits":{"hits":[${GOOD}`, 'the input ends inside a list of records'],
    [
      'an action without its document',
      `{"index":{"_id":"1"}}\n${GOOD}\n{"index":{}}\n`,
      'bad: the input ends behind this action (line 3, byte 84)',
    ],
    [
      'a file that is not JSON',
      'time,zip\n1731880381293,94107\n',
      'bad: records are JSON; this input begins with 0x74',
    ],
    ['a binary file', Buffer.from([0x7f, 0x45, 0x4c, 0x46]), 'begins with 0x7f'],
    ['a list whose structure is lost', `[${GOOD},{"a":1]},${GOOD}]`, 'the structure of the input is lost here'],
    ['a record that is larger than allowed', `{"a":"${'x'.repeat(17e6)}"}\n`, 'a record is longer than'],
  ])('%s', async (_, content, message) => {
    const folder = folderWith({ bad: content, good: `${GOOD}\n` })
    for (const output of ['out.parquet', 'out.csv', 'parts/']) {
      const args = ['bad', '--output', output, '--rejects', 'rejects.ndjson']
      const { code, stderr, stdout } = await cli.featurize(args, undefined, folder)
      expect(stderr).toContain(message)
      expect({ code, stdout: stdout.length, files: filesIn(folder) }).toEqual({
        code: 2,
        stdout: 0,
        files: ['bad', 'good'],
      })
    }
    const piped = await cli.featurize(['-', '--output', 'out.parquet', '--threads', '2'], content, folder)
    expect(piped.stderr).toContain(message.replace('bad:', '-:'))
    expect({ code: piped.code, files: filesIn(folder) }).toEqual({ code: 2, files: ['bad', 'good'] })
  })

  it.each([
    [[], 'name what to read'],
    [['absent.ndjson', '--output', 'o.csv'], 'absent.ndjson: no such file'],
    [['*.absent', '--output', 'o.csv'], 'no file fits this pattern'],
    [['.', '--output', 'o.csv'], 'is a directory'],
    [['good'], '--output: name the file to write'],
    [['good', '--output', 'rows.txt'], 'expected a name that ends in .parquet, .csv or .ndjson'],
    [['good', '--output', 'good.csv', '--output-format', 'xml'], '--output-format xml: expected parquet, csv, ndjson'],
    [['good', '--output', 'o.csv', '--format', 'tsv'], '--format tsv: expected ndjson, array, pages, bulk, sequence'],
    [['good', '--output', 'o.csv', '--time-unit', 'min'], '--time-unit min: expected ms, s, us, ns'],
    [['good', '--output', 'o.csv', '--time-zone', 'Mars'], '--time-zone Mars: not a time zone known here'],
    [['good', '--output', 'o.csv', '--max-reject-share', '2'], 'expected a share from 0 to 1'],
    [['good', '--output', 'o.csv', '--threads', '0'], 'expected a whole number from 1 to 64'],
    [['good', '--output', 'o.csv', '--zips', 'nowhere'], '--zips nowhere: not here'],
    [['good', '--output', 'o.csv', '--zips', 'good'], 'cannot read zip features from good'],
    [['good', '--output', 'o.csv', '--keep-order'], '--keep-order wants NDJSON'],
    [['good', '--output', 'o.csv', '--columns', 'hour'], '--columns: there is no column hour'],
    [['good', '--output', 'o.csv', '--label', 'latitude'], 'two columns are called "latitude"'],
    [['good', '--output', 'o.csv', '--text', 'device'], '--text goes with --view or --model'],
    [['good', '--output', 'o.csv', '--view', 'good'], 'good: '],
    [['good', '--output', 'o.csv', '--rejects', 'good'], 'good is an input; it would be overwritten'],
    [['good', '--output', 'o.csv', '--nonsense'], "Unknown option '--nonsense'"],
  ])('%j', async (args, message) => {
    const folder = folderWith({ good: `${GOOD}\n` })
    const { code, stderr } = await cli.featurize(args, undefined, folder)
    expect(stderr).toContain(message)
    expect({ code, files: filesIn(folder) }).toEqual({ code: 2, files: ['good'] })
  })
})

describe('a failure ends with exit code 1, a message and no output', () => {
  it('when an archive is cut short', async () => {
    const whole = gzipSync(makeLines('log', 3_000, 1))
    const folder = folderWith({ 'cut.gz': whole.subarray(0, whole.length / 2) })
    const { code, stderr } = await cli.featurize(['cut.gz', '--output', 'o.parquet'], undefined, folder)
    expect(stderr).toContain('cut.gz cannot be decompressed (gzip) to its end: unexpected end of file')
    expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: ['cut.gz'] })
  })

  it('when more was rejected than is allowed; the rejects say what', async () => {
    const folder = folderWith({ some: `${GOOD}\n{"a":1}\n${GOOD}\n` })
    const args = ['some', '--output', 'o.parquet', '--rejects', 'r.ndjson', '--max-reject-share', '0.3']
    const { code, stderr } = await cli.featurize(args, undefined, folder)
    expect(stderr).toContain('1 of 3 records were rejected, more than --max-reject-share 0.3')
    expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: ['r.ndjson', 'some'] })
    const allowed = await cli.featurize([...args.slice(0, -1), '0.34'], undefined, folder)
    expect({ code: allowed.code, files: filesIn(folder) }).toEqual({
      code: 0,
      files: ['o.parquet', 'r.ndjson', 'some'],
    })
  })

  it('when nothing but rejects came', async () => {
    const folder = folderWith({ none: '{"a":1}\n' })
    const { code, stderr } = await cli.featurize(['none', '--output', 'o.csv'], undefined, folder)
    expect(stderr).toContain('1 of 1 records were rejected')
    expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: ['none'] })
  })

  it('when the output cannot be written', async () => {
    const folder = folderWith({ good: `${GOOD}\n` })
    const { code, stderr } = await cli.featurize(['good', '--output', 'good/o.csv'], undefined, folder)
    expect(stderr).toContain('cannot write good/o.csv')
    expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: ['good'] })
  })

  it.skipIf(!existsSync('/dev/full'))('when the device it is written to is full', async () => {
    const folder = folderWith({ 'in.ndjson': makeLines('beacon', 2_000, 1) })
    const { code, stderr } = await cli.featurize(
      ['in.ndjson', '--output', '/dev/full', '--output-format', 'csv'],
      undefined,
      folder,
    )
    expect(stderr).toContain('cannot write /dev/full: no space is left on the device')
    expect(code).toBe(1)
  })
})

describe('Ctrl-C', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('leaves no half file behind (%s)', async (signal) => {
    const folder = folderWith({ 'old.parquet': 'as it was' })
    const child = cli.start(['-', '--output', 'old.parquet', '--rejects', 'r.ndjson', '--threads', '2'], folder)
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.write(makeLines('log', 20_000, 1))
    while (filesIn(folder).length < 2) await setTimeout(20)
    expect(filesIn(folder)).toEqual([
      expect.stringMatching(/^\.old\.parquet\..*part$/),
      expect.stringMatching(/^\.r/),
      'old.parquet',
    ])
    await setTimeout(300)
    child.kill(signal)
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, files: filesIn(folder) }).toEqual({ code: signal === 'SIGINT' ? 130 : 143, files: ['old.parquet'] })
    expect(stderr).toContain(`interrupted by ${signal}; nothing unfinished was left`)
    expect(readFileSync(join(folder, 'old.parquet'), 'utf8')).toBe('as it was')
  })
})
