/**
 * Prints how fast logged events become a table, next to DuckDB, JSON.parse and pandas: `node bench/featurize.ts [--megabytes N] [--runs N]`.
 * DuckDB comes with one command more, since it is 60 MB: `npm install --no-save @duckdb/node-api@1.5.6-r.1`.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, rmSync, statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Contender, findContenders } from './featurize-contenders.ts'
import { describeMachine } from './machine.ts'
import { type MeasuredRun, runMeasured } from './measured-child.ts'
import { recordFile } from './record-files.ts'
import { RECORD_SIZES, type RecordSize } from './records.ts'
import { ROOT } from './root.ts'

const DUCKDB_PACKAGE = '@duckdb/node-api@1.5.6-r.1'
const FOLDER = join(ROOT, '.cache', 'bench-featurize')
const SAMPLE_MEGABYTES = 200

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '4000' },
    runs: { type: 'string', default: '3' },
  },
})
const megabytes = Number(options.megabytes)
const runs = Number(options.runs)
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

interface Figure {
  readonly name: string
  readonly rowsPerSecond: number
  readonly megabytesPerSecond: number
  readonly peakMebibytes: number | undefined
}

const figureOf = ({ name }: Contender, input: Input, measured: readonly MeasuredRun[]): Figure => {
  const seconds = Math.min(...measured.map(({ milliseconds }) => milliseconds)) / 1e3
  const peaks = measured.flatMap(({ peakBytes }) => peakBytes ?? [])
  return {
    name,
    rowsPerSecond: Math.round(input.rows / seconds),
    megabytesPerSecond: Math.round(input.bytes / 1e6 / seconds),
    peakMebibytes: peaks.length === 0 ? undefined : Math.round(Math.max(...peaks) / 2 ** 20),
  }
}

const measureSize = async (size: RecordSize, contenders: readonly Contender[]): Promise<Figure[]> => {
  const whole = await prepare(size, megabytes)
  const sample = await prepare(size, Math.min(megabytes, SAMPLE_MEGABYTES))
  const inputOf = (contender: Contender): Input => (contender.takesSample ? sample : whole)
  const measured = new Map<Contender, MeasuredRun[]>(contenders.map((contender) => [contender, []]))
  // In turns, so that a busy minute of the machine meets all of them.
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) {
      say(`${size}, run ${run + 1} of ${runs}: ${contender.name}`)
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
  return figures.filter(isFastest).map(({ figure }) => figure)
}

const { cpu, cores, memoryGib, system } = describeMachine()
execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
const { contenders, duckdb } = findContenders(DUCKDB_PACKAGE, say)
const [load = 0] = loadavg()
console.log(
  `${cpu}, ${cores} cores, ${memoryGib} GiB, ${system}, load ${load.toFixed(1)} before; Node ${process.versions.node}, DuckDB ${duckdb ?? 'not installed'}; ${megabytes} MB of records of each size, ${SAMPLE_MEGABYTES} MB for JSON.parse and pandas; best of ${runs} runs of the whole process, Parquet written to disk`,
)
for (const size of RECORD_SIZES) {
  const figures = await measureSize(size, contenders)
  console.log(`\n${size}`)
  console.table(
    Object.fromEntries(
      figures.map(({ name, rowsPerSecond, megabytesPerSecond, peakMebibytes }) => [
        name,
        { 'rows/s': rowsPerSecond, 'MB/s': megabytesPerSecond, 'peak MiB': peakMebibytes },
      ]),
    ),
  )
}
