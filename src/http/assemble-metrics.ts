/** From the ports that metrics are read through to what `GET /metrics` answers with. */
import type { Clock } from '../core/clock.ts'
import type { KnownReleases } from '../serving/known-releases.ts'
import type { TotalsReader } from '../serving/ports/statistics-totals.ts'
import type { WatchReader } from '../serving/ports/watch-duties.ts'
import type { Timers } from '../serving/ports.ts'
import { MetricsReader } from '../serving/read-metrics.ts'
import type { EventPorts } from './assemble-ingest.ts'
import type { Services } from './services.ts'

export interface MetricsAssembly {
  readonly config: { readonly STATS_DEADLINE_MILLISECONDS: number }
  readonly totals?: TotalsReader
  readonly watch?: WatchReader
  readonly releases: KnownReleases
  readonly clock: Clock
  readonly timers: Timers
  readonly version: string
  readonly codeVersion: string
  readonly log: (line: string) => void
}

export const assembleMetrics = (ports: EventPorts | undefined, parts: MetricsAssembly): Pick<Services, 'metrics'> => {
  const { config, totals, watch, releases, clock, timers, version, codeVersion, log } = parts
  if (totals === undefined) return {}
  const letters = ports?.deadLetters
  const deadlineMilliseconds = config.STATS_DEADLINE_MILLISECONDS
  return {
    metrics: new MetricsReader({
      totals,
      ...(letters !== undefined && { letters }),
      ...(watch !== undefined && { watch }),
      releases,
      clock,
      timers,
      deadlineMilliseconds,
      version,
      codeVersion,
      log,
    }),
  }
}
