/** The figures of featurizing, bench/featurize.json: what stands in it, and how docs/featurize.md shows it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { count, table, withBlock } from './figures.ts'
import type { Machine } from './machine.ts'
import type { RecordSize } from './records.ts'
import { ROOT } from './root.ts'

/** The fastest of one group of contenders on records of one size; `megabytes` are 10^6 bytes of input. */
export interface Figure {
  readonly group: string
  readonly name: string
  readonly rowsPerSecond: number
  readonly megabytesPerSecond: number
  readonly peakMebibytes: number | null
}

export interface FeaturizeResults {
  /** Prints these figures. */
  readonly command: string
  /** UTC, for example `2026-11-24`. */
  readonly date: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly megabytes: number
  /** For those that take a part of the input. */
  readonly sampleMegabytes: number
  readonly runs: number
  readonly sizes: readonly {
    readonly size: RecordSize
    readonly bytesPerRecord: number
    readonly figures: readonly Figure[]
  }[]
}

const FILE = join(ROOT, 'bench', 'featurize.json')
export const FEATURIZE_PAGE = 'docs/featurize.md'

export const readFeaturizeResults = (): FeaturizeResults => JSON.parse(readFileSync(FILE, 'utf8')) as FeaturizeResults

const byGroup = (figures: readonly Figure[], group: string): Figure => {
  const found = figures.find((figure) => figure.group === group)
  if (found === undefined) throw new Error(`the results have no ${group}`)
  return found
}

const cell = ({ rowsPerSecond, megabytesPerSecond, peakMebibytes }: Figure): string =>
  `${count(rowsPerSecond)} (${count(megabytesPerSecond)} MB/s, ${peakMebibytes === null ? 'memory unknown' : `${peakMebibytes} MiB`})`

/** The block without its markers. */
export const renderFeaturize = (results: FeaturizeResults): string => {
  const { machine, versions, sizes } = results
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const head = sizes.map(({ bytesPerRecord }) => `records of ${count(bytesPerRecord)} bytes`)
  const groups = [...new Set(sizes.flatMap(({ figures }) => figures.map(({ group }) => group)))]
  const rows = groups.map((group) => [group, ...sizes.map(({ figures }) => cell(byGroup(figures, group)))])
  const ratios = ['DuckDB', 'JSON.parse', 'pandas'].filter((group) => groups.includes(group))
  const ratio = (figures: readonly Figure[], group: string): string =>
    (byGroup(figures, NEARCAST_FIVE_2).rowsPerSecond / byGroup(figures, group).rowsPerSecond).toFixed(2)
  return [
    `Measured ${results.date} by \`${results.command}\` on ${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${versionList.join(', ')}. ${count(results.megabytes)} MB of records of each size, ${count(results.sampleMegabytes)} MB for JSON.parse and pandas; best of ${results.runs} runs taken in turn, of the whole process; all but JSON.parse write Parquet. Rows per second, input per second, peak memory:`,
    table(['', ...head], rows),
    table(
      ['Nearcast ÷ peer, rows/s, the five columns, 2 threads', ...head],
      ratios.map((group) => [group, ...sizes.map(({ figures }) => ratio(figures, group))]),
    ),
  ].join('\n\n')
}

/** What is compared with the peers, which write the same columns. */
export const NEARCAST_FIVE_2 = 'Nearcast, the five columns, 2 threads'

const renderPage = (results: FeaturizeResults): void => {
  const page = join(ROOT, FEATURIZE_PAGE)
  writeFileSync(page, withBlock(readFileSync(page, 'utf8'), renderFeaturize(results)))
}

export const writeFeaturizeResults = (results: FeaturizeResults): void => {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
  renderPage(results)
}

// `node bench/featurize-results.ts` renders again what was measured before.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  renderPage(readFeaturizeResults())
