/** The composition root: the only file where bindings meet ports. */
import { env as bindings } from 'cloudflare:workers'
import zipMeans from '../kv-seed/zip3-means.json' with { type: 'json' }
import packageJson from '../package.json' with { type: 'json' }
import { bundledModels } from './adapters/bundled-models.ts'
import { bundledReleases } from './adapters/bundled-releases.ts'
import { canaryEvidence } from './adapters/canary-evidence.ts'
import { cloudflareEventQueue } from './adapters/cloudflare-event-queue.ts'
import { deadLettersClient } from './adapters/dead-letters-client.ts'
import { eventOwnersClient } from './adapters/event-owners-client.ts'
import { kvReleases } from './adapters/kv-releases.ts'
import { kvZipStore } from './adapters/kv-zip-store.ts'
import { messageStatisticsClient } from './adapters/message-statistics-client.ts'
import { onnxRuntime } from './adapters/onnx-runtime.ts'
import { outcomeShards } from './adapters/outcome-shards.ts'
import { r2EventObjects } from './adapters/r2-event-objects.ts'
import { r2ModelRepository } from './adapters/r2-model-repository.ts'
import { releaseControllerClient } from './adapters/release-controller-client.ts'
import { releaseTargets } from './adapters/release-targets.ts'
import { requestLimit } from './adapters/request-limit.ts'
import { scoredOutcomes } from './adapters/scored-outcomes.ts'
import { statisticsTotals } from './adapters/statistics-totals.ts'
import { statsAggregatorClient } from './adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { watchClient } from './adapters/watch-client.ts'
import { createAlertDuties, createAlertReader, type WatchDecorators } from './alert-services.ts'
import { createArchiveReader } from './archive-services.ts'
import { type Config, parseConfig } from './config.ts'
import type { CircuitSettings } from './core/circuit.ts'
import type { Clock } from './core/clock.ts'
import type { LogEntry } from './core/log-entry.ts'
import type { ZipMeans } from './core/zip/zip-pack.ts'
import { createDriftDuty, createDriftReader } from './drift-services.ts'
import { DeadLetters } from './durable/dead-letters.ts'
import { EventOwners } from './durable/event-owners.ts'
import { ReleaseController } from './durable/release-controller.ts'
import { Watch } from './durable/watch.ts'
import { assembleServices } from './http/assemble.ts'
import type { EventPorts } from './http/assemble-ingest.ts'
import type { Registry, Services } from './http/services.ts'
import { judgementOf } from './judgement-settings.ts'
import { type ModelSources, modelSources } from './model-sources.ts'
import { lineOf } from './protocol/log-line.ts'
import { PUBLIC_LIMIT, TOKEN_LIMIT } from './protocol/rate-limits.ts'
import { createSeriesReader, type SeriesDecorators } from './series-services.ts'
import { guardedEventObjects, guardedReleaseStore, guardedZipStore, StoreCircuit } from './serving/circuit.ts'
import { LetterKeeper } from './serving/letters/keep-letters.ts'
import type { DeadLetters as DeadLettersPort } from './serving/ports/dead-letters.ts'
import type { EventObjects } from './serving/ports/event-objects.ts'
import type { EventOwners as EventOwnersPort } from './serving/ports/event-owners.ts'
import type { EventQueue } from './serving/ports/event-queue.ts'
import type { MessageStatistics } from './serving/ports/message-statistics.ts'
import type { BundledVersions, ReleaseControl } from './serving/ports/release-control.ts'
import type { RequestLimit } from './serving/ports/request-limit.ts'
import type { VersionObjects } from './serving/ports/version-objects.ts'
import type { WatchReader } from './serving/ports/watch-duties.ts'
import type { ModelRuntime, ReleaseStore, Statistics, Timers, ZipPackStore } from './serving/ports.ts'
import { Publisher } from './serving/publish.ts'
import { startSessions } from './serving/readiness.ts'
import { ReleaseDesk } from './serving/release.ts'
import { SessionRegistry } from './serving/session-registry.ts'
import { stableVersions } from './serving/stable-versions.ts'
import { CanaryWatcher } from './serving/watch-canary.ts'

/** The platform shows what goes to each as a level of its own. */
const log = (entry: LogEntry): void => {
  const isInfo = typeof entry !== 'string' && entry['log.level'] === 'info'
  if (isInfo) console.info(lineOf(entry))
  else console.error(lineOf(entry))
}

