/** The part of the composition root that reads the time line: its bindings meet its ports. */
import { deadLettersClient } from './adapters/dead-letters-client.ts'
import { releaseControllerClient } from './adapters/release-controller-client.ts'
import { statisticsSeries } from './adapters/statistics-series.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { parseConfig } from './config.ts'
import type { Clock } from './core/clock.ts'
import type { LogEntry } from './core/log-entry.ts'
import type { DeadLetters } from './serving/ports/dead-letters.ts'
import type { ReleaseControl } from './serving/ports/release-control.ts'
import type { SeriesShards } from './serving/ports/statistics-series.ts'
import type { Timers } from './serving/ports.ts'
import { SeriesReader } from './serving/read-series.ts'

/** Wraps a port around the real binding: how tests inject faults. */
export interface SeriesDecorators {
  readonly series?: (shards: SeriesShards) => SeriesShards
  readonly control?: (control: ReleaseControl) => ReleaseControl
  readonly letters?: (letters: DeadLetters) => DeadLetters
  /** Instead of the platform's. */
  readonly time?: { readonly clock: Clock; readonly timers: Timers }
}

const same = <T>(port: T): T => port

export const createSeriesReader = (
  env: Env,
  decorators: SeriesDecorators,
  log: (entry: LogEntry) => void,
): SeriesReader => {
  const { series = same, control = same, letters = same } = decorators
  const { clock, timers } = decorators.time ?? { clock: systemClock, timers: systemTimers }
  const config = parseConfig(env)
  return new SeriesReader({
    shards: series(statisticsSeries(env.STATS_AGGREGATOR, config.STATS_SHARDS, clock, timers)),
    control: control(releaseControllerClient(env.RELEASE_CONTROLLER, timers)),
    letters: letters(deadLettersClient(env.DEAD_LETTERS, timers)),
    clock,
    timers,
    deadlineMilliseconds: config.STATS_DEADLINE_MILLISECONDS,
    log,
  })
}
