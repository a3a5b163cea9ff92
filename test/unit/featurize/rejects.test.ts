import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

const good = (id: string): string => `{"_id":"${id}","createdDateTime":1731880381293,"zipCode":"94107"}`
const TIMELESS = '{"_id":"t","zipCode":"94107"}'
const SECONDS = '{"_id":"s","createdDateTime":1731880381}'
const BROKEN = '{"_id":"x","a":}'

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('--rejects', () => {
  it('tells where each rejected record was, why, and what it was', async () => {
    const folder = cli.newFolder()
    const lines = [good('1'), TIMELESS, '', SECONDS, BROKEN, `${good('2')} `, '[1]', '"é"', '{"a":"\\q"}']
    const invalid = Buffer.concat([Buffer.from('{"createdDateTime":"'), Buffer.from([0xff]), Buffer.from('"}\n')])
    writeFileSync(join(folder, 'in.ndjson'), Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), invalid]))
    const { code, stderr } = await cli.featurize(
      ['in.ndjson', '--output', 'o.csv', '--rejects', 'r.ndjson'],
      '',
      folder,
    )
    expect(code).toBe(0)
    expect(stderr).toContain('7 of 9 records were rejected')
    expect(stderr).toContain('in.ndjson line 2, byte 62: missing_time')
    const offset = (line: number): number => Buffer.byteLength(lines.slice(0, line - 1).join('\n')) + 1
    const reject = (line: number, code: string, message: string, path?: string): object => ({
      ...{ source: 'in.ndjson', line, offset: offset(line), code, message: expect.stringContaining(message) as string },
      ...(path !== undefined && { path }),
      raw: lines[line - 1],
    })
    expect(linesOf(readFileSync(join(folder, 'r.ndjson'), 'utf8'))).toEqual([
      reject(2, 'missing_time', 'no time: looked for createdDateTime', 'createdDateTime'),
      reject(
        4,
        'ambiguous_time',
        'looks like seconds; send milliseconds: 1731880381000, or say --time-unit s',
        'createdDateTime',
      ),
      reject(5, 'invalid_json', 'unexpected byte at byte 15 of the record'),
      reject(7, 'not_an_event', 'an event is a JSON object; this is an array of 1'),
      reject(8, 'not_an_event', 'the string "é"'),
      reject(9, 'missing_time', 'no time', 'createdDateTime'),
      {
        ...{ source: 'in.ndjson', line: 10, offset: offset(10), code: 'invalid_utf8' },
        message: 'invalid utf8 at byte 20 of the record',
        raw: '{"createdDateTime":"\ufffd"}',
        raw_base64: invalid.subarray(0, -1).toString('base64'),
      },
    ])
  })

  it('finds with --strict what is malformed elsewhere in a record', async () => {
    const input = `${good('1')}\n{"_id":"y","createdDateTime":1731880381293,"a":"\\q"}\n`
    const args = ['-', '--columns', 'event_id']
    expect((await cli.featurize(args, input)).stdout.toString()).toBe('{"event_id":"1"}\n{"event_id":"y"}\n')
    const { stdout, stderr } = await cli.featurize([...args, '--strict'], input)
    expect(stdout.toString()).toBe('{"event_id":"1"}\n')
    expect(stderr).toContain('invalid_json: invalid escape')
  })

  it('counts lines and bytes across blocks and threads', async () => {
    const folder = cli.newFolder()
    const count = 60_000
    const lines = Array.from({ length: count }, (_, index) =>
      index % 10_000 === 9_999 ? `{"n":${index}}` : good(`id-${index}`),
    )
    const text = `${lines.join('\n')}\n`
    writeFileSync(join(folder, 'lines.ndjson'), text)
    writeFileSync(join(folder, 'array.json'), `[\n${lines.join(',\n')}\n]`)
    writeFileSync(join(folder, 'bulk.ndjson'), lines.map((line) => `{"index":{}}\n${line}\n`).join(''))
    for (const [name, lineOf] of [
      ['lines.ndjson', (index: number) => index + 1],
      ['array.json', (index: number) => index + 2],
      ['bulk.ndjson', (index: number) => index * 2 + 2],
    ] as const) {
      const content = readFileSync(join(folder, name))
      for (const input of [name, '-']) {
        const args = [input, '--output', 'o.csv', '--rejects', 'r.ndjson', '--threads', '2']
        const { code } = await cli.featurize(args, input === '-' ? content : '', folder)
        expect(code).toBe(0)
        const rejects = linesOf(readFileSync(join(folder, 'r.ndjson'), 'utf8'))
        expect(rejects.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6].map((n) => lineOf(n * 10_000 - 1)))
        for (const { offset, raw } of rejects as { offset: number; raw: string }[]) {
          expect(content.subarray(offset, offset + raw.length).toString()).toBe(raw)
        }
      }
    }
  })
})

