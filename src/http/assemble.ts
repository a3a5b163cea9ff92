/** From ports to the services of the HTTP surface, whatever the platform behind the ports. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { EventRules } from '../core/event/read-event.ts'
import type { ZipMeans } from '../core/zip/zip-pack.ts'
import { type DescribedRepository, describeModels } from '../serving/describe-models.ts'
import { LatencyProbe } from '../serving/measure.ts'
import { Observer } from '../serving/observe.ts'
import { outputLayouts } from '../serving/output-layouts.ts'
import type { Releases, Statistics, Timers, ZipPackStore } from '../serving/ports.ts'
import { Predictor } from '../serving/predict.ts'
import { checkReadiness } from '../serving/readiness.ts'
import type { SessionRegistry } from '../serving/session-registry.ts'
import { stableVersions } from '../serving/stable-versions.ts'
import { ZipLookup } from '../serving/zip-lookup.ts'
import type { Services } from './services.ts'

/** What src/config.ts makes of the environment, as far as it matters here. */
export interface Settings {
  readonly TIME_PATH: string | undefined
  readonly TIME_UNIT: EventRules['timeUnit']
  readonly TIME_ZONE: string | undefined
  readonly ZIP_PATH: string | undefined
  readonly UNIT_PATH: string | undefined
  readonly ZIP_FROM_EDGE: boolean
  readonly MAX_BODY_BYTES: number
  readonly MAX_EVENTS: number
  readonly PREDICT_DEADLINE_MILLISECONDS: number
  readonly ZIP_DEADLINE_MILLISECONDS: number
  readonly ZIP_CACHE_PACKS: number
  readonly ZIP_REFRESH_SECONDS: number
  readonly STATS_DEADLINE_MILLISECONDS: number
  readonly LATENCY_SAMPLE: number
  readonly PUBLIC_STATS: boolean
  readonly ADMIN_TOKEN: string | undefined
  readonly READ_TOKEN: string | undefined
  readonly WRITE_TOKEN: string | undefined
}

export interface Parts {
  readonly config: Settings
  readonly version: string
  readonly codeVersion: string
  readonly repository: DescribedRepository
  readonly releases: Releases
  readonly sessions: SessionRegistry
  readonly zipStore: ZipPackStore
  readonly zipMeans: ZipMeans
  readonly statistics: Statistics
  readonly clock: Clock
  readonly timers: Timers
  readonly randomId: () => string
  /** In [0, 1). */
  readonly random: () => number
  readonly log: (line: string) => void
}

const READINESS_MILLISECONDS = 5_000
const FLUSH_MILLISECONDS = 1_000
/** A delta that could not be brought for this long is given up and counted as lost: before a shard takes it for too late, at 15 minutes. */
const GIVE_UP_MILLISECONDS = 12 * 60_000

const UNSEEDED =
  'The zip store is empty, so zip features are means by the first three digits. Seed it: npm start does, or ' +
  'npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --local'

export const assembleServices = (parts: Parts): Services => {
  const { config, clock, timers, releases, repository, sessions, statistics, randomId, log } = parts
  const observer = new Observer(
    { statistics, clock, timers, randomId, layoutOf: outputLayouts(repository) },
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
  })
  const rules: EventRules = {
    timePath: config.TIME_PATH,
    timeUnit: config.TIME_UNIT,
    timeZone: config.TIME_ZONE,
    zipPath: config.ZIP_PATH,
    unitPath: config.UNIT_PATH,
    now: () => clock.epochMilliseconds(),
  }
  const required = stableVersions(repository, releases)
  const models = describeModels(repository, releases)
  const boundary = (): Promise<void> => timers.sleep(0)
  return {
    version: parts.version,
    clock,
    timers,
    predictor: new Predictor({ releases, models: sessions, zips, observer, rules, randomId }),
    observer,
    latency: new LatencyProbe(
      observer,
      clock,
      boundary,
      config.LATENCY_SAMPLE,
      Math.floor(parts.random() * config.LATENCY_SAMPLE),
    ),
    tokens: {
      admin: config.ADMIN_TOKEN,
      read: config.READ_TOKEN,
      write: config.WRITE_TOKEN,
      publicStatistics: config.PUBLIC_STATS,
    },
    defaultModel: required[0]?.name ?? '',
    models: () => models,
    readiness: (background) =>
      checkReadiness(sessions, required, deadlineIn(clock, READINESS_MILLISECONDS), background),
    statistics: (window) => statistics.read(window, deadlineIn(clock, config.STATS_DEADLINE_MILLISECONDS)),
    limits: { maxBodyBytes: config.MAX_BODY_BYTES, maxEvents: config.MAX_EVENTS },
    predictMilliseconds: config.PREDICT_DEADLINE_MILLISECONDS,
    zipFromEdge: config.ZIP_FROM_EDGE,
    randomId,
    log,
  }
}
