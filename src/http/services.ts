/** What the HTTP surface needs of the rest: verbs and limits, nothing of any platform. */
import type { Clock } from '../core/clock.ts'
import type { StatisticsReport, StatisticsWindow } from '../core/statistics/report.ts'
import type { ModelAnswer } from '../protocol/answers.ts'
import type { BodyLimits } from '../protocol/body.ts'
import type { Inference } from '../serving/infer.ts'
import type { KnownReleases } from '../serving/known-releases.ts'
import type { LatencyProbe } from '../serving/measure.ts'
import type { Observer } from '../serving/observe.ts'
import type { Background, Timers } from '../serving/ports.ts'
import type { Predictor } from '../serving/predict.ts'
import type { Publisher } from '../serving/publish.ts'
import type { Readiness } from '../serving/readiness.ts'
import type { ReleaseDesk } from '../serving/release.ts'
import type { OutcomeReporter } from '../serving/report-outcomes.ts'

export interface Tokens {
  readonly admin: string | undefined
  readonly read: string | undefined
  readonly write: string | undefined
  /** Statistics need no token: local development only. */
  readonly publicStatistics: boolean
}

/** What /admin commands. */
export interface Registry {
  readonly publisher: Publisher
  readonly releases: ReleaseDesk
}

export interface Services {
  readonly version: string
  readonly clock: Clock
  readonly timers: Timers
  readonly predictor: Predictor
  readonly inference: Inference
  readonly observer: Observer
  readonly outcomes: OutcomeReporter
  readonly tokens: Tokens
  readonly defaultModel: string
  readonly releases: KnownReleases
  /** Absent where there is nothing to publish to: then only the bundled versions are served. */
  readonly registry?: Registry
  /** As far as this isolate knows them. */
  models(): readonly ModelAnswer[]
  /** Brings what is known of these models, or of all known ones, up to date. Never rejects. */
  refreshReleases(background: Background, models?: readonly string[]): Promise<void>
  readiness(background: Background): Promise<Readiness>
  /** Throws `statistics_unavailable`. */
  statistics(window: StatisticsWindow): Promise<StatisticsReport>
  readonly limits: BodyLimits
  /** Time for a whole prediction. */
  readonly predictMilliseconds: number
  readonly zipFromEdge: boolean
  readonly latency: LatencyProbe
  randomId(): string
  log(line: string): void
}
