/** Judges, once an hour has ended, whether what the released versions get and say has drifted from what they were trained on. */
import { type Clock, type Deadline, deadlineIn } from '../core/clock.ts'
import { DRIFT_CONFIG } from '../core/drift/config.ts'
import { INITIAL_DRIFT_STATE, nextDriftState } from '../core/drift/drift-state.ts'
import { judgeDrift } from '../core/drift/judge.ts'
import { referenceView } from '../core/drift/reference-view.ts'
import { MILLISECONDS_PER_HOUR } from '../core/drift/window-counts.ts'
import type { LogEntry } from '../core/log-entry.ts'
import { activeHold, bundledRelease, type Release } from '../core/release/release.ts'
import type { BinLayout } from '../core/statistics/bin-counts.ts'
import type { Manifest } from '../protocol/manifest.ts'
import {
  DRIFT_NOTE,
  type DriftNote,
  driftedIn,
  readDriftNote,
  readVersionNote,
  rounded,
  type VersionDriftNote,
  versionNote,
} from './drift-note.ts'
import { layoutOfOutput } from './output-layouts.ts'
import type { HourReader, VersionReference, VersionReferences } from './ports/drift-parts.ts'
import type { BundledVersions, ReleaseControl } from './ports/release-control.ts'
import type { Duty, Notes } from './ports/watch-duties.ts'
import { StoreGarbage, type Timers } from './ports.ts'
import { TIMED_OUT, within } from './within.ts'

export interface DriftParts {
  readonly references: VersionReferences
  readonly hours: HourReader
  readonly control: Pick<ReleaseControl, 'read' | 'command'>
  readonly bundled: (model: string) => BundledVersions | null
  /** The models there are, as far as anything is counted of them. Rejects when they cannot be told. */
  readonly models: (now: number, deadline: Deadline) => Promise<readonly string[]>
  /** Rolls back a canary whose outputs drift while those of stable do not. */
  readonly isGuard: boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly log: (entry: LogEntry) => void
  readonly deadlineMilliseconds: number
}

const EVERY_MILLISECONDS = 60_000
/** Counts of an hour come in up to a few seconds late, and are waited for that long. */
const SETTLING_MILLISECONDS = 120_000
const WEEK_HOURS = Math.max(...DRIFT_CONFIG.windows.map(({ hours }) => hours))
const ACTOR = { kind: 'rule', name: 'drift' } as const

const unlike = (a: BinLayout, b: BinLayout): boolean =>
  a.lowest !== b.lowest || a.highest !== b.highest || a.bins !== b.bins

/** Outputs that the edge counts in other bins than the profile's cannot be compared: the profile is of other code. */
const unlikeOutput = ({ manifest, profile }: VersionReference): string | null => {
  const layouts = new Map(manifest.outputs.map((output) => [output.name, layoutOfOutput(manifest, output)]))
  const found = profile.outputs.find(({ name, layout }) => unlike(layouts.get(name) ?? layout, layout))
  return found === undefined ? null : `its profile counts "${found.name}" in other bins than the worker`
}

const labelsOf = ({ outputs }: Manifest): ReadonlySet<string> =>
  new Set(outputs.filter(({ kind }) => kind === 'distribution').map(({ name }) => name))

interface Released {
  readonly release: Release
  readonly versions: readonly string[]
}

