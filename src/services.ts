/** The composition root: the only file where bindings meet ports. */
import zipMeans from '../kv-seed/zip3-means.json' with { type: 'json' }
import packageJson from '../package.json' with { type: 'json' }
import { bundledModels } from './adapters/bundled-models.ts'
import { bundledReleases } from './adapters/bundled-releases.ts'
import { kvZipStore } from './adapters/kv-zip-store.ts'
import { onnxRuntime } from './adapters/onnx-runtime.ts'
import { statsAggregatorClient } from './adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { type Config, eventRules, parseConfig } from './config.ts'
import { deadlineIn } from './core/clock.ts'
import type { ZipMeans } from './core/zip/zip-pack.ts'
import type { Services } from './http/services.ts'
import { Observer } from './serving/observe.ts'
import type { ModelRepository, Statistics, ZipPackStore } from './serving/ports.ts'
import { Predictor } from './serving/predict.ts'
import { SessionRegistry } from './serving/session-registry.ts'
import { ZipLookup } from './serving/zip-lookup.ts'

/** Wraps ports around the real bindings: how tests inject faults. */
export interface Decorators {
  readonly zipStore?: (store: ZipPackStore) => ZipPackStore
  readonly statistics?: (statistics: Statistics) => Statistics
}