describe('--label', () => {
  it('warns of a path at which no row has anything', async () => {
    const folder = cli.newFolder()
    writeFileSync(join(folder, 'in.ndjson'), `${good('1')}\n{"createdDateTime":1731880381293,"sold":null,"bought":0}\n`)
    const labels = ['--label', 'bought', '--label', 'sold', '--label', 'x=bougth:number']
    const { code, stderr } = await cli.featurize(['in.ndjson', '--output', 'o.csv', ...labels], '', folder)
    expect(code).toBe(0)
    expect(stderr).not.toContain('--label bought;')
    for (const path of ['sold', 'bougth']) {
      expect(stderr).toContain(`warning: no row has anything at --label ${path}; its column is empty`)
    }
  })
})

describe('--keep-order', () => {
  it('gives a line for each line in, whatever is amiss with it', async () => {
    const lines = ['', good('1'), '', '  ', TIMELESS, BROKEN, '{"_id":"d"', good('2'), '7', '', SECONDS, good('3'), '']
    const args = ['-', '--keep-order', '--columns', 'event_id']
    const error = (code: string): object => ({ error: expect.objectContaining({ code }) as object })
    const blank = error('blank_line')
    const { stdout, code } = await cli.featurize(args, `${lines.join('\n')}\n`)
    expect(code).toBe(0)
    expect(linesOf(stdout.toString())).toEqual([
      ...[blank, { event_id: '1' }, blank, blank, error('missing_time'), error('invalid_json'), error('invalid_json')],
      ...[{ event_id: '2' }, error('not_an_event'), blank, error('ambiguous_time'), { event_id: '3' }, blank],
    ])
  })

  it('holds over many blocks', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) =>
      index % 7 === 0 ? '' : index % 5 === 0 ? TIMELESS : good(`an-id-that-is-rather-long-${index}`),
    )
    const { stdout } = await cli.featurize(['-', '--keep-order', '--columns', 'event_id'], `${lines.join('\n')}\n`)
    const out = linesOf(stdout.toString())
    expect(out.length).toBe(lines.length)
    lines.forEach((line, index) => {
      const id = line === '' || line === TIMELESS ? undefined : (JSON.parse(line) as { _id: string })._id
      expect(out[index].event_id).toBe(id)
    })
  })
})

