/** What the simulated years came to: kept in bench/drift-year.json, shown in docs/drift.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { count, table, withBlock } from './figures.ts'
import { ROOT } from './root.ts'

/** Of one figure over all seeds. */
export interface Range {
  readonly median: number
  readonly worst: number
}

export interface DriftYearResults {
  readonly command: string
  readonly date: string
  readonly seeds: { readonly first: number; readonly last: number }
  /** One week drawn twice: bin by bin, and event by event. */
  readonly week: {
    readonly seed: number
    readonly events: number
    /** How far apart the counts lie, at most over all series: standard deviations of what chance gives. */
    readonly deviations: number
    /** Series that are called drifted, either way. */
    readonly drifted: number
  }
  readonly alarms: Range
  readonly pages: Range
  readonly tickets: Range
  /** Hours until each is found; `worst` is `null` where one was not found in time. */
  readonly faults: readonly {
    readonly fault: string
    readonly median: number
    readonly worst: number | null
    readonly within: number
    /** Alarms in the week before, over all seeds. */
    readonly before: number
  }[]
  /** Hours of the year in which each naive test fires, by `test series`. */
  readonly naive: { readonly [key: string]: Range }
}

const FILE = join(ROOT, 'bench', 'drift-year.json')
export const DRIFT_YEAR_PAGE = 'docs/drift.md'
export const DRIFT_YEAR_BLOCK = 'drift-year'

const FAULT_WORDS: Readonly<Record<string, string>> = {
  clock: 'clocks three hours ahead',
  zips: 'a fifth of the zips in one region',
  sensor: 'a sensor stuck at its default',
  score: 'the score 0.1 standard deviations higher',
}
const TEST_WORDS: Readonly<Record<string, string>> = {
  'ks_0.05': 'Kolmogorov–Smirnov, p < 0.05',
  'ks_0.01_bonferroni': 'Kolmogorov–Smirnov, p < 0.01 by Bonferroni',
  'psi_0.2': 'PSI > 0.2',
}

export const readDriftYear = (): DriftYearResults => JSON.parse(readFileSync(FILE, 'utf8'))

export const renderDriftYear = ({
  command,
  date,
  seeds: { first, last },
  week,
  alarms,
  pages,
  tickets,
  faults,
  naive,
}: DriftYearResults): string => {
  const ofYear = (name: string, { median, worst }: Range): string[] => [name, count(median), count(worst)]
  const naiveRows = Object.entries(naive).map(([key, range]) => {
    const [test = '', series = ''] = key.split(' ')
    return ofYear(`${TEST_WORDS[test] ?? test}: \`${series}\``, range)
  })
  return [
    `Seeds ${first} to ${last}; \`${command}\`, ${date}.`,
    `A week of ${count(week.events)} events (seed ${week.seed}), drawn one by one and counted by the code of the product, has the counts that are drawn bin by bin: over all fields and outputs they lie at most ${week.deviations.toFixed(2)} standard deviations of chance apart, and ${week.drifted === 0 ? 'neither drifts' : `${week.drifted} series drift`}.`,
    table(
      ['a year without a fault', 'median', 'worst'],
      [
        ofYear('drift alarms', alarms),
        ofYear('alerts that page', pages),
        ofYear('alerts that are tickets', tickets),
        ...naiveRows.map(([name = '', ...figures]) => [`hours in which it fires: ${name}`, ...figures]),
      ],
    ),
    table(
      ['fault', 'found after, median', 'worst', 'to be found within', 'alarms in the weeks before'],
      faults.map(({ fault, median, worst, within, before }) => [
        FAULT_WORDS[fault] ?? fault,
        `${median} h`,
        worst === null ? 'not found' : `${worst} h`,
        `${within} h`,
        count(before),
      ]),
    ),
  ].join('\n\n')
}

export const writeDriftYear = (results: DriftYearResults): void => {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
  const page = join(ROOT, DRIFT_YEAR_PAGE)
  writeFileSync(page, withBlock(readFileSync(page, 'utf8'), renderDriftYear(results), DRIFT_YEAR_BLOCK))
}
