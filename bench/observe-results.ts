/** What the statistics cost, bench/observe.json: what stands in it, and how docs/operating.md shows it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { table, withBlock } from './figures.ts'
import type { Machine } from './machine.ts'
import { ROOT } from './root.ts'
import type { Spread } from './summary.ts'

export interface ObserveResults {
  /** Prints these figures. */
  readonly command: string
  /** UTC, for example `2026-11-24`. */
  readonly date: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly pairs: number
  /** Of load in each run. */
  readonly seconds: number
  /** CPU seconds of the workerd process for 100,000 requests, its statistics objects included. */
  readonly on: Spread
  readonly off: Spread
  /** On over off, taken in each pair. */
  readonly ratio: Spread
}

const FILE = join(ROOT, 'bench', 'observe.json')
export const OBSERVE_PAGE = 'docs/operating.md'
export const OBSERVE_BLOCK = 'observe'

export const readObserveResults = (): ObserveResults => JSON.parse(readFileSync(FILE, 'utf8')) as ObserveResults

const withRange = ({ median, least, greatest }: Spread, digits: number, unit = ''): string =>
  `${median.toFixed(digits)}${unit} (${least.toFixed(digits)} to ${greatest.toFixed(digits)})`

/** The block without its markers. */
export const renderObserve = ({
  command,
  date,
  machine,
  versions,
  pairs,
  seconds,
  on,
  off,
  ratio,
}: ObserveResults): string =>
  [
    table(
      ['CPU of workerd for 100,000 requests', 'median (least to greatest)'],
      [
        ['as deployed', withRange(on, 2, ' s')],
        ['`OBSERVE=off`', withRange(off, 2, ' s')],
        ['as deployed ÷ off, in each pair', withRange(ratio, 3)],
      ],
    ),
    `${pairs} interleaved pairs of ${seconds} s at 32 connections, one event a request; \`${command}\`, ${date}, ${machine.cpu}, ${machine.cores} cores, ` +
      `${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
  ].join('\n\n')

export const writeObserveResults = (results: ObserveResults): void => {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
  const page = join(ROOT, OBSERVE_PAGE)
  writeFileSync(page, withBlock(readFileSync(page, 'utf8'), renderObserve(results), OBSERVE_BLOCK))
}
