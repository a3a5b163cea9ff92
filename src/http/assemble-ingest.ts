/** From the ports that events are stored through to the services that take them. */
import type { Clock } from '../core/clock.ts'
import type { ReceiptRules } from '../core/event/settle-time.ts'
import { Ingester } from '../serving/intake/ingest.ts'
import { PredictionSampler } from '../serving/intake/sample-predictions.ts'
import { EventStore } from '../serving/intake/store-events.ts'
import type { KnownReleases } from '../serving/known-releases.ts'
import type { LetterKeeper } from '../serving/letters/keep-letters.ts'
import type { Observer } from '../serving/observe.ts'
import type { DeadLetters } from '../serving/ports/dead-letters.ts'
import type { EventObjects } from '../serving/ports/event-objects.ts'
import type { EventOwners } from '../serving/ports/event-owners.ts'
import type { EventQueue } from '../serving/ports/event-queue.ts'
import type { MessageStatistics } from '../serving/ports/message-statistics.ts'
import type { Timers } from '../serving/ports.ts'
import type { Services } from './services.ts'

/** Where events go that are not answered at once. */
export interface EventPorts {
  readonly queue: EventQueue
  readonly objects: EventObjects
  readonly letters: Pick<LetterKeeper, 'keep'>
  /** To look at them and to replay them. */
  readonly deadLetters?: DeadLetters
  /** To work off what waits. */
  readonly consuming?: { readonly owners: EventOwners; readonly statistics: MessageStatistics }
}

export interface IngestAssembly {
  readonly config: { readonly INGEST_DEADLINE_MILLISECONDS: number; readonly ARCHIVE_PREDICT_SHARE: number }
  readonly releases: KnownReleases
  readonly observer: Observer
  readonly rules: ReceiptRules
  readonly clock: Clock
  readonly timers: Timers
  readonly randomId: () => string
  readonly random: () => number
  readonly codeVersion: string
  readonly defaultModel: string
}

export const assembleIngest = (ports: EventPorts, parts: IngestAssembly): Pick<Services, 'events' | 'sampler'> => {
  const { config, releases, observer, rules, clock, timers, randomId, random, codeVersion, defaultModel } = parts
  const deadlineMilliseconds = config.INGEST_DEADLINE_MILLISECONDS
  const share = config.ARCHIVE_PREDICT_SHARE
  const store = new EventStore({ queue: ports.queue, objects: ports.objects, clock, timers, randomId, random })
  const events = new Ingester({
    store,
    letters: ports.letters,
    releases,
    observer,
    rules,
    clock,
    timers,
    randomId,
    codeVersion,
    defaultModel,
    deadlineMilliseconds,
  })
  // No share, no cost.
  if (share === 0) return { events }
  return { events, sampler: new PredictionSampler({ store, clock, timers, random, share, deadlineMilliseconds }) }
}
