/** What the watch keeps of drift from one evaluation to the next. */
import type { DriftState } from '../core/drift/drift-state.ts'
import type { DriftCause, WindowReport } from '../core/drift/report.ts'
import { isJsonObject } from '../core/json.ts'

/** The summary over all versions; alerts read it too. */
export const DRIFT_NOTE = 'drift'
export const versionNote = (model: string, version: string): string => `drift:${model}@${version}`

/** A field or output that has drifted. Times in epoch milliseconds. */
export interface DriftedSeries {
  /** `field:name` or `output:name`. */
  readonly key: string
  readonly since: number
  readonly causes: readonly DriftCause[]
}

export interface DriftNote {
  readonly format: 1
  /** The last evaluation, epoch milliseconds. */
  readonly at: number
  readonly versions: readonly {
    readonly model: string
    readonly version: string
    readonly drifted: readonly DriftedSeries[]
  }[]
}

export interface VersionDriftNote {
  readonly format: 1
  /** End of the last hour judged, epoch milliseconds. */
  readonly until: number
  readonly state: DriftState
  readonly reports: readonly WindowReport[]
  /** Why nothing was judged; `null`: it was. */
  readonly reason: string | null
}

/** `null`: there is none, or other code has written it. */
export const readDriftNote = (value: unknown): DriftNote | null =>
  isJsonObject(value) && value.format === 1 && Array.isArray(value.versions) ? (value as unknown as DriftNote) : null

export const readVersionNote = (value: unknown): VersionDriftNote | null =>
  isJsonObject(value) && value.format === 1 && Array.isArray(value.reports)
    ? (value as unknown as VersionDriftNote)
    : null

/** Six digits of what is no whole number: more says nothing, and makes a note heavy. */
export const rounded = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(6)) : each,
    ),
  ) as T

/** What has drifted by `note`, with what was last found of it. */
export const driftedIn = ({ state }: Pick<VersionDriftNote, 'state'>): readonly DriftedSeries[] =>
  Object.entries(state.series).flatMap(([key, { status, since, found }]) =>
    status === 'drifted'
      ? [{ key, since, causes: [...new Set(Object.values(found).flatMap(({ causes }) => causes))] }]
      : [],
  )
