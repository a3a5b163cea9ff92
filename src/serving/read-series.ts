/** What the dashboard draws along the time line: counts of all shards, changes of releases, and how many dead letters wait. */
import { type Clock, type Deadline, deadlineIn } from '../core/clock.ts'
import type { ReleaseChange } from '../core/release/release.ts'
import type { SeriesRange } from '../core/statistics/series.ts'
import { seriesPoints } from '../core/statistics/series-report.ts'
import type { ReleaseMark, StatisticsSeries } from '../protocol/series.ts'
import type { DeadLetters } from './ports/dead-letters.ts'
import type { ReleaseControl } from './ports/release-control.ts'
import type { SeriesShards } from './ports/statistics-series.ts'
import type { Timers } from './ports.ts'
import { TIMED_OUT, within } from './within.ts'

export interface SeriesParts {
  readonly shards: SeriesShards
  readonly control: Pick<ReleaseControl, 'read'>
  readonly letters: Pick<DeadLetters, 'totals'>
  readonly clock: Clock
  readonly timers: Timers
  readonly deadlineMilliseconds: number
  readonly log: (line: string) => void
}

/** Of a model; a range that saw more shows the last ones. */
const MOST_MARKS = 50
/** Whoever looks asks every few seconds; controllers and letters are asked less often. */
const BESIDE_MILLISECONDS = 5_000

const markOf = (model: string, { revision, at, actor, command, after }: ReleaseChange): ReleaseMark => ({
  model_name: model,
  at,
  revision,
  command: command.command,
  stable: after.stable,
  canary: after.canary === null ? null : { version: after.canary.version, share: after.canary.share },
  shadow: after.shadow?.version ?? null,
  // Who an operator is, and why, is for those who may command.
  by: actor.kind,
  rule: actor.kind === 'rule' ? actor.name : null,
})

interface Beside {
  readonly at: number
  readonly models: string
  readonly marks: readonly ReleaseMark[] | null
  readonly waiting: number | null
}

export class SeriesReader {
  #beside: Beside | null = null

  constructor(private readonly parts: SeriesParts) {}

  /** Throws `statistics_unavailable` when no shard answers; what else cannot be had is `null`. */
  async read(range: SeriesRange, models: readonly string[]): Promise<StatisticsSeries> {
    const { shards, clock, deadlineMilliseconds } = this.parts
    const deadline = deadlineIn(clock, deadlineMilliseconds)
    const [series, { marks, waiting }] = await Promise.all([
      shards.read(range, deadline),
      this.#readBeside(models, deadline),
    ])
    const { from, to, step, asOf, first } = series
    return {
      range,
      step_seconds: step / 1_000,
      from,
      to,
      as_of: asOf,
      counted_since: first,
      points: seriesPoints(series),
      releases: marks?.filter(({ at }) => at >= from && at < to) ?? null,
      dead_letters: waiting === null ? null : { waiting },
      shards: series.shards,
    }
  }

  async #readBeside(models: readonly string[], deadline: Deadline): Promise<Omit<Beside, 'at' | 'models'>> {
    const now = this.parts.clock.epochMilliseconds()
    const asked = models.join(' ')
    const known = this.#beside
    if (known !== null && known.models === asked && now >= known.at && now - known.at < BESIDE_MILLISECONDS)
      return known
    const [marks, waiting] = await Promise.all([this.#marks(models, deadline), this.#waiting(deadline)])
    // What failed is asked for again at once.
    if (marks !== null && waiting !== null) this.#beside = { at: now, models: asked, marks, waiting }
    return { marks, waiting }
  }

  async #marks(models: readonly string[], deadline: Deadline): Promise<readonly ReleaseMark[] | null> {
    const ofModel = async (model: string): Promise<readonly ReleaseMark[]> => {
      const { history } = await this.parts.control.read(model, { limit: MOST_MARKS, before: null }, deadline)
      return history.map((change) => markOf(model, change))
    }
    const marks = await this.#inTime(Promise.all(models.map(ofModel)), deadline, 'the releases')
    return marks?.flat().sort((a, b) => a.at - b.at) ?? null
  }

  async #waiting(deadline: Deadline): Promise<number | null> {
    const totals = await this.#inTime(this.parts.letters.totals(deadline), deadline, 'the dead letters')
    return totals?.waiting ?? null
  }

  /** `null`: it failed, or takes too long. */
  async #inTime<T>(work: Promise<T>, deadline: Deadline, what: string): Promise<T | null> {
    const { timers, log } = this.parts
    try {
      const value = await within(work, deadline, timers)
      if (value !== TIMED_OUT) return value
      log(`a time line without ${what}: no answer in time`)
    } catch (error) {
      log(`a time line without ${what}: ${String(error)}`)
    }
    return null
  }
}
