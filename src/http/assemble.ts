/** From ports to the services of the HTTP surface, whatever the platform behind the ports. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { EventRules } from '../core/event/read-event.ts'
import type { ClockRules, ReceiptRules } from '../core/event/settle-time.ts'
import type { LogEntry } from '../core/log-entry.ts'
import { murmur3Text } from '../core/release/unit-hash.ts'
import type { ZipMeans } from '../core/zip/zip-pack.ts'
import { Comparer } from '../serving/compare.ts'
import { type DescribedRepository, describeModels } from '../serving/describe-models.ts'
import { Explainer } from '../serving/explain.ts'
import { FeatureRowMaker } from '../serving/feature-rows.ts'
import { FieldBinners } from '../serving/field-binners.ts'
import { Inference } from '../serving/infer.ts'
import { namedVersions, VersionKeeper } from '../serving/keep-versions.ts'
import { KnownManifests } from '../serving/known-manifests.ts'
import { KnownReleases } from '../serving/known-releases.ts'
import { VersionLeaser } from '../serving/lease-version.ts'
import { LatencyProbe } from '../serving/measure.ts'
import { Observer } from '../serving/observe.ts'
import { measureNothing, NothingObserver, UNOBSERVED } from '../serving/observe-nothing.ts'
import { outputLayouts } from '../serving/output-layouts.ts'
import type { VersionReferences } from '../serving/ports/drift-parts.ts'
import type { OutcomeShards } from '../serving/ports/outcome-shards.ts'
import type { RequestLimit } from '../serving/ports/request-limit.ts'
import type { ScoredOutcomes } from '../serving/ports/scored-outcomes.ts'
import type { TotalsReader } from '../serving/ports/statistics-totals.ts'
import type { WatchReader } from '../serving/ports/watch-duties.ts'
import type {
  Background,
  ReferenceProfiles,
  ReleaseStore,
  Releases,
  Statistics,
  Timers,
  ZipPackStore,
} from '../serving/ports.ts'
import { Predictor } from '../serving/predict.ts'
import { checkMeans, checkReadiness, type Readiness } from '../serving/readiness.ts'
import { refreshReleases } from '../serving/refresh-releases.ts'
import { RequestGate } from '../serving/request-gate.ts'
import type { SessionRegistry } from '../serving/session-registry.ts'
import { stableVersions } from '../serving/stable-versions.ts'
import { ZipLookup } from '../serving/zip-lookup.ts'
import { type AnsweringSettings, assembleAnswering } from './assemble-answering.ts'
import { assembleConsumer } from './assemble-consumer.ts'
import { assembleIngest, type EventPorts } from './assemble-ingest.ts'
import { assembleLetters } from './assemble-letters.ts'
import { assembleMetrics } from './assemble-metrics.ts'
import { assembleOutcomes } from './assemble-outcomes.ts'
import type { Services } from './services.ts'

/** What src/config.ts makes of the environment, as far as it matters here. */
export interface Settings extends AnsweringSettings {
  readonly TIME_PATH: string | undefined
  readonly TIME_UNIT: EventRules['timeUnit']
  readonly TIME_ZONE: string | undefined
  readonly CLOCK_OFFSET_SECONDS: number
  readonly FAR_PAST_SECONDS: number
  readonly FAR_FUTURE_SECONDS: number
  readonly FAR_TIME: ClockRules['far'] | undefined
  readonly ZIP_PATH: string | undefined
  readonly UNIT_PATH: string | undefined
  readonly ZIP_FROM_EDGE: boolean
  readonly HONOR_OPT_OUT: boolean
  readonly ALLOWED_ORIGINS: readonly string[]
  readonly BEACON_PATH: string
  readonly MAX_BODY_BYTES: number
  readonly MAX_EVENTS: number
  readonly MAX_KEYS: number
  readonly PREDICT_DEADLINE_MILLISECONDS: number
  readonly ZIP_DEADLINE_MILLISECONDS: number
  readonly ZIP_CACHE_PACKS: number
  readonly ZIP_REFRESH_SECONDS: number
  readonly CIRCUIT_FAILURES: number
  readonly CIRCUIT_SECONDS: number
  readonly STATS_DEADLINE_MILLISECONDS: number
  readonly OBSERVE: 'on' | 'off' | undefined
  readonly LATENCY_SAMPLE: number
  readonly LOG_SAMPLE: number
  readonly INGEST_DEADLINE_MILLISECONDS: number
  readonly INGEST_ATTEMPTS: number
  readonly ARCHIVE_PREDICT_SHARE: number
  readonly PUBLIC_STATS: boolean
  readonly ADMIN_TOKEN: string | undefined
  readonly READ_TOKEN: string | undefined
  readonly WRITE_TOKEN: string | undefined
  readonly ADMIN_TOKEN_NEXT: string | undefined
  readonly READ_TOKEN_NEXT: string | undefined
  readonly WRITE_TOKEN_NEXT: string | undefined
  readonly SIGNING_KEY: string | undefined
  readonly SIGNING_KEY_PREVIOUS: string | undefined
  readonly RECEIPT_DAYS: number
}

