/** The figures of switching under load, bench/switch.json: what stands in it, and how docs/operating.md shows it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { count, table, withBlock } from './figures.ts'
import type { Machine } from './machine.ts'
import { ROOT } from './root.ts'
import type { Spread } from './summary.ts'

/** One stretch of load, steady or with switches, over all rounds. */
export interface LoadFigures {
  readonly requests: number
  readonly failures: number
  /** Of the rounds. */
  readonly p50Milliseconds: Spread
  readonly p90Milliseconds: Spread
  readonly p99Milliseconds: Spread
  /** Answers by model version. */
  readonly versions: Readonly<Record<string, number>>
}

export interface SwitchResults {
  /** Prints these figures. */
  readonly command: string
  /** UTC, for example `2026-11-24`. */
  readonly date: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly model: string
  readonly requestsPerSecond: number
  /** Of each stretch in each round. */
  readonly seconds: number
  readonly rounds: number
  readonly switchEverySeconds: number
  readonly switches: number
  readonly steady: LoadFigures
  readonly switching: LoadFigures
  /** Switching over steady, taken in each round. */
  readonly ratios: { readonly p50: Spread; readonly p90: Spread; readonly p99: Spread }
  /** 99th percentile of the load process's own lateness, the median of the stretches. */
  readonly generatorLagMilliseconds: number
}

const FILE = join(ROOT, 'bench', 'switch.json')
export const SWITCH_PAGE = 'docs/operating.md'
/** Of the markers in the page. */
export const SWITCH_BLOCK = 'switch'

export const readSwitchResults = (): SwitchResults => JSON.parse(readFileSync(FILE, 'utf8')) as SwitchResults

const withRange = ({ median, least, greatest }: Spread, unit = ''): string =>
  `${median.toFixed(2)}${unit} (${least.toFixed(2)} to ${greatest.toFixed(2)})`

const row = (name: string, { requests, failures, p50Milliseconds, p90Milliseconds, p99Milliseconds }: LoadFigures) => [
  name,
  count(requests),
  count(failures),
  ...[p50Milliseconds, p90Milliseconds, p99Milliseconds].map((spread) => withRange(spread, ' ms')),
]

const answers = ({ versions }: LoadFigures): string =>
  Object.entries(versions)
    .map(([version, number]) => `${version} gave ${count(number)}`)
    .join(', ')

/** The block without its markers. */
export const renderSwitch = (results: SwitchResults): string => {
  const { machine, versions, ratios, steady, switching } = results
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Measured ${results.date} by \`${results.command}\` on ${machine.cpu}, ${machine.cores} cores, ${machine.system}, worker and load on the same machine; ${versionList.join(', ')}; model ${results.model}. \`POST /v1/predict\` with one event a request, ${results.requestsPerSecond} req/s at fixed times; ${results.rounds} rounds of ${results.seconds} s steady, then ${results.seconds} s with a \`switch\` every ${results.switchEverySeconds} s. Median of the rounds (least to greatest):`,
    table(
      ['', 'requests', 'failed', 'p50', 'p90', 'p99'],
      [
        row('steady', steady),
        row('switching', switching),
        [
          'switching ÷ steady, round by round',
          '',
          '',
          withRange(ratios.p50),
          withRange(ratios.p90),
          withRange(ratios.p99),
        ],
      ],
    ),
    `${results.switches} switches. While switching, ${answers(switching)} of the answers.`,
  ].join('\n\n')
}

const renderPage = (results: SwitchResults): void => {
  const page = join(ROOT, SWITCH_PAGE)
  writeFileSync(page, withBlock(readFileSync(page, 'utf8'), renderSwitch(results), SWITCH_BLOCK))
}

export const writeSwitchResults = (results: SwitchResults): void => {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
  renderPage(results)
}

// `node bench/switch-results.ts` renders again what was measured before.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  renderPage(readSwitchResults())
