/** From the ports that events are stored through to the consumer of their queue. */
import type { Clock } from '../core/clock.ts'
import type { ReceiptRules } from '../core/event/settle-time.ts'
import type { LogEntry } from '../core/log-entry.ts'
import type { LayoutOf } from '../core/statistics/version-recorder.ts'
import { Consumer } from '../serving/consumer/consume.ts'
import { PortCalls } from '../serving/consumer/port-calls.ts'
import { QueuedPredictor } from '../serving/consumer/predict-queued.ts'
import type { KnownReleases } from '../serving/known-releases.ts'
import type { Observer } from '../serving/observe.ts'
import { countNothing } from '../serving/observe-nothing.ts'
import type { Timers } from '../serving/ports.ts'
import type { Predictor } from '../serving/predict.ts'
import type { EventPorts } from './assemble-ingest.ts'
import type { Services } from './services.ts'

export interface ConsumerAssembly {
  readonly config: { readonly INGEST_ATTEMPTS: number; readonly OBSERVE: 'on' | 'off' | undefined }
  readonly predictor: Predictor
  readonly observer: Observer
  readonly releases: KnownReleases
  readonly rules: ReceiptRules
  readonly layoutOf: LayoutOf
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  readonly codeVersion: string
  readonly log: (entry: LogEntry) => void
}

export const assembleConsumer = (
  ports: EventPorts | undefined,
  parts: ConsumerAssembly,
): Pick<Services, 'consumer'> => {
  if (ports?.consuming === undefined || ports.deadLetters === undefined) return {}
  const { objects, letters: keeper, deadLetters: letters } = ports
  const { predictor, rules, clock, timers, config } = parts
  const calls = new PortCalls(clock, timers)
  return {
    consumer: new Consumer({
      ...parts,
      ...ports.consuming,
      ...(config.OBSERVE === 'off' && { statistics: countNothing }),
      predictor: new QueuedPredictor({ predictor, objects, rules, clock, calls }),
      objects,
      letters,
      keeper,
      calls,
      attempts: config.INGEST_ATTEMPTS,
    }),
  }
}
