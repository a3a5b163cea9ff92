import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLines } from '../../../bench/records.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

const GOOD = '{"_id":"a","createdDateTime":1731880381293,"zipCode":"94107"}\n'

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

const folderWith = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const folder = cli.newFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()

const read = (folder: string, ...args: string[]) => cli.featurize(args, undefined, folder)
const rowsOf = (path: string): number => readFileSync(path, 'utf8').trimEnd().split('\n').length - 1

describe('an input', () => {
  it('may have any name, and has a part of its own whatever that is', async () => {
    const names = ['a b;"$x\'é\nz.ndjson', '[x].ndjson', '@timestamp', '_hidden', `${'long'.repeat(60)}.ndjson`]
    const folder = folderWith(Object.fromEntries(names.map((name) => [name, GOOD])))
    mkdirSync(join(folder, 'd'.repeat(200)))
    const deep = `${'d'.repeat(200)}/${'e'.repeat(200)}`
    writeFileSync(join(folder, deep), GOOD)
    expect(await read(folder, ...names, deep, '--output', 'parts é/')).toMatchObject({ code: 0 })
    const parts = filesIn(join(folder, 'parts é')).filter((path) => path.endsWith('.parquet'))
    expect(parts).toHaveLength(names.length + 1)
    for (const part of parts) expect(part).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*-[0-9a-f]{8}\.parquet$/)
    expect(await read(folder, ...names, '--output', 'all of\nthem.csv')).toMatchObject({ code: 0 })
    expect(rowsOf(join(folder, 'all of\nthem.csv'))).toBe(names.length)
  })

  it('may be empty or blank: a table without rows', async () => {
    const files = {
      empty: '',
      blank: '\n\n  \n\r\n',
      mark: '\ufeff',
      list: '[]',
      page: '{"took":1,"hits":{"hits":[]}}',
      'empty.gz': gzipSync(''),
      'empty.zst': zstdCompressSync(''),
    }
    const folder = folderWith(files)
    const { code, stderr } = await read(folder, ...Object.keys(files), '--output', 'parts/', '--output-format', 'csv')
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(': 0 rows in') as string })
    for (const name of Object.keys(files)) expect(rowsOf(join(folder, 'parts', `${name}.csv`))).toBe(0)
    expect(await read(folder, 'empty', '--output', 'empty.parquet')).toMatchObject({ code: 0 })
    expect(statSync(join(folder, 'empty.parquet')).size).toBeGreaterThan(0)
  })

  it('may come in another form than the one beside it', async () => {
    const list = `[${GOOD},${GOOD}]`
    const folder = folderWith({ list, lines: GOOD, 'more.gz': gzipSync(list), pairs: `{"index":{"_id":"1"}}\n${GOOD}` })
    const args = ['list', 'lines', 'more.gz', 'pairs', '--output', 'all.csv']
    expect(await read(folder, ...args)).toMatchObject({ code: 0 })
    expect(rowsOf(join(folder, 'all.csv'))).toBe(6)
  })

  it.each([
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(GOOD, 'utf16le')])],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(GOOD, 'utf16le')]).swap16()],
    ['UTF-16LE', Buffer.from(GOOD, 'utf16le')],
    ['UTF-16BE', Buffer.from(GOOD, 'utf16le').swap16()],
    ['UTF-16LE', Buffer.from(`[${GOOD}]`, 'utf16le')],
  ])('in %s is refused, with what makes UTF-8 of it', async (name, content) => {
    const folder = folderWith({ wide: content, 'wide.gz': gzipSync(content) })
    for (const path of ['wide', 'wide.gz']) {
      const { code, stderr } = await read(folder, path, '--output', 'o.csv')
      expect(stderr).toContain(`${path}: records are JSON in UTF-8; this input is ${name} (iconv -f ${name} -t UTF-8`)
      expect({ code, files: filesIn(folder) }).toEqual({ code: 2, files: ['wide', 'wide.gz'] })
    }
  })

  it('that cannot be opened is named', async () => {
    const folder = folderWith({})
    // A link to itself: nobody can open it, whoever runs the test.
    symlinkSync('endless', join(folder, 'endless'))
    const { code, stderr } = await read(folder, 'endless', '--output', 'o.csv')
    expect(stderr).toMatch(/ELOOP: .*'.*endless'/)
    expect({ code, files: readdirSync(folder) }).toEqual({ code: 1, files: ['endless'] })
  })

  it.each([
    ['whole.gz', (bytes: Buffer) => gzipSync(bytes), 2],
    ['whole.zst', (bytes: Buffer) => zstdCompressSync(bytes), 2],
    ['cut.gz', (bytes: Buffer) => gzipSync(bytes).subarray(0, -100), 1],
    ['cut.zst', (bytes: Buffer) => zstdCompressSync(bytes).subarray(0, -100), 1],
    ['damaged.gz', (bytes: Buffer) => gzipSync(bytes).fill(0x55, 20_000, 20_100), 1],
    ['damaged.zst', (bytes: Buffer) => zstdCompressSync(bytes).fill(0x55, 20_000, 20_100), 1],
  ] as const)(
    'that is cut or damaged inside or as an archive ends the run, after the parts before it (%s)',
    async (name, compress, exit) => {
      const lines = makeLines('log', 3_000, 1)
      const folder = folderWith({ 'a.ndjson': GOOD, [name]: compress(Buffer.from(lines.subarray(0, -20))) })
      const { code, stderr } = await read(folder, 'a.ndjson', name, '--output', 'parts/', '--output-format', 'csv')
      const said = exit === 2 ? 'the input ends inside this record (line 3000, byte ' : 'cannot be decompressed ('
      expect(stderr).toMatch(new RegExp(`^nearcast.*: ${name}`))
      expect(stderr).toContain(said)
      expect({ code, files: filesIn(join(folder, 'parts')) }).toEqual({
        code: exit,
        files: ['_featurize.json', 'a.ndjson.csv'],
      })
    },
  )
})