describe('--output DIR/', () => {
  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()

  it('writes a part for each finished input, and never again one that is there', async () => {
    const folder = cli.newFolder()
    writeFileSync(join(folder, 'a.ndjson'), `${good('1')}\n${TIMELESS}\n`)
    writeFileSync(join(folder, 'b.ndjson'), `${good('2')}\n${good('3').slice(0, 20)}`)
    writeFileSync(join(folder, 'c.ndjson'), `${SECONDS}\n${good('4')}\n`)
    const args = ['a.ndjson', 'b.ndjson', 'c.ndjson', '--output', 'parts/', '--rejects', 'r.ndjson', '--label', '_id']
    const first = await cli.featurize(args, '', folder)
    expect(first.stderr).toContain('b.ndjson: the input ends inside this record (line 2, byte 62)')
    expect(first.code).toBe(2)
    expect(files(join(folder, 'parts'))).toEqual(['_featurize.json', '_rejects/a.ndjson.ndjson', 'a.ndjson.parquet'])
    const written = statSync(join(folder, 'parts/a.ndjson.parquet')).mtimeMs

    writeFileSync(join(folder, 'b.ndjson'), `${good('2')}\n${good('3')}`)
    const second = await cli.featurize(args, '', folder)
    expect(second.stderr).toContain('a.ndjson: its part is there already')
    expect(second.code).toBe(0)
    expect(files(join(folder, 'parts'))).toEqual([
      ...['_featurize.json', '_rejects/a.ndjson.ndjson', '_rejects/c.ndjson.ndjson'],
      ...['a.ndjson.parquet', 'b.ndjson.parquet', 'c.ndjson.parquet'],
    ])
    expect(statSync(join(folder, 'parts/a.ndjson.parquet')).mtimeMs).toBe(written)
    // The rejects of both runs.
    expect(linesOf(readFileSync(join(folder, 'r.ndjson'), 'utf8')).map(({ source, line }) => [source, line])).toEqual([
      ['a.ndjson', 2],
      ['c.ndjson', 1],
    ])

    utimesSync(join(folder, 'a.ndjson'), new Date(Date.now() + 60_000), new Date(Date.now() + 60_000))
    const third = await cli.featurize(args, '', folder)
    expect(third.stderr).toContain('warning: a.ndjson has changed since parts/a.ndjson.parquet was written')
    expect(third.code).toBe(0)

    const other = await cli.featurize([...args, '--time-unit', 'ms'], '', folder)
    expect(other.stderr).toContain('parts/ holds parts whose rules are others')
    expect(other.code).toBe(2)
  })

  it('gives inputs of one name in several folders parts of different names, and takes labels for what they were at first', async () => {
    const folder = cli.newFolder()
    writeFileSync(join(folder, 'x y.ndjson'), `${good('1')}\n`)
    writeFileSync(join(folder, 'x_y.ndjson'), '{"createdDateTime":1731880381293,"n":"text"}\n')
    const args = ['x y.ndjson', 'x_y.ndjson', '--output', 'parts/', '--label', 'n']
    const { code, stderr } = await cli.featurize(args, '', folder)
    // Nothing stood there in the first part, so that the label is a number.
    expect(stderr).toContain('the label n holds "text", which is no double')
    expect(code).toBe(2)
    const typed = await cli.featurize([...args.slice(0, -1), 'n:text'].with(3, 'typed/'), '', folder)
    expect(typed.code).toBe(0)
    expect(files(join(folder, 'typed'))).toEqual([
      '_featurize.json',
      expect.stringMatching(/^x_y\.ndjson-[0-9a-f]{8}\.parquet$/),
      'x_y.ndjson.parquet',
    ])
    expect(existsSync(join(folder, 'parts', 'x_y.ndjson.parquet'))).toBe(false)
  })

  it('fails a part in which too much was rejected, and keeps those before it', async () => {
    const folder = cli.newFolder()
    writeFileSync(join(folder, 'a.ndjson'), `${good('1')}\n`)
    writeFileSync(join(folder, 'b.ndjson'), `${good('1')}\n${TIMELESS}\n`)
    const args = ['a.ndjson', 'b.ndjson', '--output', 'parts/', '--max-reject-share', '0.1', '--rejects', 'r.ndjson']
    const { code, stderr } = await cli.featurize(args, '', folder)
    expect(stderr).toContain('b.ndjson: 1 of 2 records were rejected, more than --max-reject-share 0.1')
    expect({ code, files: files(join(folder, 'parts')) }).toEqual({
      code: 1,
      files: ['_featurize.json', '_rejects/b.ndjson.ndjson', 'a.ndjson.parquet'],
    })
    expect(linesOf(readFileSync(join(folder, 'r.ndjson'), 'utf8')).length).toBe(1)
  })
})