export interface Parts {
  readonly config: Settings
  readonly version: string
  readonly codeVersion: string
  readonly repository: DescribedRepository
  /** What ships in the bundle. */
  readonly releases: Releases
  /** Without one what ships in the bundle holds until a controller says otherwise. */
  readonly releaseStore?: ReleaseStore
  readonly sessions: SessionRegistry
  /** What answers where no session can; without them a version that cannot be had is a 503. */
  readonly profiles?: ReferenceProfiles
  /** By what fields are counted; without them none is. */
  readonly references?: VersionReferences
  readonly zipStore: ZipPackStore
  readonly zipMeans: ZipMeans
  readonly statistics: Statistics
  readonly outcomes: OutcomeShards
  readonly scored: ScoredOutcomes
  /** Without them there are no metrics. */
  readonly totals?: TotalsReader
  /** Without it metrics tell neither of drift nor of zip data. */
  readonly watch?: WatchReader
  /** Without them no events are taken to be predicted later. */
  readonly events?: EventPorts
  /** Without them nobody is limited. */
  readonly requestLimits?: { readonly public: RequestLimit; readonly token: RequestLimit }
  readonly clock: Clock
  readonly timers: Timers
  readonly randomId: () => string
  /** In [0, 1). */
  readonly random: () => number
  readonly log: (entry: LogEntry) => void
}

/** How long a read of the release may hold up a prediction: as long as one of the zip store. */
const RELEASE_MILLISECONDS = 25
const READINESS_MILLISECONDS = 5_000
/** Any number: it keeps what is made of the secret apart from other uses of it. */
const UNIT_SEED = 0x6e636173
const FLUSH_MILLISECONDS = 1_000
/** A delta that could not be brought for this long is given up and counted as lost: before a shard takes it for too late, at 15 minutes. */
const GIVE_UP_MILLISECONDS = 12 * 60_000

const UNSEEDED =
  'The zip store is empty, so zip features are means by the first three digits. Seed it: npm start does, or ' +
  'npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --local'

const tokens = (...given: readonly (string | undefined)[]): string[] => given.filter((token) => token !== undefined)

