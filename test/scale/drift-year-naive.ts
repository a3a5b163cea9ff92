/** What tests that know no calendar say of the same stream: the last day against the whole reference, every hour. */
import { distanceOfCounts, kolmogorovSmirnovP } from '../../src/core/drift/kolmogorov-smirnov.ts'
import { populationStability } from '../../src/core/drift/population-stability.ts'
import type { ReferenceView, SeriesView } from '../../src/core/drift/reference-view.ts'
import type { HourCounts } from '../../src/core/drift/window-counts.ts'

const NAMES = ['hour_of_day', 'day_of_week', 'day_of_year', 'score']
const sizeOf = (row: ArrayLike<number>): number => Array.from(row).reduce((sum, count) => sum + count, 0)

export const NAIVE_TESTS = ['ks_0.05', 'ks_0.01_bonferroni', 'psi_0.2'] as const

/** By `test series`: hours in which it fired. */
export type NaiveAlarms = { readonly [key: string]: number }

const firing = (series: SeriesView, current: Float64Array): readonly (typeof NAIVE_TESTS)[number][] => {
  const p = kolmogorovSmirnovP(distanceOfCounts(current, series.totals), sizeOf(current), sizeOf(series.totals))
  const psi = populationStability(current, series.totals)
  const fires = [p < 0.05, p < 0.01 / NAMES.length, psi > 0.2]
  return NAIVE_TESTS.filter((_, index) => fires[index])
}

/** Counts the hours in which each test fires. */
export class NaiveTests {
  readonly #series: readonly SeriesView[]
  readonly #alarms: { [key: string]: number } = {}

  constructor(reference: ReferenceView) {
    this.#series = reference.series.filter(({ name }) => NAMES.includes(name))
    for (const test of NAIVE_TESTS) for (const { name } of this.#series) this.#alarms[`${test} ${name}`] = 0
  }

  judge(hours: readonly HourCounts[]): void {
    for (const series of this.#series) {
      const current = new Float64Array(series.totals.length)
      for (const { fields, outputs } of hours) {
        const { counts } = (series.role === 'field' ? fields : outputs)[series.name]
        for (const [bin, count] of counts.entries()) current[bin] += count
      }
      for (const test of firing(series, current)) this.#alarms[`${test} ${series.name}`] += 1
    }
  }

  get alarms(): NaiveAlarms {
    return { ...this.#alarms }
  }
}
