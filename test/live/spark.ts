/**
 * Runs examples/spark_featurize.py, the recipe of docs/spark.md, on a real Spark: `npx node test/live/spark.ts`. Wants Java 17 or newer and
 * Python 3.10 or newer; PySpark comes from PyPI (about 500 MB, once, into .cache/). Spark runs in this machine's memory, on 127.0.0.1.
 *
 * 60,002 lines in 27 files, among them blank, cut and timeless ones, must give in 28 partitions, one of them empty, what one process gives for
 * them, in the same order; and a filter that fails must fail the job.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { makeLines } from '../../bench/records.ts'
import { ROOT } from '../../bench/root.ts'
import { buildCli } from '../support/featurize-cli.ts'
import { Report } from './opensearch.report.ts'

const PYSPARK = 'pyspark==4.3.0'
const PYTHON = join(ROOT, '.cache', PYSPARK.replace('==', '-'))
const SMALL_FILES = 24

type Row = Record<string, unknown> & { readonly error?: { readonly code: string } | null }

/** Installs PySpark into an environment of its own, once. */
const install = (): void => {
  const stamp = join(PYTHON, 'complete')
  if (existsSync(stamp)) return
  rmSync(PYTHON, { recursive: true, force: true })
  execFileSync('python3', ['-m', 'venv', PYTHON], { stdio: 'inherit' })
  execFileSync(join(PYTHON, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', PYSPARK], { stdio: 'inherit' })
  mkdirSync(stamp)
}

/** `count` lines: every 7th is blank, cut, without its time, or has no id; some end in CRLF. */
const someLines = (count: number, seed: number): string[] =>
  makeLines('beacon', count, seed)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line, index) => {
      if (index % 7 !== 3) return index % 5 === 0 ? `${line}\r` : line
      const odd = [
        '',
        line.slice(0, 70),
        line.replace('createdDateTime', 'then'),
        line.replace('"_id"', '"_no"'),
        'oops',
      ]
      return odd[((index - 3) / 7) % odd.length]
    })

/** A file that Spark splits, an archive of nothing, which is a partition without lines, and small files, the last without its line feed. */
const writeInput = (folder: string): string[] => {
  const small = Array.from({ length: SMALL_FILES }, (_, index) => someLines(50 * (index + 1), index).join('\n'))
  const files: Record<string, string | Buffer> = {
    '00.ndjson': `${someLines(45_000, 99).join('\n')}\n`,
    '01.ndjson.gz': gzipSync(''),
    '02.ndjson': '{"a":1}\n\n',
  }
  small.forEach((text, index) => {
    files[`${index + 10}.ndjson`] = index === SMALL_FILES - 1 ? text : `${text}\n`
  })
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  })
}

/** The rows of the Parquet files in `folder`, in the order of their names, and how many files there are. */
const readTable = async (folder: string): Promise<{ readonly rows: Row[]; readonly parts: number }> => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'))
  const rows: Row[] = []
  for (const name of names.sort()) {
    const bytes = readFileSync(join(folder, name))
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    rows.push(...((await parquetReadObjects({ file, compressors })) as Row[]))
  }
  return { rows, parts: names.length }
}

/** What is there, integers as plain numbers: Spark has a null where a line of NDJSON leaves a name out. */
const plain = (row: Row): object =>
  JSON.parse(
    JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : (value ?? undefined))),
  ) as object

const codesOf = (rows: readonly Row[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { error } of rows) counts[error?.code ?? 'rows'] = (counts[error?.code ?? 'rows'] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort())
}

const report = new Report()
install()
const cli = await buildCli()
const folder = mkdtempSync(join(tmpdir(), 'nearcast-spark-'))

/** A folder such as `npm install --prefix` makes, of this checkout. */
const makePackage = (): string => {
  const prefix = join(folder, 'nearcast')
  mkdirSync(join(prefix, 'node_modules'), { recursive: true })
  symlinkSync(join(ROOT, 'kv-seed'), join(cli.folder, 'kv-seed'))
  symlinkSync(cli.folder, join(prefix, 'node_modules', 'nearcast'))
  mkdirSync(join(prefix, 'node_modules', '.bin'))
  symlinkSync(process.execPath, join(prefix, 'node_modules', '.bin', 'node'))
  return prefix
}

const submit = (args: readonly string[]): { readonly code: number | null; readonly said: string } => {
  const settings = ['spark.ui.enabled=false', 'spark.driver.bindAddress=127.0.0.1', `spark.local.dir=${folder}`]
  const { status, stdout, stderr } = spawnSync(
    join(PYTHON, 'bin', 'spark-submit'),
    [
      ...['--master', 'local[2]', '--driver-memory', '1g', ...settings.flatMap((setting) => ['--conf', setting])],
      ...[join(ROOT, 'examples', 'spark_featurize.py'), ...args],
    ],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PYSPARK_PYTHON: join(PYTHON, 'bin', 'python'), SPARK_LOCAL_IP: '127.0.0.1' },
    },
  )
  return { code: status, said: `${stdout}${stderr}` }
}

try {
  const nearcast = makePackage()
  const input = join(folder, 'input')
  mkdirSync(input)
  const files = writeInput(input)

  const single = await cli.featurize([...files, '--format', 'ndjson', '--keep-order', '--output', '-'])
  const expected = single.stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
  report.check('one process', single.code === 0, JSON.stringify(codesOf(expected)))

  const start = performance.now()
  const { code, said } = submit([nearcast, join(input, '*.ndjson*'), join(folder, 'output')])
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  report.check('the job', code === 0, code === 0 ? `${seconds} s` : said.slice(-4_000))
  const { rows, parts } = await readTable(join(folder, 'output'))
  const totals = JSON.stringify(codesOf(rows))
  report.check('the same totals in many partitions', totals === JSON.stringify(codesOf(expected)), totals)
  const differing = expected.filter((row, index) => !isDeepStrictEqual(plain(row), plain(rows[index] ?? {}))).length
  const isSame = differing === 0 && rows.length === expected.length && parts > SMALL_FILES
  report.check('the same rows in the same order', isSame, `${rows.length} rows, ${parts} parts, ${differing} differ`)

  for (const [what, ...options] of [
    ['cannot read its flags', '--nonsense'],
    ['fails behind its last row', '--max-reject-share', '0'],
  ]) {
    const output = join(folder, `failed${options[0]}`)
    const failed = submit([nearcast, join(input, '*.ndjson*'), output, ...options])
    const isFailed =
      failed.code !== 0 && /PIPE_FUNCTION_EXITED/.test(failed.said) && !existsSync(join(output, '_SUCCESS'))
    report.check(`a filter that ${what} fails the job`, isFailed, `exit code ${failed.code}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
  cli.remove()
}
report.end()
