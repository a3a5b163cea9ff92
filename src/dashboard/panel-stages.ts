/** Where the time of the measured requests went, stage by stage, for each version. */
import type { StatisticsAnswer } from '../protocol/statistics.ts'
import { byId, make, type TableRow, table } from './elements.ts'
import { codeWords, exactWords, secondsWords } from './words.ts'

const COLUMNS = ['stage', 'p50', 'p90', 'p99', 'measured', 'not known']
/** How long stages, or whole requests, took: a row each. */
const rowsOf = (stages: StatisticsAnswer['browser']): readonly TableRow[] =>
  Object.entries(stages).map(([stage, { p50, p90, p99, count, unknown }]) => ({
    head: codeWords(stage),
    cells: [...[p50, p90, p99].map(orUnknown), exactWords(count), exactWords(unknown)],
  }))

const orUnknown = (seconds: number | null): string => (seconds === null ? 'not known' : secondsWords(seconds))

export const showStages = ({ models, browser, window }: StatisticsAnswer): void => {
  const parts = Object.entries(models).flatMap(([model, { versions }]) =>
    Object.entries(versions).flatMap(([version, { stages }]) => {
      const rows = rowsOf(stages)
      return rows.length === 0 ? [] : [table(`Stages of ${model} ${version}, ${window}`, COLUMNS, rows)]
    }),
  )
  const note =
    parts.length === 0
      ? `No request was measured in the last ${window}.`
      : 'Of the requests that are measured, weighted by those they stand for; quantiles are off by 1 % at most.'
  const told = rowsOf(browser)
  const seen = told.length === 0 ? [] : [table(`As browsers tell it, with the network, ${window}`, COLUMNS, told)]
  byId('stages').replaceChildren(make('p', {}, note), ...parts, ...seen)
}