/** Wraps a port around the real binding: how tests inject faults. */
export interface Decorators extends Pick<SeriesDecorators, 'series'>, Pick<WatchDecorators, 'watch'> {
  readonly zipStore?: (store: ZipPackStore) => ZipPackStore
  readonly statistics?: (statistics: Statistics) => Statistics
  readonly releaseStore?: (store: ReleaseStore) => ReleaseStore
  readonly objects?: (objects: VersionObjects) => VersionObjects
  readonly control?: (control: ReleaseControl) => ReleaseControl
  readonly queue?: (queue: EventQueue) => EventQueue
  readonly events?: (objects: EventObjects) => EventObjects
  readonly owners?: (owners: EventOwnersPort) => EventOwnersPort
  readonly letters?: (letters: DeadLettersPort) => DeadLettersPort
  readonly messageStatistics?: (statistics: MessageStatistics) => MessageStatistics
  /** With one of these two the sessions are not those of the isolate. */
  readonly runtime?: (runtime: ModelRuntime) => ModelRuntime
  /** What versions are loaded from. */
  readonly models?: (objects: VersionObjects) => VersionObjects
  readonly requestLimit?: (limit: RequestLimit) => RequestLimit
  /** Instead of the platform's. */
  readonly time?: { readonly clock: Clock; readonly timers: Timers }
}

const releases = bundledReleases(bundledModels)
const circuitOf = ({ CIRCUIT_FAILURES, CIRCUIT_SECONDS }: Config): CircuitSettings => ({
  failures: CIRCUIT_FAILURES,
  restMilliseconds: CIRCUIT_SECONDS * 1_000,
})
const models = modelSources((bindings as Env).MODELS, {
  circuit: () => circuitOf(parseConfig(bindings)),
  clock: systemClock,
  timers: systemTimers,
})
const sessions = new SessionRegistry(models.repository, onnxRuntime, systemClock, systemTimers)

/**
 * The session of the default model starts as the module is evaluated, so that the first request finds it ready: measured in docs/decisions.md.
 * Should that fail, the first request that needs a model starts it; so does the first that asks for another model.
 */
if (Reflect.get(bindings, 'MODE') !== 'fallback') {
  void startSessions(sessions, stableVersions(bundledModels.models().slice(0, 1), releases)).then(({ reasons }) => {
    for (const reason of reasons) console.error(lineOf(`not ready at start-up: ${reason}`))
  })
}

const bundledVersions = (model: string): BundledVersions | null => {
  const stable = releases.current(model)?.stable
  return stable === undefined ? null : { stable, versions: bundledModels.versions(model) }
}

/** The release controller with its bindings. */
export class BoundReleaseController extends ReleaseController {
  constructor(ctx: DurableObjectState, env: Env) {
    const { STATS_SHARDS } = parseConfig(env)
    const { STATS_AGGREGATOR, WATCH, RELEASES } = env
    const targets = releaseTargets(STATS_AGGREGATOR, STATS_SHARDS, WATCH, RELEASES, systemClock, systemTimers)
    super(ctx, env, { bundled: bundledVersions, targets })
  }
}

/** The watch with its bindings. */
export class BoundWatch extends Watch {
  constructor(ctx: DurableObjectState, env: Env) {
    const config = parseConfig(env)
    const watcher = new CanaryWatcher({
      control: releaseControllerClient(env.RELEASE_CONTROLLER, systemTimers),
      evidence: canaryEvidence(env.STATS_AGGREGATOR, config.STATS_SHARDS, systemTimers),
      judgement: judgementOf(config),
      promotes: config.CANARY_PROMOTES,
      clock: systemClock,
      log,
    })
    super(ctx, env, {
      look: (model) => watcher.look(model),
      duties: [...createAlertDuties(env, log), createDriftDuty(env, bundledVersions, log)],
    })
  }
}

const DAY_MILLISECONDS = 86_400_000
/** A message waits for 14 days at most in the queue, and again in that of what was given up (Queues limits, read 2026-11). */
const QUEUED_DAYS = 28

/** The event owners with their settings. */
export class BoundEventOwners extends EventOwners {
  constructor(ctx: DurableObjectState, env: Env) {
    const { DEDUP_WINDOW_SECONDS, DEAD_LETTER_RETENTION_DAYS } = parseConfig(env)
    super(ctx, env, {
      windowMilliseconds: DEDUP_WINDOW_SECONDS * 1_000,
      letterMilliseconds: (DEAD_LETTER_RETENTION_DAYS + QUEUED_DAYS) * DAY_MILLISECONDS,
    })
  }
}

/** The dead letters with their settings. */
export class BoundDeadLetters extends DeadLetters {
  constructor(ctx: DurableObjectState, env: Env) {
    const config = parseConfig(env)
    super(ctx, env, {
      hourly: config.DEAD_LETTER_HOURLY,
      payloadBytes: config.DEAD_LETTER_BYTES,
      totalBytes: config.DEAD_LETTER_TOTAL_BYTES,
      retentionMilliseconds: config.DEAD_LETTER_RETENTION_DAYS * DAY_MILLISECONDS,
    })
  }
}

/** For keeping dead letters in their object, and again in the bucket. */
const LETTER_MILLISECONDS = 1_500

const same = <T>(port: T): T => port

const registryOf = (env: Env, { objects = same, control = same }: Decorators): Registry => {
  const controllers = control(releaseControllerClient(env.RELEASE_CONTROLLER, systemTimers))
  return {
    releases: new ReleaseDesk(controllers, bundledVersions, watchClient(env.WATCH, systemTimers), systemClock),
    publisher: new Publisher({
      bundled: bundledModels,
      objects: objects(r2ModelRepository(env.MODELS, systemTimers)),
      control: controllers,
      runtime: onnxRuntime,
      zipColumns: zipMeans.columns,
      clock: systemClock,
    }),
  }
}

