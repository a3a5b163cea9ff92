/** Drift as the watch last judged it. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import { seriesKey } from '../core/drift/drift-state.ts'
import { Failure } from '../core/failure.ts'
import type { Drift } from '../protocol/drift.ts'
import { DRIFT_NOTE, readDriftNote, readVersionNote, type VersionDriftNote, versionNote } from './drift-note.ts'
import type { WatchReader } from './ports/watch-duties.ts'

export interface DriftReaderParts {
  readonly watch: WatchReader
  readonly clock: Clock
  readonly deadlineMilliseconds: number
}

/** An hour, and what its counts may take to come and be judged. */
const STALE_MILLISECONDS = 2 * 3_600_000

const windowsOf = ({ reports, state }: VersionDriftNote): Drift['versions'][number]['windows'] =>
  reports.map(({ name, hours, until, series }) => ({
    ...{ name, hours, until },
    series: series.map((one) => {
      const known = state.series[seriesKey(one.role, one.name)]
      return { ...one, causes: [...one.causes], status: known?.status ?? null, since: known?.since ?? null }
    }) as Drift['versions'][number]['windows'][number]['series'],
  }))

export class DriftReader {
  constructor(private readonly parts: DriftReaderParts) {}

  /** Of all models, or of `model` alone. Throws `statistics_unavailable` when the watch does not answer. */
  async read(model?: string): Promise<Drift> {
    const { watch, clock, deadlineMilliseconds } = this.parts
    const deadline = deadlineIn(clock, deadlineMilliseconds)
    const ask = (name: string): Promise<unknown> =>
      watch.note(name, deadline).catch((cause: unknown) => {
        throw new Failure('statistics_unavailable', 'the watch, which judges drift, does not answer', undefined, {
          cause,
        })
      })
    const summary = readDriftNote(await ask(DRIFT_NOTE))
    if (summary === null) return { evaluated_at: null, stale: true, versions: [] }
    const asked = summary.versions.filter((one) => model === undefined || one.model === model)
    const versions = await Promise.all(
      asked.map(async ({ model: name, version }) => {
        const note = readVersionNote(await ask(versionNote(name, version)))
        const reason = note === null ? 'it was not judged yet' : note.reason
        return {
          model_name: name,
          model_version: version,
          reason,
          windows: note === null ? [] : windowsOf(note),
        }
      }),
    )
    return {
      evaluated_at: summary.at,
      stale: clock.epochMilliseconds() - summary.at > STALE_MILLISECONDS,
      versions,
    }
  }
}