export const assembleServices = (parts: Parts): Services => {
  const { config, clock, timers, repository, sessions, statistics, randomId, log } = parts
  const bundled = repository.models().flatMap((model) => parts.releases.current(model) ?? [])
  const keeper = new VersionKeeper(sessions, clock)
  const releases = new KnownReleases(bundled, parts.releaseStore ?? null, clock, timers, {
    deadlineMilliseconds: RELEASE_MILLISECONDS,
    onRelease: (release, background) => {
      if (!answering.isSwitchedOff) keeper.keep(release, background)
      answering.prepare(release, background)
    },
  })
  const manifests = new KnownManifests(repository, sessions)
  const manifestOf = (model: string, version: string) => manifests.of(model, version)
  const layoutOf = outputLayouts(manifestOf)
  const isObserving = config.OBSERVE !== 'off'
  if (!isObserving) log(UNOBSERVED)
  const observer = new (isObserving ? Observer : NothingObserver)(
    {
      statistics,
      clock,
      timers,
      randomId,
      layoutOf,
      onReleases: (news, sentAt, background) => releases.learn(news, sentAt, background),
    },
    {
      codeVersion: parts.codeVersion,
      intervalMilliseconds: FLUSH_MILLISECONDS,
      deadlineMilliseconds: config.STATS_DEADLINE_MILLISECONDS,
      giveUpMilliseconds: GIVE_UP_MILLISECONDS,
    },
  )
  const zips = new ZipLookup(parts.zipStore, parts.zipMeans, clock, timers, {
    capacity: config.ZIP_CACHE_PACKS,
    deadlineMilliseconds: config.ZIP_DEADLINE_MILLISECONDS,
    refreshMilliseconds: config.ZIP_REFRESH_SECONDS * 1_000,
    onUnseeded: () => log(UNSEEDED),
    onRead: (outcome) => observer.zipRead(outcome),
  })
  const rules: ReceiptRules = {
    timePath: config.TIME_PATH,
    timeUnit: config.TIME_UNIT,
    timeZone: config.TIME_ZONE,
    zipPath: config.ZIP_PATH,
    unitPath: config.UNIT_PATH,
    now: () => clock.epochMilliseconds(),
    clock: {
      offsetMilliseconds: config.CLOCK_OFFSET_SECONDS * 1_000,
      farPastMilliseconds: config.FAR_PAST_SECONDS * 1_000,
      farFutureMilliseconds: config.FAR_FUTURE_SECONDS * 1_000,
      far: config.FAR_TIME ?? 'flag',
    },
  }
  sessions.onLoadFailure = (model, version) => {
    const release = releases.current(model)
    // What a caller asks for by name may never have been there.
    if (release !== null && namedVersions(release).includes(version)) observer.loadFailure(model, version)
  }
  const features = new FeatureRowMaker(zips, observer)
  const leaser = new VersionLeaser({ sessions, releases, bundled: parts.releases, clock })
  const answering = assembleAnswering(parts, leaser)
  // A secret of the deployment, so that nobody outside can tell which units are alike; it gives away nothing of the secret.
  const unitSeed = murmur3Text(config.SIGNING_KEY ?? config.ADMIN_TOKEN ?? '', UNIT_SEED)
  const isTimed = (): boolean => parts.random() * config.LATENCY_SAMPLE < 1
  const isCanaryFirst = (): boolean => parts.random() < 0.5
  const comparer = new Comparer({
    ...{ models: sessions, features, observer, clock, timers, unitSeed },
    ...{ isTimed, isCanaryFirst },
  })
  const { signing, outcomes } = assembleOutcomes({ ...parts, rules, unitSeed, manifestOf })
  const refresh = (background: Background, asked = releases.models()): Promise<void> =>
    refreshReleases(releases, manifests, asked, deadlineIn(clock, READINESS_MILLISECONDS), background)
  const readiness = async (background: Background): Promise<Readiness> => {
    const shipped = repository.models()
    await refresh(background, shipped)
    const served = releases.models().filter((name) => shipped.includes(name) || sessions.inMemory(name).length > 0)
    const deadline = deadlineIn(clock, READINESS_MILLISECONDS)
    if (answering.isSwitchedOff) {
      return checkMeans(
        answering,
        served.flatMap((name) => releases.current(name) ?? []),
        deadline,
        background,
      )
    }
    return checkReadiness(leaser, stableVersions(served, releases), deadline, background)
  }
  const gate = (limit: RequestLimit): RequestGate =>
    new RequestGate({
      limit,
      clock,
      timers,
      circuit: { failures: config.CIRCUIT_FAILURES, restMilliseconds: config.CIRCUIT_SECONDS * 1_000 },
      onFault: (fault) => observer.limitFault(fault),
    })
  const defaultModel = repository.models()[0] ?? ''
  const ingest =
    parts.events === undefined
      ? {}
      : assembleIngest(parts.events, { ...parts, releases, observer, rules, defaultModel })
  const boundary = (): Promise<void> => timers.sleep(0)
  const binners = new FieldBinners(parts.references ?? null, clock, timers, log)
  const explainer = new Explainer({ references: parts.references ?? null, clock, timers, log })
  const predicting = { releases, models: sessions, answering, features, comparer, binners, explainer, observer, rules }
  const predictor = new Predictor({ ...predicting, randomId })
  return {
    version: parts.version,
    clock,
    timers,
    predictor,
    inference: new Inference({ releases, models: sessions, answering, observer }),
    observer,
    outcomes,
    ...signing,
    latency: isObserving
      ? new LatencyProbe(
          observer,
          clock,
          boundary,
          config.LATENCY_SAMPLE,
          Math.floor(parts.random() * config.LATENCY_SAMPLE),
        )
      : measureNothing,
    tokens: {
      admin: tokens(config.ADMIN_TOKEN, config.ADMIN_TOKEN_NEXT),
      read: tokens(config.READ_TOKEN, config.READ_TOKEN_NEXT),
      write: tokens(config.WRITE_TOKEN, config.WRITE_TOKEN_NEXT),
      publicStatistics: config.PUBLIC_STATS,
    },
    releases,
    defaultModel,
    ...ingest,
    ...assembleConsumer(parts.events, { ...parts, predictor, observer, releases, rules, layoutOf }),
    ...assembleLetters(parts.events, { ...parts, rules }),
    ...assembleMetrics(parts.events, { ...parts, releases }),
    models: () => describeModels(repository, releases, manifestOf),
    readiness,
    refreshReleases: refresh,
    statistics: (window) => statistics.read(window, deadlineIn(clock, config.STATS_DEADLINE_MILLISECONDS)),
    limits: { maxBodyBytes: config.MAX_BODY_BYTES, maxEvents: config.MAX_EVENTS, maxKeys: config.MAX_KEYS },
    predictMilliseconds: config.PREDICT_DEADLINE_MILLISECONDS,
    zipFromEdge: config.ZIP_FROM_EDGE,
    honorOptOut: config.HONOR_OPT_OUT,
    allowedOrigins: config.ALLOWED_ORIGINS,
    beaconPath: config.BEACON_PATH,
    rateGates:
      parts.requestLimits === undefined
        ? null
        : { public: gate(parts.requestLimits.public), token: gate(parts.requestLimits.token) },
    randomId,
    log,
    isLogged: () => config.LOG_SAMPLE > 0 && parts.random() * config.LOG_SAMPLE < 1,
  }
}
