import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLines } from '../../../bench/records.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

/** In the units of `ulimit -f`, which are 512 bytes or 1,024. */
const LARGEST_FILE = 64
const GOOD = makeLines('beacon', 20_000, 1)
/** Rejects of it are longer than `LARGEST_FILE`, rows of it are not. */
const BAD = Array.from({ length: 3_000 }, (_, index) =>
  index < 10 ? `{"_id":"${index}","createdDateTime":1731880381293}\n` : '{"a":1}\n',
).join('')

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

const folderOf = (): string => {
  const folder = cli.newFolder()
  writeFileSync(join(folder, 'good.ndjson'), GOOD)
  writeFileSync(join(folder, 'bad.ndjson'), BAD)
  return folder
}

/** What stands in `folder` besides the inputs. */
const outputsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile() && !/^(good|bad)\.ndjson$/.test(path))
    .sort()

/** Runs the command as one whose files may grow only so far: the system ends a write in its middle, as a disk that fills does. */
const limited = async (args: readonly string[], folder: string) => {
  const program = [process.execPath, join(cli.folder, 'dist/nearcast.js'), 'featurize', '--zips', resolve('kv-seed')]
  const command = `ulimit -f ${LARGEST_FILE}; exec "$@"`
  const child = spawn('sh', ['-c', command, 'sh', ...program, ...args], { cwd: folder })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr }
}

describe('a file that can grow no further', () => {
  it.each(['rows.parquet', 'rows.csv', 'rows.ndjson'])('ends the run, and is not left half (%s)', async (name) => {
    const folder = folderOf()
    const args = ['good.ndjson', '--compression', 'none', '--output', name, '--rejects', 'r.ndjson']
    const { code, stderr } = await limited(args, folder)
    expect(stderr).toContain(`cannot write ${name}: EFBIG: file too large`)
    expect({ code, outputs: outputsIn(folder) }).toEqual({ code: 1, outputs: [] })
  })

  it('ends the run where it is the one of rejects, and leaves the rows that were there before', async () => {
    const folder = folderOf()
    writeFileSync(join(folder, 'rows.csv'), 'as it was')
    const { code, stderr } = await limited(['bad.ndjson', '--output', 'rows.csv', '--rejects', 'r.ndjson'], folder)
    expect(stderr).toContain('cannot write r.ndjson: EFBIG: file too large')
    expect({ code, outputs: outputsIn(folder) }).toEqual({ code: 1, outputs: ['rows.csv'] })
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe('as it was')
  })

  it('ends a run into a folder with the parts before it, from which the next run goes on', async () => {
    const folder = folderOf()
    writeFileSync(join(folder, 'a.ndjson'), '{"_id":"a","createdDateTime":1731880381293}\n')
    const args = ['a.ndjson', 'good.ndjson', '--output', 'parts/', '--output-format', 'csv']
    const { code, stderr } = await limited(args, folder)
    expect(stderr).toContain('cannot write parts/good.ndjson.csv: EFBIG: file too large')
    const parts = join(folder, 'parts')
    expect({ code, outputs: outputsIn(parts) }).toEqual({ code: 1, outputs: ['_featurize.json', 'a.ndjson.csv'] })
    const written = statSync(join(parts, 'a.ndjson.csv'), { bigint: true }).mtimeNs
    expect(await cli.featurize(args, undefined, folder)).toMatchObject({ code: 0 })
    expect(outputsIn(parts)).toEqual(['_featurize.json', 'a.ndjson.csv', 'good.ndjson.csv'])
    expect(statSync(join(parts, 'a.ndjson.csv'), { bigint: true }).mtimeNs).toBe(written)
    expect(readFileSync(join(parts, 'good.ndjson.csv'), 'utf8').split('\n')).toHaveLength(20_000 + 2)
  })
})

describe.skipIf(!existsSync('/dev/full'))('a device without space', () => {
  const FULL = 'cannot write /dev/full: no space is left on the device'

  it('ends the run, whether rows go there or rejects', async () => {
    const folder = folderOf()
    for (const args of [
      ['good.ndjson', '--output', '/dev/full', '--output-format', 'parquet'],
      ['good.ndjson', '--output', '/dev/full', '--output-format', 'ndjson', '--threads', '2'],
      ['bad.ndjson', '--output', 'rows.parquet', '--rejects', '/dev/full'],
    ]) {
      const { code, stderr } = await cli.featurize(args, undefined, folder)
      expect({ code, stderr, outputs: outputsIn(folder) }).toEqual({
        code: 1,
        stderr: expect.stringContaining(FULL) as string,
        outputs: [],
      })
    }
  })
})
