/** The composition root: the only file where bindings meet ports. */
import { env as bindings } from 'cloudflare:workers'
import zipMeans from '../kv-seed/zip3-means.json' with { type: 'json' }
import packageJson from '../package.json' with { type: 'json' }
import { bundledModels } from './adapters/bundled-models.ts'
import { bundledReleases } from './adapters/bundled-releases.ts'
import { canaryEvidence } from './adapters/canary-evidence.ts'
import { canaryWatchClient } from './adapters/canary-watch-client.ts'
import { combinedModels } from './adapters/combined-models.ts'
import { kvReleases } from './adapters/kv-releases.ts'
import { kvZipStore } from './adapters/kv-zip-store.ts'
import { onnxRuntime } from './adapters/onnx-runtime.ts'
import { outcomeShards } from './adapters/outcome-shards.ts'
import { r2ModelRepository } from './adapters/r2-model-repository.ts'
import { releaseControllerClient } from './adapters/release-controller-client.ts'
import { releaseTargets } from './adapters/release-targets.ts'
import { statsAggregatorClient } from './adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { type Config, parseConfig } from './config.ts'
import type { Clock } from './core/clock.ts'
import { checkJudgement, DEFAULT_JUDGEMENT, type JudgementConfig } from './core/judgement/config.ts'
import type { ZipMeans } from './core/zip/zip-pack.ts'
import { ReleaseController } from './durable/release-controller.ts'
import { Watch } from './durable/watch.ts'
import { assembleServices } from './http/assemble.ts'
import type { Registry, Services } from './http/services.ts'
import type { DeadLetters } from './serving/ports/dead-letters.ts'
import type { EventObjects } from './serving/ports/event-objects.ts'
import type { EventOwners } from './serving/ports/event-owners.ts'
import type { EventQueue } from './serving/ports/event-queue.ts'
import type { BundledVersions, ReleaseControl } from './serving/ports/release-control.ts'
import type { VersionObjects } from './serving/ports/version-objects.ts'
import type { ModelRuntime, ReleaseStore, Statistics, Timers, ZipPackStore } from './serving/ports.ts'
import { Publisher } from './serving/publish.ts'
import { startSessions } from './serving/readiness.ts'
import { ReleaseDesk } from './serving/release.ts'
import { SessionRegistry } from './serving/session-registry.ts'
import { stableVersions } from './serving/stable-versions.ts'
import { CanaryWatcher } from './serving/watch-canary.ts'

/** Wraps a port around the real binding: how tests inject faults. */
export interface Decorators {
  readonly zipStore?: (store: ZipPackStore) => ZipPackStore
  readonly statistics?: (statistics: Statistics) => Statistics
  readonly releaseStore?: (store: ReleaseStore) => ReleaseStore
  readonly objects?: (objects: VersionObjects) => VersionObjects
  readonly control?: (control: ReleaseControl) => ReleaseControl
  readonly queue?: (queue: EventQueue) => EventQueue
  readonly events?: (objects: EventObjects) => EventObjects
  readonly owners?: (owners: EventOwners) => EventOwners
  readonly letters?: (letters: DeadLetters) => DeadLetters
  readonly runtime?: (runtime: ModelRuntime) => ModelRuntime
  /** Instead of the platform's. */
  readonly time?: { readonly clock: Clock; readonly timers: Timers }
}

const releases = bundledReleases(bundledModels)
const models = combinedModels(bundledModels, r2ModelRepository((bindings as Env).MODELS, systemTimers))
const sessions = new SessionRegistry(models, onnxRuntime, systemClock, systemTimers)

/**
 * The sessions start as the module is evaluated, so that the first request finds them ready: measured in docs/decisions.md. Should that
 * fail, the first request that needs a model starts it.
 */
void startSessions(sessions, stableVersions(bundledModels.models(), releases)).then(({ reasons }) => {
  for (const reason of reasons) console.error(`not ready at start-up: ${reason}`)
})

const bundledVersions = (model: string): BundledVersions | null => {
  const stable = releases.current(model)?.stable
  return stable === undefined ? null : { stable, versions: bundledModels.versions(model) }
}

/** How canaries are judged here. Throws a RangeError for what no judgement can be made by. */
const judgementOf = (config: Config): JudgementConfig => {
  const judgement: JudgementConfig = {
    ...DEFAULT_JUDGEMENT,
    alpha: config.CANARY_ALPHA,
    minimumUnits: config.CANARY_MINIMUM_UNITS,
    bakeMilliseconds: config.CANARY_BAKE_SECONDS * 1_000,
    failures: { toleratedExcess: config.CANARY_FAILURE_EXCESS },
    shift: { toleratedMean: config.CANARY_MEAN_SHIFT },
    decisions: { toleratedShare: config.CANARY_DECISION_SHARE },
  }
  checkJudgement(judgement)
  return judgement
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
      log: (line) => console.error(line),
    })
    super(ctx, env, { look: (model) => watcher.look(model) })
  }
}

const same = <T>(port: T): T => port

const registryOf = (env: Env, { objects = same, control = same }: Decorators): Registry => {
  const controllers = control(releaseControllerClient(env.RELEASE_CONTROLLER, systemTimers))
  return {
    releases: new ReleaseDesk(controllers, bundledVersions, canaryWatchClient(env.WATCH, systemTimers), systemClock),
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

export const createServices = (env: Env, decorators: Decorators = {}): Services => {
  const { zipStore = same, statistics = same, releaseStore = same } = decorators
  const { clock, timers } = decorators.time ?? { clock: systemClock, timers: systemTimers }
  const config = parseConfig(env)
  const services = assembleServices({
    config,
    version: packageJson.version,
    codeVersion: env.CODE_VERSION.id || packageJson.version,
    repository: models,
    releases,
    releaseStore: releaseStore(kvReleases(env.RELEASES)),
    sessions,
    zipStore: zipStore(kvZipStore(env.ZIP_FEATURES)),
    // The JSON's own type is the shape of this very file; the port wants any release of it.
    zipMeans: zipMeans as unknown as ZipMeans,
    statistics: statistics(statsAggregatorClient(env.STATS_AGGREGATOR, config.STATS_SHARDS, clock, timers)),
    outcomes: outcomeShards(env.STATS_AGGREGATOR, config.STATS_SHARDS, timers),
    clock,
    timers,
    randomId: () => crypto.randomUUID(),
    random: Math.random,
    log: (line) => console.error(line),
  })
  return { ...services, registry: registryOf(env, decorators) }
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
