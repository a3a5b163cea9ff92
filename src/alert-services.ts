/** The part of the composition root that is about alerts: its bindings meet its ports. */
import { alertCountsReader } from './adapters/alert-counts.ts'
import { alertWebhook } from './adapters/alert-webhook.ts'
import { bundledModels } from './adapters/bundled-models.ts'
import { deadLettersClient } from './adapters/dead-letters-client.ts'
import { kvZipStore } from './adapters/kv-zip-store.ts'
import { releaseControllerClient } from './adapters/release-controller-client.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { watchClient } from './adapters/watch-client.ts'
import { type Config, parseConfig } from './config.ts'
import type { Clock, Deadline } from './core/clock.ts'
import type { LogEntry } from './core/log-entry.ts'
import type { AlertSink } from './serving/ports/alert-parts.ts'
import type { Duty, WatchReader } from './serving/ports/watch-duties.ts'
import { type Timers, ZipStoreFault } from './serving/ports.ts'
import { AlertReader } from './serving/read-alerts.ts'
import { alertDuties } from './serving/watch-alerts.ts'

/** Any zip3 that every release of the zip data has: the age of one pack is that of all. */
const PROBED_ZIP3 = '100'

const sinkOf = ({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_FORMAT: format }: Config): { readonly sink?: AlertSink } =>
  url === undefined ? {} : { sink: alertWebhook({ url, format: format ?? 'json' }, systemTimers) }

export const createAlertDuties = (env: Env, log: (entry: LogEntry) => void): readonly Duty[] => {
  const config = parseConfig(env)
  const zips = kvZipStore(env.ZIP_FEATURES)
  const zipRelease = async (deadline: Deadline): Promise<string | null> => {
    const pack = (await zips.read([PROBED_ZIP3], deadline)).get(PROBED_ZIP3) ?? null
    if (pack instanceof ZipStoreFault) throw pack
    return pack?.data ?? null
  }
  return alertDuties({
    counts: alertCountsReader(env.STATS_AGGREGATOR, config.STATS_SHARDS, systemTimers),
    letters: deadLettersClient(env.DEAD_LETTERS, systemTimers),
    control: releaseControllerClient(env.RELEASE_CONTROLLER, systemTimers),
    zipRelease,
    models: bundledModels.models(),
    ...sinkOf(config),
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    log,
    staleMonths: config.ZIP_STALE_MONTHS,
    repeatMilliseconds: config.ALERT_REPEAT_SECONDS === 0 ? null : config.ALERT_REPEAT_SECONDS * 1_000,
    deadlineMilliseconds: config.STATS_DEADLINE_MILLISECONDS,
  })
}

/** Wraps a port around the real binding: how tests inject faults. */
export interface WatchDecorators {
  readonly watch?: (watch: WatchReader) => WatchReader
  /** Instead of the platform's. */
  readonly time?: { readonly clock: Clock; readonly timers: Timers }
}

export const createAlertReader = (env: Env, { watch, time }: WatchDecorators): AlertReader => {
  const { clock, timers } = time ?? { clock: systemClock, timers: systemTimers }
  const client = watchClient(env.WATCH, timers)
  const { STATS_DEADLINE_MILLISECONDS } = parseConfig(env)
  return new AlertReader({
    watch: watch?.(client) ?? client,
    clock,
    deadlineMilliseconds: STATS_DEADLINE_MILLISECONDS,
  })
}
