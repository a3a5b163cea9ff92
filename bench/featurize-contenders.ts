/** Who featurizes in the bench, and by which command. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordSize } from './records.ts'
import { ROOT } from './root.ts'

export interface Contender {
  readonly name: string
  /** Contenders of one group do the same work: the fastest of them counts. */
  readonly group: string
  /** It is slow or holds everything: a part of the input must do. */
  readonly takesSample: boolean
  command(size: RecordSize, input: string, output: string): readonly string[]
}

const PEERS = join(ROOT, 'bench', 'peers')
const COLUMNS = 'event_id,epoch_ms,day_of_year,day_of_week,hour_of_day'

/** Where the records of each size hold their time. */
const TIME_FIELDS: Readonly<Record<RecordSize, string>> = {
  beacon: 'createdDateTime',
  log: 'timestamp',
  session: 'createdDateTime',
}

const nearcast = (threads: number, columns: 'the five' | 'all'): Contender => ({
  name: 'nearcast featurize',
  group: `Nearcast, ${columns} columns, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  takesSample: false,
  command: (_, input, output) => [
    ...[process.execPath, join(ROOT, 'dist', 'nearcast.js'), 'featurize', input, '--output', output],
    ...['--threads', String(threads), ...(columns === 'the five' ? ['--columns', COLUMNS] : [])],
  ],
})

const duckdb = (reader: 'typed' | 'objects'): Contender => ({
  name: reader === 'typed' ? 'DuckDB, typed read_json' : 'DuckDB, read_json_objects',
  group: 'DuckDB',
  takesSample: false,
  command: (size, input, output) => [
    ...[process.execPath, join(PEERS, 'featurize-duckdb.mjs'), input, output, reader, TIME_FIELDS[size]],
    '2',
  ],
})

const jsonParse: Contender = {
  name: 'JSON.parse line by line, nothing written',
  group: 'JSON.parse',
  takesSample: true,
  command: (_, input) => [process.execPath, join(PEERS, 'featurize-json-parse.ts'), input],
}

const PYTHON_FOLDER = join(ROOT, '.cache', 'bench-featurize-python')
const PYTHON = join(PYTHON_FOLDER, 'bin', 'python')

const pandas: Contender = {
  name: 'pandas, json.loads line by line',
  group: 'pandas',
  takesSample: true,
  command: (size, input, output) => [PYTHON, join(PEERS, 'featurize_pandas.py'), input, output, TIME_FIELDS[size]],
}

/** Whether pandas can be run; its packages are installed once. */
const installPandas = (say: (line: string) => void): boolean => {
  const requirements = readFileSync(join(PEERS, 'featurize-requirements.txt'), 'utf8')
  const stamp = join(PYTHON_FOLDER, 'requirements.txt')
  try {
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return true
    rmSync(PYTHON_FOLDER, { recursive: true, force: true })
    mkdirSync(PYTHON_FOLDER, { recursive: true })
    execFileSync('python3', ['-m', 'venv', PYTHON_FOLDER], { stdio: 'pipe' })
    execFileSync(PYTHON, ['-m', 'pip', 'install', '--quiet', ...requirements.trim().split('\n')], { stdio: 'pipe' })
    writeFileSync(stamp, requirements)
    return true
  } catch (error) {
    say(`pandas is left out: ${String(error).trim().split('\n').at(-1)}`)
    return false
  }
}

/** `undefined` where it is not installed. */
const duckdbVersion = (): string | undefined => {
  const path = join(ROOT, 'node_modules', '@duckdb', 'node-api', 'package.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : undefined
}

export interface Field {
  readonly contenders: readonly Contender[]
  readonly duckdb: string | undefined
}

/** Those that can be run here, Python's only `withPython`; `say` tells of the others. */
export const findContenders = (duckdbPackage: string, withPython: boolean, say: (line: string) => void): Field => {
  const version = duckdbVersion()
  if (version === undefined) say(`DuckDB is left out: npm install --no-save ${duckdbPackage}`)
  const contenders = [
    ...[nearcast(1, 'the five'), nearcast(2, 'the five'), nearcast(1, 'all'), nearcast(2, 'all')],
    ...(version === undefined ? [] : [duckdb('typed'), duckdb('objects')]),
    jsonParse,
    ...(withPython && installPandas(say) ? [pandas] : []),
  ]
  return { contenders, duckdb: version }
}
