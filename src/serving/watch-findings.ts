/** What the watch has found out that nobody else knows: which versions drift, and how old the zip data is. */
import type { Deadline } from '../core/clock.ts'
import { isJsonObject } from '../core/json.ts'
import { DRIFT_NOTE, freshDriftNote } from './drift-note.ts'
import type { WatchReader } from './ports/watch-duties.ts'

/** Where the alert duty notes the release of the zip data. */
export const ZIPS_NOTE = 'zips'

export interface ZipsNote {
  readonly format: 1
  /** As the zip data names itself, for example `2026-11`. */
  readonly release: string
}

/** `null`: it was not found out yet, or not of late, or the watch does not answer. */
export interface WatchFindings {
  /** By version, how many of its fields and outputs have drifted. */
  readonly drifted: readonly { readonly model: string; readonly version: string; readonly series: number }[] | null
  /** Start of the month of the zip data, epoch milliseconds. */
  readonly zipMonth: number | null
}

export const NO_FINDINGS: WatchFindings = { drifted: null, zipMonth: null }

/** The start of the month that a release such as `2026-11` names, epoch milliseconds; `null` where it names none. */
export const monthOf = (release: string): number | null => {
  const found = /^(\d{4})-(\d{2})(?!\d)/.exec(release)
  return found === null ? null : Date.UTC(Number(found[1]), Number(found[2]) - 1)
}

/** At `now`, epoch milliseconds. Rejects when the watch does not answer. */
export const readFindings = async (watch: WatchReader, now: number, deadline: Deadline): Promise<WatchFindings> => {
  const [drift, zips] = await Promise.all([watch.note(DRIFT_NOTE, deadline), watch.note(ZIPS_NOTE, deadline)])
  const note = freshDriftNote(drift, now)
  const release = isJsonObject(zips) && zips.format === 1 && typeof zips.release === 'string' ? zips.release : null
  return {
    drifted: note?.versions.map(({ model, version, drifted }) => ({ model, version, series: drifted.length })) ?? null,
    zipMonth: release === null ? null : monthOf(release),
  }
}
