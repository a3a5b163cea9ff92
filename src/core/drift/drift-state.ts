/** Since when a field or output has drifted: verdicts of one evaluation after another, without flutter. */
import type { DriftConfig } from './config.ts'
import type { DriftCause, WindowReport } from './report.ts'
import { MILLISECONDS_PER_HOUR } from './window-counts.ts'

/** Evaluations in a row that found drift: how many, the first and the last of them (epoch ms), and what the last one named. */
export interface FoundRow {
  readonly times: number
  readonly from: number
  readonly to: number
  readonly causes: readonly DriftCause[]
}

/** Of one series. Plain JSON. */
export interface SeriesState {
  readonly status: 'stable' | 'drifted'
  /** Evaluation that began what `status` says, epoch ms: the first in the row that led to it. */
  readonly since: number
  /** Last evaluation that had enough to judge by, epoch ms: an old one means that nothing comes in any more. */
  readonly judgedAt: number
  /** By window, the evaluations in a row that have found drift there; windows without any are left out. */
  readonly found: { readonly [window: string]: FoundRow }
  /** The row of evaluations that found no drift in any window; `null` when the last one did. */
  readonly clear: { readonly times: number; readonly from: number } | null
}

export interface DriftState {
  readonly format: 1
  /** The last evaluation, epoch ms; 0 before the first. */
  readonly at: number
  /** By `field:name` and `output:name`. */
  readonly series: { readonly [key: string]: SeriesState }
}

export const INITIAL_DRIFT_STATE: DriftState = { format: 1, at: 0, series: {} }

export const seriesKey = (role: string, name: string): string => `${role}:${name}`

type Found = SeriesState['found']

/** What a series was found to be, by window; `undefined`: too little data. */
interface Finding {
  readonly window: string
  readonly milliseconds: number
  readonly causes: readonly DriftCause[] | undefined
}

const findingsBySeries = (reports: readonly WindowReport[]): Map<string, Finding[]> => {
  const findings = new Map<string, Finding[]>()
  for (const { name: window, hours, series } of reports) {
    for (const { role, name, verdict, causes } of series) {
      const key = seriesKey(role, name)
      const isJudged = verdict === 'drifted' || verdict === 'stable'
      const finding = { window, milliseconds: hours * MILLISECONDS_PER_HOUR, causes: isJudged ? causes : undefined }
      findings.set(key, [...(findings.get(key) ?? []), finding])
    }
  }
  return findings
}

const nextRow = (row: FoundRow | undefined, { milliseconds, causes }: Finding, at: number): FoundRow | undefined => {
  // What a window found stands until it has nothing left of that time.
  if (causes === undefined) return row !== undefined && at - row.to < milliseconds ? row : undefined
  if (causes.length === 0) return undefined
  return { times: (row?.times ?? 0) + 1, from: row?.from ?? at, to: at, causes }
}

const nextFound = (found: Found, findings: readonly Finding[], at: number): Found =>
  Object.fromEntries(
    findings.flatMap((finding) => {
      const row = nextRow(Object.hasOwn(found, finding.window) ? found[finding.window] : undefined, finding, at)
      return row === undefined ? [] : [[finding.window, row] as const]
    }),
  )

const nextSeries = (
  state: SeriesState | undefined,
  findings: readonly Finding[],
  at: number,
  config: DriftConfig,
): SeriesState => {
  const before: SeriesState = state ?? { status: 'stable', since: at, judgedAt: at, found: {}, clear: null }
  const found = nextFound(before.found, findings, at)
  const rows = Object.values(found)
  const clear = rows.length > 0 ? null : { times: (before.clear?.times ?? 0) + 1, from: before.clear?.from ?? at }
  const base = { judgedAt: at, found, clear }
  const sure = config.windows.flatMap(({ name, consecutive }) => {
    const row = found[name]
    return row !== undefined && row.times >= consecutive ? [row] : []
  })
  if (before.status === 'stable' && sure.length > 0)
    return { ...base, status: 'drifted', since: Math.min(...sure.map(({ from }) => from)) }
  if (before.status === 'drifted' && clear !== null && clear.times >= config.clearAfter)
    return { ...base, status: 'stable', since: clear.from }
  return { ...base, status: before.status, since: before.since }
}

/**
 * The state after the evaluation `reports` made at `at` (epoch ms). A series turns drifted when a window has found drift as often in a row as its rule
 * wants, and stable again when `clearAfter` evaluations in a row found none in any window. Windows with too little data neither raise nor clear.
 * An evaluation that is not later than the last one changes nothing. Series that the reports no longer name are forgotten.
 */
export const nextDriftState = (
  state: DriftState,
  reports: readonly WindowReport[],
  at: number,
  config: DriftConfig,
): DriftState => {
  if (at <= state.at) return state
  const series = [...findingsBySeries(reports)].flatMap(([key, findings]): [string, SeriesState][] => {
    const before = Object.hasOwn(state.series, key) ? state.series[key] : undefined
    if (findings.some(({ causes }) => causes !== undefined)) return [[key, nextSeries(before, findings, at, config)]]
    return before === undefined ? [] : [[key, before]]
  })
  return { format: 1, at, series: Object.fromEntries(series) }
}
