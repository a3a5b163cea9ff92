/** What the HTTP surface needs of the rest: verbs and limits, nothing of any platform. */
import type { Clock } from '../core/clock.ts'
import type { LogEntry } from '../core/log-entry.ts'
import type { StatisticsReport, StatisticsWindow } from '../core/statistics/report.ts'
import type { ModelAnswer } from '../protocol/answers.ts'
import type { ArchiveReader } from '../serving/archive/archive.ts'
import type { Consumer } from '../serving/consumer/consume.ts'
import type { Inference } from '../serving/infer.ts'
import type { Ingester } from '../serving/intake/ingest.ts'
import type { PredictionSampler } from '../serving/intake/sample-predictions.ts'
import type { KnownReleases } from '../serving/known-releases.ts'
import type { DeadLetterDesk } from '../serving/letters/dead-letters.ts'
import type { LatencyProbe } from '../serving/measure.ts'
import type { Observer } from '../serving/observe.ts'
import type { Background, Timers } from '../serving/ports.ts'
import type { Predictor } from '../serving/predict.ts'
import type { Publisher } from '../serving/publish.ts'
import type { AlertReader } from '../serving/read-alerts.ts'
import type { DriftReader } from '../serving/read-drift.ts'
import type { MetricsReader } from '../serving/read-metrics.ts'
import type { SeriesReader } from '../serving/read-series.ts'
import type { Readiness } from '../serving/readiness.ts'
import type { ReceiptSigner } from '../serving/receipts/sign-receipts.ts'
import type { ReleaseDesk } from '../serving/release.ts'
import type { OutcomeReporter } from '../serving/report-outcomes.ts'
import type { RequestGate } from '../serving/request-gate.ts'
import type { RequestLimits } from './body.ts'

export interface Tokens {
  /** The tokens that open a door: none keeps it shut, two are valid while one is being changed. */
  readonly admin: readonly string[]
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** Statistics need no token: local development only. */
  readonly publicStatistics: boolean
}

/** How many requests one address may make. */
export interface RateGates {
  readonly public: RequestGate
  readonly token: RequestGate
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
  /** Absent where no key signs. */
  readonly receipts?: ReceiptSigner
  readonly tokens: Tokens
  readonly defaultModel: string
  readonly releases: KnownReleases
  /** Absent where there is nothing to publish to: then only the bundled versions are served. */
  readonly registry?: Registry
  /** Absent where there is no queue. */
  readonly events?: Ingester
  /** Absent where no prediction is archived. */
  readonly sampler?: PredictionSampler
  /** Absent where there is no queue to work off. */
  readonly consumer?: Consumer
  /** Absent where no dead letters are kept. */
  readonly deadLetters?: DeadLetterDesk
  /** Absent where nothing is archived. */
  readonly archive?: ArchiveReader
  /** Absent where nothing is kept along the time line. */
  readonly series?: SeriesReader
  /** Both absent where nobody watches. */
  readonly alerts?: AlertReader
  readonly drift?: DriftReader
  /** Absent where nothing is counted for good. */
  readonly metrics?: MetricsReader
  /** As far as this isolate knows them. */
  models(): readonly ModelAnswer[]
  /** Brings what is known of these models, or of all known ones, up to date. Never rejects. */
  refreshReleases(background: Background, models?: readonly string[]): Promise<void>
  readiness(background: Background): Promise<Readiness>
  /** Throws `statistics_unavailable`. */
  statistics(window: StatisticsWindow): Promise<StatisticsReport>
  readonly limits: RequestLimits
  /** Time for a whole prediction. */
  readonly predictMilliseconds: number
  readonly zipFromEdge: boolean
  /** Sec-GPC and DNT are heeded. */
  readonly honorOptOut: boolean
  /** Origins whose pages may call the public routes; `*` for all. */
  readonly allowedOrigins: readonly string[]
  /** Where the beacon is served, beside its own path. */
  readonly beaconPath: string
  /** `null`: nobody is limited. */
  readonly rateGates: RateGates | null
  readonly latency: Pick<LatencyProbe, 'answered'>
  randomId(): string
  log(entry: LogEntry): void
  /** Whether the prediction that is asked about has a line of its own in the log: one in `LOG_SAMPLE`. */
  isLogged(): boolean
}