/** The sessions of the isolate, or, where a test injects faults into them, others. */
const sessionsOf = (
  env: Env,
  decorators: Decorators,
  config: Config,
): ModelSources & { readonly sessions: SessionRegistry } => {
  const { runtime = same, models: decorate } = decorators
  if (runtime === same && decorate === undefined) return { ...models, sessions }
  const { clock, timers } = decorators.time ?? { clock: systemClock, timers: systemTimers }
  const circuit = () => circuitOf(config)
  const sources = modelSources(env.MODELS, { circuit, clock, timers, ...(decorate && { decorate }) })
  return { ...sources, sessions: new SessionRegistry(sources.repository, runtime(onnxRuntime), clock, timers) }
}

/** Where events wait, and where those go that cannot. */
const eventPortsOf = (env: Env, decorators: Decorators, config: Config): EventPorts => {
  const { queue = same, events = same, letters = same, owners = same, messageStatistics = same } = decorators
  const { clock, timers } = decorators.time ?? { clock: systemClock, timers: systemTimers }
  const settings = () => circuitOf(config)
  const circuit = new StoreCircuit({
    store: 'R2 (events)',
    settings,
    clock,
    timers,
    log,
  })
  const objects = guardedEventObjects(events(r2EventObjects(env.ARCHIVE, timers)), circuit)
  const deadLetters = letters(deadLettersClient(env.DEAD_LETTERS, timers))
  const keeper = new LetterKeeper({
    letters: deadLetters,
    objects,
    clock,
    timers,
    log,
    limits: {
      payloadBytes: config.DEAD_LETTER_BYTES,
      hourly: config.DEAD_LETTER_HOURLY,
      deadlineMilliseconds: LETTER_MILLISECONDS,
    },
  })
  const counted = messageStatisticsClient(env.STATS_AGGREGATOR, config.STATS_SHARDS, timers, log)
  const consuming = {
    owners: owners(eventOwnersClient(env.EVENT_OWNERS, config.DEDUP_SHARDS, timers)),
    statistics: messageStatistics(counted),
  }
  return { queue: queue(cloudflareEventQueue(env.EVENTS, timers)), objects, letters: keeper, deadLetters, consuming }
}

export const createServices = (env: Env, decorators: Decorators = {}): Services => {
  const { zipStore = same, statistics = same, releaseStore = same, requestLimit: limited = same } = decorators
  const { watch: watching = same<WatchReader> } = decorators
  const { clock, timers } = decorators.time ?? { clock: systemClock, timers: systemTimers }
  const config = parseConfig(env)
  const circuit = (store: string): StoreCircuit =>
    new StoreCircuit({ store, settings: () => circuitOf(config), clock, timers, log })
  const services = assembleServices({
    config,
    version: packageJson.version,
    codeVersion: env.CODE_VERSION.id || packageJson.version,
    ...sessionsOf(env, decorators, config),
    releases,
    releaseStore: guardedReleaseStore(releaseStore(kvReleases(env.RELEASES)), circuit('KV (releases)')),
    zipStore: guardedZipStore(zipStore(kvZipStore(env.ZIP_FEATURES)), circuit('KV (zips)')),
    // The JSON's own type is the shape of this very file; the port wants any release of it.
    zipMeans: zipMeans as unknown as ZipMeans,
    statistics: statistics(statsAggregatorClient(env.STATS_AGGREGATOR, config.STATS_SHARDS, clock, timers)),
    watch: watching(watchClient(env.WATCH, timers)),
    totals: statisticsTotals(env.STATS_AGGREGATOR, config.STATS_SHARDS, clock, timers, log),
    outcomes: outcomeShards(env.STATS_AGGREGATOR, config.STATS_SHARDS, timers),
    scored: scoredOutcomes(env.STATS_AGGREGATOR, config.STATS_SHARDS, timers, log),
    requestLimits: {
      public: limited(requestLimit(env.PUBLIC_LIMIT, PUBLIC_LIMIT)),
      token: limited(requestLimit(env.TOKEN_LIMIT, TOKEN_LIMIT)),
    },
    events: eventPortsOf(env, decorators, config),
    clock,
    timers,
    randomId: () => crypto.randomUUID(),
    random: Math.random,
    log,
  })
  return {
    ...services,
    series: createSeriesReader(env, decorators, log),
    alerts: createAlertReader(env, decorators),
    drift: createDriftReader(env, decorators),
    registry: registryOf(env, decorators),
    archive: createArchiveReader(env, decorators),
  }
}

const made = new WeakMap<object, Services>()

/** The services of this isolate, made at its first request and kept. */
export const servicesFor = (env: object): Services => {
  const known = made.get(env)
  if (known !== undefined) return known
  const services = createServices(env as Env)
  made.set(env, services)
  return services
}
