/** The composition root: the only file where bindings meet ports. */
import zipMeans from '../kv-seed/zip3-means.json' with { type: 'json' }
import packageJson from '../package.json' with { type: 'json' }
import { bundledModels } from './adapters/bundled-models.ts'
import { bundledReleases } from './adapters/bundled-releases.ts'
import { kvZipStore } from './adapters/kv-zip-store.ts'
import { onnxRuntime } from './adapters/onnx-runtime.ts'
import { statsAggregatorClient } from './adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { parseConfig } from './config.ts'
import type { ZipMeans } from './core/zip/zip-pack.ts'
import { assembleServices } from './http/assemble.ts'
import type { Services } from './http/services.ts'
import type { Statistics, ZipPackStore } from './serving/ports.ts'
import { startSessions } from './serving/readiness.ts'
import { SessionRegistry } from './serving/session-registry.ts'
import { stableVersions } from './serving/stable-versions.ts'

/** Wraps a port around the real binding: how tests inject faults. */
export interface Decorators {
  readonly zipStore?: (store: ZipPackStore) => ZipPackStore
  readonly statistics?: (statistics: Statistics) => Statistics
}

const releases = bundledReleases(bundledModels)
const sessions = new SessionRegistry(bundledModels, onnxRuntime, systemClock, systemTimers)

/**
 * The sessions start as the module is evaluated, so that the first request finds them ready: measured in docs/decisions.md. Should that
 * fail, the first request that needs a model starts it.
 */
void startSessions(sessions, stableVersions(bundledModels, releases)).then(({ reasons }) => {
  for (const reason of reasons) console.error(`not ready at start-up: ${reason}`)
})

const same = <T>(port: T): T => port

export const createServices = (env: Env, { zipStore = same, statistics = same }: Decorators = {}): Services => {
  const config = parseConfig(env)
  return assembleServices({
    config,
    version: packageJson.version,
    codeVersion: env.CODE_VERSION.id || packageJson.version,
    repository: bundledModels,
    releases,
    sessions,
    zipStore: zipStore(kvZipStore(env.ZIP_FEATURES)),
    // The JSON's own type is the shape of this very file; the port wants any release of it.
    zipMeans: zipMeans as unknown as ZipMeans,
    statistics: statistics(statsAggregatorClient(env.STATS_AGGREGATOR, config.STATS_SHARDS, systemClock, systemTimers)),
    clock: systemClock,
    timers: systemTimers,
    randomId: () => crypto.randomUUID(),
    random: Math.random,
    log: (line) => console.error(line),
  })
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
