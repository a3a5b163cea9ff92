/** The whole HTTP surface in plain Node: the real model runtime, and twins in memory behind the other ports. */
import type { Hono } from 'hono'
import { bundledReleases } from '../../src/adapters/bundled-releases.ts'
import { memoryModels } from '../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../src/adapters/system-clock.ts'
import { parseConfig } from '../../src/config.ts'
import { createApp } from '../../src/http/app.ts'
import { assembleServices, type Parts } from '../../src/http/assemble.ts'
import type { AppEnv } from '../../src/http/exchange.ts'
import { SessionRegistry } from '../../src/serving/session-registry.ts'
import { onnxRuntime } from './node-onnx-runtime.ts'
import { graphBytes, storedFixture } from './onnx-files.ts'
import { MemoryOutcomes, MemoryScores } from './outcomes.ts'
import { MemoryStatistics } from './statistics.ts'
import { MEANS, memoryZipStore } from './zips.ts'

export interface NodeApp {
  readonly app: Hono<AppEnv>
  readonly statistics: MemoryStatistics
  readonly log: string[]
}

/** An app whose only model is the graph of test/fixtures/onnx called `model`. */
export const nodeApp = (model: string, env: object = {}, parts: Partial<Parts> = {}): NodeApp => {
  const repository = memoryModels([{ manifest: storedFixture(model).manifest, model: graphBytes(model).buffer }])
  const { clock = systemClock, timers = systemTimers } = parts
  const statistics = new MemoryStatistics()
  const log: string[] = []
  const services = assembleServices({
    // No test of this surface is about how fast ORT starts in Node.
    config: parseConfig({ PREDICT_DEADLINE_MILLISECONDS: '30000', LOG_SAMPLE: '0', ...env }),
    version: '0.0.0',
    codeVersion: 'code-1',
    repository,
    releases: bundledReleases(repository),
    sessions: new SessionRegistry(repository, onnxRuntime, clock, timers),
    zipStore: memoryZipStore(),
    zipMeans: MEANS,
    statistics,
    outcomes: new MemoryOutcomes(),
    scored: new MemoryScores(),
    clock,
    timers,
    randomId: () => 'random-id',
    random: () => 0,
    log: (entry) => log.push(typeof entry === 'string' ? entry : JSON.stringify(entry)),
    ...parts,
  })
  return { app: createApp(() => services), statistics, log }
}
