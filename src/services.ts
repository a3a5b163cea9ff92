/** The composition root: the only file where bindings meet ports. */
import zipMeans from '../kv-seed/zip3-means.json' with { type: 'json' }
import packageJson from '../package.json' with { type: 'json' }
import { bundledModels } from './adapters/bundled-models.ts'
import { bundledReleases } from './adapters/bundled-releases.ts'
import { kvZipStore } from './adapters/kv-zip-store.ts'
import { onnxRuntime } from './adapters/onnx-runtime.ts'
import { statsAggregatorClient } from './adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { eventRules, parseConfig } from './config.ts'
import { deadlineIn } from './core/clock.ts'
import type { ZipMeans } from './core/zip/zip-pack.ts'
import type { Services } from './http/services.ts'
import { describeModels } from './serving/describe-models.ts'
import { LatencyProbe } from './serving/measure.ts'
import { Observer } from './serving/observe.ts'
import { outputLayouts } from './serving/output-layouts.ts'
import type { Statistics, ZipPackStore } from './serving/ports.ts'
import { Predictor } from './serving/predict.ts'
import { checkReadiness, startSessions } from './serving/readiness.ts'
import { SessionRegistry } from './serving/session-registry.ts'
import { ZipLookup } from './serving/zip-lookup.ts'

/** Wraps a port around the real binding: how tests inject faults. */
export interface Decorators {
  readonly zipStore?: (store: ZipPackStore) => ZipPackStore
  readonly statistics?: (statistics: Statistics) => Statistics
}

const READINESS_MILLISECONDS = 5_000
/** A delta that could not be brought for this long is given up and counted as lost: before the shards take it for a quarter of an hour late. */
const GIVE_UP_MILLISECONDS = 12 * 60_000

const UNSEEDED =
  'The zip store is empty, so zip features are means by the first three digits. Seed it: npm start does, or ' +
  'npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --local'

const releases = bundledReleases(bundledModels)
const registry = new SessionRegistry(bundledModels, onnxRuntime, systemClock, systemTimers)
const stable = bundledModels.models().flatMap((name) => {
  const release = releases.current(name)
  return release === null ? [] : [{ name, version: release.stable }]
})

/**
 * The sessions start as the module is evaluated, so that the first request finds them ready: measured in docs/decisions.md. Should that
 * fail, the first request that needs a model starts it.
 */
void startSessions(registry, stable).then(({ reasons }) => {
  for (const reason of reasons) console.error(`not ready at start-up: ${reason}`)
})

export const createServices = (env: Env, decorators: Decorators = {}): Services => {
  const config = parseConfig(env)
  const same = <T>(port: T): T => port
  const zipStore = (decorators.zipStore ?? same)(kvZipStore(env.ZIP_FEATURES))
  const statistics = (decorators.statistics ?? same)(
    statsAggregatorClient(env.STATS_AGGREGATOR, config.STATS_SHARDS, systemClock, systemTimers),
  )
  const randomId = (): string => crypto.randomUUID()
  const observer = new Observer(
    { statistics, clock: systemClock, timers: systemTimers, randomId, layoutOf: outputLayouts(bundledModels) },
    {
      codeVersion: env.CODE_VERSION.id || packageJson.version,
      intervalMilliseconds: 1_000,
      deadlineMilliseconds: config.STATS_DEADLINE_MILLISECONDS,
      giveUpMilliseconds: GIVE_UP_MILLISECONDS,
    },
  )
  const zips = new ZipLookup(zipStore, zipMeans as unknown as ZipMeans, systemClock, systemTimers, {
    capacity: config.ZIP_CACHE_PACKS,
    deadlineMilliseconds: config.ZIP_DEADLINE_MILLISECONDS,
    refreshMilliseconds: config.ZIP_REFRESH_SECONDS * 1_000,
    onUnseeded: () => console.warn(UNSEEDED),
  })
  const predictor = new Predictor({
    releases,
    models: registry,
    zips,
    observer,
    rules: eventRules(config, () => systemClock.epochMilliseconds()),
    randomId,
  })
  const models = describeModels(bundledModels, releases)
  return {
    version: packageJson.version,
    clock: systemClock,
    predictor,
    observer,
    tokens: {
      admin: config.ADMIN_TOKEN,
      read: config.READ_TOKEN,
      write: config.WRITE_TOKEN,
      publicStatistics: config.PUBLIC_STATS,
    },
    defaultModel: stable[0]?.name ?? '',
    models: () => models,
    readiness: (background) =>
      checkReadiness(registry, stable, deadlineIn(systemClock, READINESS_MILLISECONDS), background),
    statistics: (window) => statistics.read(window, deadlineIn(systemClock, config.STATS_DEADLINE_MILLISECONDS)),
    limits: { maxBodyBytes: config.MAX_BODY_BYTES, maxEvents: config.MAX_EVENTS },
    predictMilliseconds: config.PREDICT_DEADLINE_MILLISECONDS,
    zipFromEdge: config.ZIP_FROM_EDGE,
    latency: new LatencyProbe(
      observer,
      systemClock,
      () => systemTimers.sleep(0),
      config.LATENCY_SAMPLE,
      Math.floor(Math.random() * config.LATENCY_SAMPLE),
    ),
    randomId,
    log: (line) => console.error(line),
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
