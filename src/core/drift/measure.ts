/** The statistics of one compared series, before p-values are adjusted and anything is called drift. */
import { type Compared, type ComparedSeries, sumRows } from './compared-series.ts'
import type { DriftConfig, EffectName, LeastEffects } from './config.ts'
import { countTable, cramersV, gTest, pearsonTest } from './count-table.ts'
import { type EffectiveSizes, effectiveSizes, wanderOf } from './effective-size.ts'
import { jensenShannon } from './jensen-shannon.ts'
import { binningError, distanceOfCounts, kolmogorovSmirnovP } from './kolmogorov-smirnov.ts'
import { populationStability } from './population-stability.ts'
import type { SeriesView } from './reference-view.ts'
import type { ShareReport, ShiftReport } from './report.ts'
import { sharesOf } from './shares.ts'
import { circularWasserstein, wasserstein } from './wasserstein.ts'

type Unadjusted<Report> = Omit<Report, 'adjusted_p'>

export interface Measured {
  readonly sizes: EffectiveSizes
  readonly shift: Unadjusted<ShiftReport> | null
  readonly missing: Unadjusted<ShareReport> | null
  readonly newValues: Unadjusted<ShareReport> | null
}

export interface MeasureContext {
  readonly config: DriftConfig
  readonly least: LeastEffects
  readonly minimumEvents: number
  readonly minimumHours: number
  /** Weeks of the reference. */
  readonly weeks: number
  /** The series over the longest window there is, which tells how much it wanders. */
  readonly history: ComparedSeries
}

const scaled = (row: ArrayLike<number>, size: number): Float64Array =>
  sharesOf(row, row.length).map((share) => share * size)

/** In units of the reference's standard deviation. Of a reference that never varied, 0 or what a bin is wide. */
const normedWasserstein = ({ positions, deviation }: SeriesView, current: Float64Array, expected: Float64Array) => {
  if (positions === null || deviation === null) return null
  const distance = wasserstein(current, expected, positions)
  return deviation === 0 ? distance : distance / deviation
}

const decidingEffect = ({ kind }: SeriesView): EffectName => {
  if (kind === 'calendar') return 'circular_wasserstein'
  return kind === 'score' ? 'wasserstein' : 'jensen_shannon'
}

const measureShift = (
  series: SeriesView,
  { shape, bins, blur }: ComparedSeries,
  sizes: EffectiveSizes,
  { config, least }: MeasureContext,
): Unadjusted<ShiftReport> => {
  const cells = sumRows(shape)
  const { observed: current, expected } = sumRows(bins)
  const table = countTable(
    scaled(cells.observed, sizes.current),
    scaled(cells.expected, sizes.reference),
    config.minimumExpected,
  )
  const chiSquare = pearsonTest(table)
  const d = distanceOfCounts(current, expected)
  const isExact = 'values' in series.bins
  const kolmogorovSmirnov = {
    statistic: d,
    p: kolmogorovSmirnovP(d, sizes.current, sizes.reference),
    added_error: isExact ? 0 : binningError(current, expected),
  }
  const shown = {
    kolmogorov_smirnov: kolmogorovSmirnov,
    chi_square: chiSquare,
    g: gTest(table),
    jensen_shannon: jensenShannon(current, expected),
    wasserstein: normedWasserstein(series, current, expected),
    circular_wasserstein: series.calendar && circularLag(cells.observed, cells.expected),
    population_stability: populationStability(current, expected),
    cramers_v: cramersV(table),
  }
  const name = decidingEffect(series)
  const test = series.kind === 'continuous' || series.kind === 'score' ? 'kolmogorov_smirnov' : 'chi_square'
  const { statistic, p } = shown[test]
  // A local hour of a reference that knows both seasons lies between them.
  const allowance = series.calendar === null ? 0 : blur / series.calendar.halfCycleHours
  return { test, statistic, p, effect: { name, value: shown[name] ?? 0, least: least[name] + allowance }, shown }
}

/** On the circle of lags, in half cycles. */
const circularLag = (observed: Float64Array, expected: Float64Array): number => {
  const cells = observed.length
  const positions = Float64Array.from({ length: cells }, (_, cell) => cell)
  return circularWasserstein(observed, expected, positions, cells) / (cells / 2)
}

/** A share against the one expected, by Pearson's test on two cells. */
const measureShare = (
  count: number,
  of: number,
  expectedShare: number,
  sizes: EffectiveSizes,
  least: number,
): Unadjusted<ShareReport> => {
  const share = count / of
  const table = countTable(
    [share * sizes.current, (1 - share) * sizes.current],
    [expectedShare * sizes.reference, (1 - expectedShare) * sizes.reference],
    0,
  )
  return { share, expected_share: expectedShare, p: pearsonTest(table).p, least }
}

const measureMissing = (
  compared: Compared,
  { config, least, weeks, history }: MeasureContext,
): Unadjusted<ShareReport> => {
  const { observed, expected } = sumRows(compared)
  const rho = wanderOf(history.missing, config.wander)
  const sizes = effectiveSizes(compared, rho, config.wander.memoryHours, weeks)
  const expectedShare = Math.min(1, (expected[0] as number) / compared.size)
  return measureShare(observed[0] as number, compared.size, expectedShare, sizes, least.missing_share)
}

/** Values in bins that the reference has nothing in at any hour. */
const measureNew = (series: SeriesView, current: Float64Array, sizes: EffectiveSizes, least: number) => {
  const count = current.reduce((sum, held, bin) => (series.totals[bin] === 0 ? sum + held : sum), 0)
  const all = current.reduce((sum, held) => sum + held, 0)
  return measureShare(count, all, 0, sizes, least)
}

/** Whether values can be new: a calendar field's are the clock's, and those of wide bins always fall into one. */
const canBeNew = ({ kind }: SeriesView): boolean => kind === 'discrete' || kind === 'label'

/** All that is measured of `compared`; `null` for what has less than the least sample on either side. */
export const measure = (series: SeriesView, compared: ComparedSeries, context: MeasureContext): Measured => {
  const { config, weeks, history, minimumEvents, minimumHours, least } = context
  const { shape, missing, bins, hours } = compared
  const isEnough = ({ size, referenceRows }: Compared): boolean =>
    hours >= minimumHours && size > 0 && size >= minimumEvents && referenceRows >= config.minimumReference
  const rho = wanderOf(history.shape, config.wander)
  const sizes = effectiveSizes(shape, rho, config.wander.memoryHours, weeks)
  const hasShape = isEnough(shape)
  return {
    sizes,
    shift: hasShape ? measureShift(series, compared, sizes, context) : null,
    missing: isEnough(missing) ? measureMissing(missing, context) : null,
    newValues: hasShape && canBeNew(series) ? measureNew(series, sumRows(bins).observed, sizes, least.new_share) : null,
  }
}
