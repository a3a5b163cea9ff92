/** The part of the composition root that is about drift: its bindings meet its ports. */
import { alertCountsReader } from './adapters/alert-counts.ts'
import { bundledModels } from './adapters/bundled-models.ts'
import { releaseControllerClient } from './adapters/release-controller-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { versionHours } from './adapters/version-hours.ts'
import { versionReferences } from './adapters/version-references.ts'
import { watchClient } from './adapters/watch-client.ts'
import type { WatchDecorators } from './alert-services.ts'
import { parseConfig } from './config.ts'
import type { LogEntry } from './core/log-entry.ts'
import type { BundledVersions } from './serving/ports/release-control.ts'
import type { Duty } from './serving/ports/watch-duties.ts'
import { DriftReader } from './serving/read-drift.ts'
import { driftDuty } from './serving/watch-drift.ts'

export const createDriftDuty = (
  env: Env,
  bundled: (model: string) => BundledVersions | null,
  log: (entry: LogEntry) => void,
): Duty => {
  const config = parseConfig(env)
  const counts = alertCountsReader(env.STATS_AGGREGATOR, config.STATS_SHARDS, systemTimers)
  return driftDuty({
    references: versionReferences(bundledModels, env.MODELS, systemTimers),
    hours: versionHours(env.STATS_AGGREGATOR, config.STATS_SHARDS, systemTimers),
    control: releaseControllerClient(env.RELEASE_CONTROLLER, systemTimers),
    bundled,
    models: async (now, deadline) => {
      const { models, shards } = await counts.read(now, deadline)
      if (shards.answered < shards.asked)
        throw new Error(`${shards.answered} of ${shards.asked} statistics shards told which models they counted`)
      return [...new Set([...bundledModels.models(), ...models])]
    },
    isGuard: config.CANARY_DRIFT_GUARD === 'rollback',
    clock: systemClock,
    timers: systemTimers,
    log,
    deadlineMilliseconds: config.STATS_DEADLINE_MILLISECONDS,
  })
}

export const createDriftReader = (env: Env, { watch, time }: WatchDecorators): DriftReader => {
  const { clock, timers } = time ?? { clock: systemClock, timers: systemTimers }
  const client = watchClient(env.WATCH, timers)
  const { STATS_DEADLINE_MILLISECONDS } = parseConfig(env)
  return new DriftReader({
    watch: watch?.(client) ?? client,
    clock,
    deadlineMilliseconds: STATS_DEADLINE_MILLISECONDS,
  })
}