describe('an output', () => {
  it('replaces the file that was there, whole, and makes the folders it lies in', async () => {
    const folder = folderWith({ good: GOOD, 'old.csv': 'old '.repeat(1_000) })
    for (const output of ['old.csv', 'new/deep/er/o.csv']) {
      expect(await read(folder, 'good', '--output', output)).toMatchObject({ code: 0 })
      expect(rowsOf(join(folder, output))).toBe(1)
      expect(readFileSync(join(folder, output), 'utf8')).not.toContain('old')
    }
    expect(filesIn(folder)).toEqual(['good', 'new/deep/er/o.csv', 'old.csv'])
  })

  it('never harms its input, by whatever name it is called', async () => {
    const folder = folderWith({ good: GOOD })
    symlinkSync('good', join(folder, 'symbolic.csv'))
    linkSync(join(folder, 'good'), join(folder, 'hard.csv'))
    for (const output of ['good', './x/../good', 'symbolic.csv', 'hard.csv']) {
      const { code, stderr } = await read(folder, 'good', '--output', output, '--output-format', 'csv')
      expect(readFileSync(join(folder, 'good'), 'utf8')).toBe(GOOD)
      if (output.endsWith('good')) expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.any(String) })
    }
  })

  it('never replaces an input that a pattern found', async () => {
    const folder = folderWith({ 'a.ndjson': GOOD, 'b.ndjson': GOOD })
    for (const args of [
      ['--output', 'b.ndjson'],
      ['--output', 'o.csv', '--rejects', './b.ndjson'],
    ]) {
      const { code, stderr } = await read(folder, '*.ndjson', ...args)
      expect(stderr).toContain('b.ndjson is an input; it would be overwritten')
      expect({ code, files: filesIn(folder) }).toEqual({ code: 2, files: ['a.ndjson', 'b.ndjson'] })
      expect(readFileSync(join(folder, 'b.ndjson'), 'utf8')).toBe(GOOD)
    }
  })

  it.each([
    [['--output', 'o.ndjson', '--rejects', './o.ndjson'], '--rejects ./o.ndjson: is the output'],
    [['--output', 'o.ndjson', '--rejects', '-'], '--rejects -: expected the name of a file'],
    [['--output', 'o/', '--rejects', '.'], '--rejects .: expected the name of a file'],
    [['--output', 'o/', '--rejects', 'o/good.parquet'], '--rejects o/good.parquet: would stand among the parts in o/'],
  ])('and its rejects have places of their own: %j', async (args, message) => {
    const folder = folderWith({ good: `${GOOD}{"a":1}\n` })
    const { code, stderr } = await read(folder, 'good', ...args)
    expect(stderr).toContain(message)
    expect({ code, files: filesIn(folder) }).toEqual({ code: 2, files: ['good'] })
  })

  it('is not begun where a file stands in the place of its folder', async () => {
    const folder = folderWith({ good: GOOD, there: 'x' })
    for (const output of ['there/', 'there/o.csv']) {
      const { code, stderr } = await read(folder, 'good', '--output', output)
      expect(stderr).toContain('cannot write there/')
      expect({ code, files: filesIn(folder) }).toEqual({ code: 1, files: ['good', 'there'] })
    }
  })
})

describe('a run that gave nothing but rejects', () => {
  it('fails, and says where the first was and why', async () => {
    const folder = folderWith({ good: GOOD, bad: '\n{"a":1}\n{"b":1}\n' })
    const { code, stderr } = await read(folder, 'good', 'bad', '--output', 'parts/')
    expect(stderr).toContain(
      'bad: 2 of 2 records were rejected, so that there are no rows; the first: bad line 2, byte 1: missing_time: no time: looked for createdDateTime',
    )
    expect(code).toBe(1)
    expect(existsSync(join(folder, 'parts/bad.parquet'))).toBe(false)
  })
})
