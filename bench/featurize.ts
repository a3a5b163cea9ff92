/**
 * Prints how fast logged events become a table, next to DuckDB, JSON.parse and pandas: `npx node bench/featurize.ts [--megabytes N] [--runs N]`;
 * with `--write` it also writes bench/featurize.json and docs/featurize.md, `--quick` is a smoke run without Python.
 * DuckDB comes with one command more, since it is 60 MB: `npm install --no-save @duckdb/node-api@1.5.6-r.1`.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, rmSync, statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Contender, findContenders } from './featurize-contenders.ts'
import { type FeaturizeResults, type Figure, writeFeaturizeResults } from './featurize-results.ts'
import { describeMachine } from './machine.ts'
import { type MeasuredRun, runMeasured } from './measured-child.ts'
import { recordFile } from './record-files.ts'
import { RECORD_SIZES, type RecordSize } from './records.ts'
import { ROOT } from './root.ts'

const DUCKDB_PACKAGE = '@duckdb/node-api@1.5.6-r.1'
const FOLDER = join(ROOT, '.cache', 'bench-featurize')
const SAMPLE_MEGABYTES = 200
const QUICK_MEGABYTES = 20
/** Runnable processes, mean of the last minute: more than this and something else wants the cores. */
const QUIET_LOAD = 0.5

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '4000' },
    runs: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
})
if (options.quick && options.write) throw new Error('the figures of a quick run are not for writing down')
const megabytes = options.quick ? QUICK_MEGABYTES : Number(options.megabytes)
const runs = options.quick ? 1 : Number(options.runs)
const say = (line: string): boolean => process.stderr.write(`bench: ${line}\n`)

interface Input {
  readonly path: string
  readonly bytes: number
  readonly rows: number
}

const countLines = async (path: string): Promise<number> => {
  let lines = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
  }
  return lines
}

/** Made if need be, and read once, so that it lies in the page cache. */
const prepare = async (size: RecordSize, millions: number): Promise<Input> => {
  const path = join(FOLDER, `${size}-${millions}.ndjson`)
  await recordFile(path, size, millions * 1e6)
  return { path, bytes: statSync(path).size, rows: await countLines(path) }
}

const figureOf = ({ group, name }: Contender, input: Input, measured: readonly MeasuredRun[]): Figure => {
  const seconds = Math.min(...measured.map(({ milliseconds }) => milliseconds)) / 1e3
  const peaks = measured.flatMap(({ peakBytes }) => peakBytes ?? [])
  return {
    group,
    name,
    rowsPerSecond: Math.round(input.rows / seconds),
    megabytesPerSecond: Math.round(input.bytes / 1e6 / seconds),
    peakMebibytes: peaks.length === 0 ? null : Math.round(Math.max(...peaks) / 2 ** 20),
  }
}

const measureSize = async (
  size: RecordSize,
  contenders: readonly Contender[],
): Promise<FeaturizeResults['sizes'][number]> => {
  const whole = await prepare(size, megabytes)
  const sample = await prepare(size, Math.min(megabytes, SAMPLE_MEGABYTES))
  const inputOf = (contender: Contender): Input => (contender.takesSample ? sample : whole)
  const measured = new Map<Contender, MeasuredRun[]>(contenders.map((contender) => [contender, []]))
  // In turns, so that a busy minute of the machine meets all of them.
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) {
      say(`${size}, run ${run + 1} of ${runs}: ${contender.group}, ${contender.name}`)
      const output = join(FOLDER, 'output.parquet')
      const [program, ...args] = contender.command(size, inputOf(contender).path, output)
      measured.get(contender)?.push(await runMeasured(program, args, ROOT))
      rmSync(output, { force: true })
    }
  }
  const figures = contenders.map((contender) => ({
    contender,
    figure: figureOf(contender, inputOf(contender), measured.get(contender) ?? []),
  }))
  const isFastest = ({ contender, figure }: (typeof figures)[number]): boolean =>
    figures.every(
      (other) => other.contender.group !== contender.group || other.figure.rowsPerSecond <= figure.rowsPerSecond,
    )
  return {
    size,
    bytesPerRecord: Math.round(whole.bytes / whole.rows),
    figures: figures.filter(isFastest).map(({ figure }) => figure),
  }
}

execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
const { contenders, duckdb } = findContenders(DUCKDB_PACKAGE, !options.quick, say)
const [load = 0] = loadavg()
if (load > QUIET_LOAD) say(`the machine is not quiet (load ${load.toFixed(1)})`)
const sizes: FeaturizeResults['sizes'][number][] = []
for (const size of RECORD_SIZES) {
  const measured = await measureSize(size, contenders)
  sizes.push(measured)
  console.log(`\n${size}, ${measured.bytesPerRecord} bytes a record`)
  console.table(
    Object.fromEntries(
      measured.figures.map(({ group, name, rowsPerSecond, megabytesPerSecond, peakMebibytes }) => [
        group,
        { by: name, 'rows/s': rowsPerSecond, 'MB/s': megabytesPerSecond, 'peak MiB': peakMebibytes },
      ]),
    ),
  )
}
const results: FeaturizeResults = {
  command: 'npx node bench/featurize.ts --write',
  date: new Date().toISOString().slice(0, 10),
  machine: describeMachine(),
  versions: { node: process.versions.node, ...(duckdb === undefined ? {} : { duckdb }) },
  megabytes,
  sampleMegabytes: SAMPLE_MEGABYTES,
  runs,
  sizes,
}
if (options.write) writeFeaturizeResults(results)
