/** Reference profiles and windows small enough to be read in a test. */
import { DRIFT_CONFIG, type DriftConfig } from '../../../src/core/drift/config.ts'
import { judgeDrift } from '../../../src/core/drift/judge.ts'
import { type ReferenceView, referenceView } from '../../../src/core/drift/reference-view.ts'
import type { SeriesReport } from '../../../src/core/drift/report.ts'
import { type HourCounts, MILLISECONDS_PER_HOUR, type SeriesCounts } from '../../../src/core/drift/window-counts.ts'
import {
  HOUR_OF_WEEK,
  HOURS_PER_WEEK,
  type ProfileField,
  type ProfileOutput,
  packCounts,
  type ReferenceProfile,
} from '../../../src/core/profile/reference-profile.ts'

/** A Monday, 00:00 UTC, day 327 of its year. */
export const MONDAY = Date.UTC(2026, 10, 23)
export const HOUR = MILLISECONDS_PER_HOUR

/** Judges windows that have only begun as well. */
export const FROM_THE_FIRST_HOUR: DriftConfig = {
  ...DRIFT_CONFIG,
  windows: DRIFT_CONFIG.windows.map((rule) => ({ ...rule, minimumHours: 1 })),
}

type Bins = { readonly edges: readonly number[] } | { readonly values: readonly number[] }

interface FieldSpec {
  readonly name: string
  readonly kind: ProfileField['kind']
  readonly range?: readonly [number, number] | null
  readonly bins: Bins
  /** Counts by bin in an hour of the week. */
  readonly counts: (hourOfWeek: number) => readonly number[]
  readonly missing?: (hourOfWeek: number) => number
}

export interface ProfileSpec {
  readonly fields?: readonly FieldSpec[]
  readonly outputs?: readonly {
    readonly name: string
    readonly layout: ProfileOutput['layout']
    readonly counts: (hourOfWeek: number) => readonly number[]
  }[]
  /** Without hours there is one slice, that of hour 0. */
  readonly byHour?: boolean
}

export const profileOf = ({ fields = [], outputs = [], byHour = true }: ProfileSpec): ReferenceProfile => {
  const slices = Array.from({ length: byHour ? HOURS_PER_WEEK : 1 }, (_, slice) => slice)
  return {
    format: 1,
    model: 'small',
    version: '1.0.0',
    rows: 0,
    from: byHour ? '2024-11-11T00:00:00.000Z' : null,
    to: byHour ? '2025-03-03T00:00:00.000Z' : null,
    hour_of_week: byHour ? HOUR_OF_WEEK : null,
    fields: fields.map(({ name, kind, range = [0, 100], bins, counts, missing = () => 0 }) => ({
      name,
      kind,
      range,
      ...bins,
      counts: slices.map((slice) => packCounts(counts(slice))),
      missing: packCounts(slices.map(missing)),
    })),
    outputs: outputs.map(({ name, layout, counts }) => ({
      name,
      layout,
      counts: slices.map((slice) => packCounts(counts(slice))),
    })),
    background: { fields: [], rows: [] },
  }
}

export const viewOf = (spec: ProfileSpec, labels: readonly string[] = []): ReferenceView =>
  referenceView(profileOf(spec), new Set(labels))

/** `hours` hours that end at `until`, what `of` says of each. */
export const hoursUntil = (
  until: number,
  hours: number,
  of: (startsAt: number) => {
    readonly fields?: Record<string, SeriesCounts>
    readonly outputs?: Record<string, SeriesCounts>
  },
): HourCounts[] =>
  Array.from({ length: hours }, (_, index) => {
    const startsAt = until - (hours - index) * HOUR
    return { startsAt, fields: {}, outputs: {}, ...of(startsAt) }
  })

export const present = (counts: readonly number[], missing = 0): SeriesCounts => ({ counts, missing })

/** What is said of the one series `name`, by window. */
export const reportsOf = (
  reference: ReferenceView,
  blocks: readonly HourCounts[],
  until: number,
  name: string,
  config = DRIFT_CONFIG,
): Record<string, SeriesReport> =>
  Object.fromEntries(
    judgeDrift(reference, blocks, until, config).map((window) => [
      window.name,
      window.series.find((series) => series.name === name) as SeriesReport,
    ]),
  )

export const verdicts = (reports: Record<string, SeriesReport>): Record<string, string> =>
  Object.fromEntries(Object.entries(reports).map(([window, { verdict }]) => [window, verdict]))

/** `size` items, all in bin `at` of `bins`. */
export const allIn = (bins: number, at: number, size: number): number[] =>
  Array.from({ length: bins }, (_, bin) => (bin === at ? size : 0))

/** `size` items, in shares of `weights`, rounded. */
export const spread = (weights: readonly number[], size: number): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => Math.round((weight * size) / total))
}