export const driftDuty = (parts: DriftParts): Duty => {
  const { references, hours, control, clock, timers, log } = parts

  const inTime = async <T>(work: Promise<T>, deadline: Deadline): Promise<T> => {
    const value = await within(work, deadline, timers)
    if (value === TIMED_OUT) throw new Error('no answer in time')
    return value
  }

  /** Who answers: the shadow answers nobody, so nothing is counted of it. */
  const releasedOf = async (model: string, deadline: Deadline): Promise<Released | null> => {
    const { release } = await control.read(model, { limit: 1, before: null }, deadline)
    const stable = parts.bundled(model)?.stable
    const current = release ?? (stable === undefined ? null : bundledRelease(model, stable))
    if (current === null) return null
    const { canary } = current
    return { release: current, versions: canary === null ? [current.stable] : [current.stable, canary.version] }
  }

  const judge = async (
    model: string,
    version: string,
    until: number,
    before: VersionDriftNote | null,
    deadline: Deadline,
  ): Promise<VersionDriftNote> => {
    const state = before?.state ?? INITIAL_DRIFT_STATE
    const reference = await references.read(model, version, deadline)
    const reason = reference === null ? 'it has no reference profile' : unlikeOutput(reference)
    if (reference === null || reason !== null) return { format: 1, until, state, reports: [], reason }
    const from = until - WEEK_HOURS * MILLISECONDS_PER_HOUR
    const blocks = await hours.read(model, version, from, until, deadline)
    const view = referenceView(reference.profile, labelsOf(reference.manifest))
    const reports = judgeDrift(view, blocks, until, DRIFT_CONFIG)
    const next = nextDriftState(state, reports, until, DRIFT_CONFIG)
    return rounded({ format: 1, until, state: next, reports, reason: null })
  }

  /** What has drifted of the canary's outputs and not of stable's: the world alone moves both. */
  const guard = async ({ release }: Released, drift: ReadonlyMap<string, VersionDriftNote>, now: number) => {
    const { model, stable, canary, revision } = release
    const [ours, theirs] = [drift.get(canary?.version ?? ''), drift.get(stable)]
    if (canary === null || ours === undefined || activeHold(release, now) !== null) return
    // Of a stable version that cannot be judged nobody knows whether the world has moved.
    if (theirs === undefined || theirs.reason !== null) return
    const ofStable = new Set(driftedIn(theirs).map(({ key }) => key))
    const evidence = driftedIn(ours).filter(({ key }) => key.startsWith('output:') && !ofStable.has(key))
    if (evidence.length === 0) return
    const reason = `drift of ${evidence.map(({ key }) => key).join(', ')}`
    const command = { command: 'rollback', reason, expectedRevision: revision } as const
    const request = { model, command, actor: ACTOR, reason, evidence: { drifted: evidence } }
    const reply = await control.command(request, deadlineIn(clock, parts.deadlineMilliseconds))
    log(`the canary ${model}@${canary.version} was ${reply.outcome === 'changed' ? '' : 'not '}rolled back: ${reason}`)
  }

  const look = async (model: string, notes: Notes, until: number, now: number): Promise<DriftNote['versions']> => {
    const deadline = deadlineIn(clock, parts.deadlineMilliseconds)
    const released = await inTime(releasedOf(model, deadline), deadline)
    if (released === null) return []
    const judged = new Map<string, VersionDriftNote>()
    for (const version of released.versions) {
      const before = readVersionNote(notes.read(versionNote(model, version)))
      // Each version has its own time: a store that is slow for one leaves the others theirs.
      const own = deadlineIn(clock, parts.deadlineMilliseconds)
      const note =
        before !== null && before.until >= until
          ? before
          : await inTime(judge(model, version, until, before, own), own).catch((error: unknown) => {
              if (!(error instanceof RangeError || error instanceof StoreGarbage)) throw error
              // What does not fit, or is no profile, stays as it is: asking again each minute helps nobody.
              const state = before?.state ?? INITIAL_DRIFT_STATE
              return { format: 1, until, state, reports: [], reason: error.message } as const
            })
      notes.write(versionNote(model, version), note)
      judged.set(version, note)
    }
    if (parts.isGuard) await guard(released, judged, now)
    return [...judged].map(([version, note]) => ({ model, version, drifted: driftedIn(note) }))
  }

  const run = async (notes: Notes, now: number): Promise<void> => {
    const until = Math.floor((now - SETTLING_MILLISECONDS) / MILLISECONDS_PER_HOUR) * MILLISECONDS_PER_HOUR
    const before = readDriftNote(notes.read(DRIFT_NOTE))
    if (before !== null && before.at >= until) return
    const deadline = deadlineIn(clock, parts.deadlineMilliseconds)
    const models = await inTime(parts.models(now, deadline), deadline)
    const known = before?.versions ?? []
    const versions: DriftNote['versions'][number][] = []
    let isWhole = true
    for (const model of models) {
      try {
        versions.push(...(await look(model, notes, until, now)))
      } catch (error) {
        log(`the drift of ${model} is not judged: ${String(error)}`)
        isWhole = false
        versions.push(...known.filter((each) => each.model === model))
      }
    }
    const isKept = (model: string, version: string): boolean =>
      versions.some((each) => each.model === model && each.version === version)
    for (const { model, version } of known) if (!isKept(model, version)) notes.write(versionNote(model, version), null)
    // What failed is tried again in a minute; what was judged meanwhile is not judged again.
    const at = isWhole ? until : (before?.at ?? null)
    if (at !== null) notes.write(DRIFT_NOTE, { format: 1, at, versions } satisfies DriftNote)
  }

  return { name: 'drift', everyMilliseconds: EVERY_MILLISECONDS, run }
}
