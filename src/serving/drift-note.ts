/** What the watch keeps of drift from one evaluation to the next. */
import type { DriftState } from '../core/drift/drift-state.ts'
import type { DriftCause, WindowReport } from '../core/drift/report.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts'

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

const isDrifted = (value: JsonValue): boolean =>
  isJsonObject(value) && typeof value.model === 'string' && typeof value.version === 'string'

/** `null`: there is none, or other code has written it. What no version can be told of is left out. */
export const readDriftNote = (value: unknown): DriftNote | null => {
  if (!isJsonObject(value) || value.format !== 1 || typeof value.at !== 'number') return null
  if (!Array.isArray(value.versions)) return null
  const versions = value.versions.filter(isDrifted).map((version) => {
    const { drifted } = version as JsonObject
    const known = Array.isArray(drifted) ? drifted : []
    return {
      ...(version as JsonObject),
      drifted: known.filter((one) => isJsonObject(one) && typeof one.key === 'string'),
    }
  })
  return { ...value, versions } as unknown as DriftNote
}

/** Drift is judged each hour: what is older than three is no news. */
const FRESH_MILLISECONDS = 3 * 3_600_000

/** As `readDriftNote`; `null` also where nothing was judged for three hours at `now`, epoch milliseconds. */
export const freshDriftNote = (value: unknown, now: number): DriftNote | null => {
  const note = readDriftNote(value)
  return note !== null && now - note.at <= FRESH_MILLISECONDS ? note : null
}

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
