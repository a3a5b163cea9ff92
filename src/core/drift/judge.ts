/** The verdict on each field and output in each window: enough events, an effect that matters, and one that chance does not explain. */
import { type ComparedHour, type ComparedSeries, compareHour, compareWindow, sumRows } from './compared-series.ts'
import type { DriftConfig, WindowRule } from './config.ts'
import { adjustedP } from './false-discovery.ts'
import { type Measured, measure } from './measure.ts'
import type { ReferenceView, SeriesView } from './reference-view.ts'
import type { DriftCause, SeriesReport, ShareReport, ShiftReport, Verdict, WindowReport } from './report.ts'
import { sharesOf } from './shares.ts'
import { type HourCounts, mergeHours, windowOf } from './window-counts.ts'

interface Entry {
  readonly series: SeriesView
  readonly compared: ComparedSeries
  readonly measured: Measured
}

const adjust = <T extends { readonly p: number }>(
  test: T | null,
  adjusted: Iterator<number>,
): (T & { adjusted_p: number }) | null =>
  test === null ? null : { ...test, adjusted_p: adjusted.next().value as number }

const verdictOf = (
  { events, missing }: ComparedSeries,
  { shift, missing: missingShare }: Measured,
  causes: readonly DriftCause[],
): Verdict => {
  if (events === 0 || missing.size === 0) return 'no_data'
  if (shift === null && missingShare === null) return 'too_few'
  return causes.length > 0 ? 'drifted' : 'stable'
}

const isShifted = (shift: ShiftReport | null, alpha: number): boolean =>
  shift !== null && shift.effect.value >= shift.effect.least && shift.adjusted_p <= alpha

const isOff = (share: ShareReport | null, alpha: number): boolean =>
  share !== null && Math.abs(share.share - share.expected_share) >= share.least && share.adjusted_p <= alpha

const sharesOrNull = (row: Float64Array, isCompared: boolean): readonly number[] | null =>
  isCompared ? Array.from(sharesOf(row, row.length)) : null

const reportOf = ({ series, compared, measured }: Entry, adjusted: Iterator<number>, alpha: number): SeriesReport => {
  const shift = adjust(measured.shift, adjusted)
  const missing = adjust(measured.missing, adjusted)
  const newValues = adjust(measured.newValues, adjusted)
  const causes: DriftCause[] = []
  if (isShifted(shift, alpha)) causes.push('shape')
  if (isOff(missing, alpha)) causes.push('missing')
  if (isOff(newValues, alpha)) causes.push('new_values')
  const { shape } = compared
  const { observed: current, expected } = sumRows(compared.bins)
  return {
    role: series.role,
    name: series.name,
    kind: series.kind,
    verdict: verdictOf(compared, measured, causes),
    causes,
    events: compared.events,
    sizes: {
      current: shape.size,
      reference: shape.referenceRows,
      current_effective: measured.sizes.current,
      reference_effective: measured.sizes.reference,
    },
    coverage: compared.coverage,
    bins: series.bins,
    current: sharesOrNull(current, shape.size > 0),
    expected: sharesOrNull(expected, shape.size > 0),
    shift,
    missing,
    new_values: newValues,
  }
}

const testsOf = ({ measured: { shift, missing, newValues } }: Entry): number[] =>
  [shift, missing, newValues].flatMap((test) => (test === null ? [] : [test.p]))

/**
 * Each window of `config`, ending at `until` (epoch ms), of the hours in `blocks`: those of one model version, as many as the longest window reaches back. Blocks of
 * the same start, as shards bring them, are added up. A series is drifted where its deciding effect reaches the least that matters and its p, adjusted over
 * all tests of the window and for events that are not independent, is at most `alpha`; or where its missing or new values do.
 * Throws a RangeError for blocks in other bins than the reference's.
 */
export const judgeDrift = (
  reference: ReferenceView,
  blocks: readonly HourCounts[],
  until: number,
  config: DriftConfig,
): WindowReport[] => {
  const merged = mergeHours(blocks)
  const longest = windowOf(merged, Math.max(...config.windows.map(({ hours }) => hours)), until)
  const hoursOf = (series: SeriesView): ComparedHour[] =>
    longest.flatMap((block) => compareHour(reference, series, block) ?? [])
  const compared = reference.series.map((series) => ({ series, hours: hoursOf(series) }))
  const histories = compared.map(({ hours }) => compareWindow(hours, true))
  const judgeWindow = (rule: WindowRule): WindowReport => {
    const entries = compared.map(({ series, hours }, index): Entry => {
      const isComparable = reference.byHour || series.calendar !== null || rule.hours >= config.hoursWithoutSlices
      const window = compareWindow(windowOf(hours, rule.hours, until), isComparable)
      const context = {
        config,
        least: rule.least,
        minimumEvents: rule.minimumEvents,
        minimumHours: rule.minimumHours,
        weeks: reference.weeks,
        history: histories[index] as ComparedSeries,
      }
      return { series, compared: window, measured: measure(series, window, context) }
    })
    const adjusted = adjustedP(entries.flatMap(testsOf)).values()
    return {
      name: rule.name,
      hours: rule.hours,
      until,
      series: entries.map((entry) => reportOf(entry, adjusted, config.alpha)),
    }
  }
  return config.windows.map(judgeWindow)
}
