/** Finds in a drift report the one window of each field and output that tells most. */
import type { Drift, DriftSeriesAnswer } from '../protocol/drift.ts'

export interface ShownSeries {
  readonly model: string
  /** Model, version and window. */
  readonly where: string
  readonly series: DriftSeriesAnswer
}

type Windows = Drift['versions'][number]['windows']

/** A window that found drift, the shortest first; else the longest with something to compare; else the last. */
const telling = (windows: Windows, index: number): Windows[number] | undefined => {
  const has = (window: Windows[number], test: (series: DriftSeriesAnswer) => boolean): boolean => {
    const series = window.series[index]
    return series !== undefined && test(series)
  }
  return (
    windows.find((window) => has(window, ({ verdict }) => verdict === 'drifted')) ??
    windows.findLast((window) => has(window, ({ current }) => current !== null)) ??
    windows.at(-1)
  )
}

/** Every field and output once; those that drifted first. */
export const shownSeries = ({ versions }: Pick<Drift, 'versions'>): readonly ShownSeries[] => {
  const shown = versions.flatMap(({ model_name, model_version, windows }) =>
    (windows[0]?.series ?? []).flatMap((_, index): ShownSeries[] => {
      const window = telling(windows, index)
      const series = window?.series[index]
      return series === undefined
        ? []
        : [{ model: model_name, where: `${model_name} ${model_version} ${window?.name}`, series }]
    }),
  )
  const rank = ({ series }: ShownSeries): number => (series.status === 'drifted' ? 0 : 1)
  return shown.sort((a, b) => rank(a) - rank(b))
}

/** An answer of a worker that this page does not belong to may have another form. */
export const isDrift = (report: unknown): report is Drift =>
  typeof report === 'object' &&
  report !== null &&
  'versions' in report &&
  Array.isArray(report.versions) &&
  report.versions.every((version: Partial<Drift['versions'][number]>) => Array.isArray(version?.windows))
