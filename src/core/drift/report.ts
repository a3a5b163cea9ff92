/** What a drift evaluation says, as `GET /v1/drift` shows it. */
import type { EffectName } from './config.ts'
import type { SeriesBins, SeriesKind, SeriesRole } from './reference-view.ts'

/** `no_data`: nothing that could be compared; `too_few`: less than the least sample on either side. */
export type Verdict = 'no_data' | 'too_few' | 'stable' | 'drifted'

/** What has drifted: the distribution, the share of missing values, the share of values the reference never had. */
export type DriftCause = 'shape' | 'missing' | 'new_values'

export interface TestReport {
  readonly statistic: number
  readonly p: number
}

export interface TableReport extends TestReport {
  readonly degrees: number
}

export interface ShiftReport {
  /** Which test `p` comes from. */
  readonly test: 'kolmogorov_smirnov' | 'chi_square'
  readonly statistic: number
  readonly p: number
  /** By Benjamini–Hochberg over all tests of the window. */
  readonly adjusted_p: number
  /** The one that decides, and what it must reach; of local calendar fields more, as far as daylight saving blurs the reference. */
  readonly effect: { readonly name: EffectName; readonly value: number; readonly least: number }
  /** All others, to look at. `null` where the series has no place on a line or a circle. */
  readonly shown: {
    /** Of counts by bin; D of the values behind them is at most `added_error` more. */
    readonly kolmogorov_smirnov: TestReport & { readonly added_error: number }
    readonly chi_square: TableReport
    readonly g: TableReport
    readonly jensen_shannon: number
    readonly wasserstein: number | null
    readonly circular_wasserstein: number | null
    readonly population_stability: number
    readonly cramers_v: number
  }
}

export interface ShareReport {
  readonly share: number
  readonly expected_share: number
  readonly p: number
  readonly adjusted_p: number
  /** Difference of the shares that counts. */
  readonly least: number
}

export interface SeriesReport {
  readonly role: SeriesRole
  readonly name: string
  readonly kind: SeriesKind
  readonly verdict: Verdict
  readonly causes: readonly DriftCause[]
  /** All that came in, missing values included. */
  readonly events: number
  /** Values compared; rows of the reference behind the expectation; independent draws that either is worth. */
  readonly sizes: {
    readonly current: number
    readonly reference: number
    readonly current_effective: number
    readonly reference_effective: number
  }
  /** Share of events in hours, or on days of the year, that training saw; `null` without events. */
  readonly coverage: number | null
  readonly bins: SeriesBins
  /** Shares by bin, of the window and of the reference in the window's hours; `null` where nothing was compared. */
  readonly current: readonly number[] | null
  readonly expected: readonly number[] | null
  readonly shift: ShiftReport | null
  readonly missing: ShareReport | null
  /** Absent bins of the reference that have values now; `null` for series that have no such bins. */
  readonly new_values: ShareReport | null
}

export interface WindowReport {
  readonly name: string
  readonly hours: number
  /** End of the window, epoch ms. */
  readonly until: number
  readonly series: readonly SeriesReport[]
}
