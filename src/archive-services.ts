/** The part of the composition root that reads and tends the archive: its bindings meet its ports. */
import { deadLettersClient } from './adapters/dead-letters-client.ts'
import { eventOwnersClient } from './adapters/event-owners-client.ts'
import { r2StoredObjects, r2TaggedObjects } from './adapters/r2-archive.ts'
import { r2EventObjects } from './adapters/r2-event-objects.ts'
import { sharedTimers } from './adapters/shared-timers.ts'
import { systemClock, systemTimers } from './adapters/system-clock.ts'
import { parseConfig } from './config.ts'
import type { Clock } from './core/clock.ts'
import { lineOf } from './protocol/log-line.ts'
import { ArchiveReader } from './serving/archive/archive.ts'
import { COMPACT_LIMITS, type CompactLimits, Compactor, JOIN_LIMITS } from './serving/archive/compact.ts'
import type { JoinLimits } from './serving/archive/join-hour.ts'
import { Retention } from './serving/archive/retain.ts'
import { ArchiveTender } from './serving/archive/tend-archive.ts'
import { LetterKeeper } from './serving/letters/keep-letters.ts'
import type { DeadLetters } from './serving/ports/dead-letters.ts'
import type { EventObjects } from './serving/ports/event-objects.ts'
import type { EventOwners } from './serving/ports/event-owners.ts'
import type { StoredObjects } from './serving/ports/stored-objects.ts'
import type { TaggedObjects } from './serving/ports/tagged-objects.ts'
import type { Timers } from './serving/ports.ts'

/** Wraps a port around the real binding: how tests inject faults. */
export interface ArchiveDecorators {
  readonly events?: (objects: EventObjects) => EventObjects
  readonly journals?: (objects: TaggedObjects) => TaggedObjects
  readonly stored?: (objects: StoredObjects) => StoredObjects
  readonly owners?: (owners: EventOwners) => EventOwners
  readonly letters?: (letters: DeadLetters) => DeadLetters
  readonly compactLimits?: Partial<CompactLimits>
  readonly joinLimits?: Partial<JoinLimits>
  /** Instead of the platform's. */
  readonly time?: { readonly clock: Clock; readonly timers: Timers }
}

/** For the first byte of an object. */
const READ_MILLISECONDS = 10_000
const LETTER_MILLISECONDS = 5_000

const same = <T>(port: T): T => port
const log = (line: string): void => console.error(lineOf(line))
const timeOf = ({ time }: ArchiveDecorators) => time ?? { clock: systemClock, timers: systemTimers }

export const createArchiveReader = (env: Env, decorators: ArchiveDecorators = {}): ArchiveReader => {
  const { clock, timers } = timeOf(decorators)
  const objects = (decorators.stored ?? same)(r2StoredObjects(env.ARCHIVE, timers))
  return new ArchiveReader({ objects, clock, deadlineMilliseconds: READ_MILLISECONDS })
}

/** For one invocation. */
const ownTimers = ({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) => ({
  clock,
  timers: sharedTimers(timers, clock),
})

/** For one invocation. */
export const createCompactor = (env: Env, decorators: ArchiveDecorators = {}): Compactor => {
  const { events = same, journals = same, owners = same } = decorators
  const { clock, timers } = ownTimers(timeOf(decorators))
  const { DEDUP_SHARDS, COMPACT_AFTER_SECONDS } = parseConfig(env)
  return new Compactor({
    objects: events(r2EventObjects(env.ARCHIVE, timers)),
    journals: journals(r2TaggedObjects(env.ARCHIVE, timers)),
    owners: owners(eventOwnersClient(env.EVENT_OWNERS, DEDUP_SHARDS, timers)),
    clock,
    randomId: () => crypto.randomUUID(),
    log,
    afterMilliseconds: COMPACT_AFTER_SECONDS * 1_000,
    limits: { ...COMPACT_LIMITS, ...decorators.compactLimits },
    joinLimits: { ...JOIN_LIMITS, ...decorators.joinLimits },
  })
}

/** For one invocation. */
export const createArchiveTender = (env: Env, decorators: ArchiveDecorators = {}): ArchiveTender => {
  const { events = same, letters = same } = decorators
  const { clock, timers } = ownTimers(timeOf(decorators))
  const config = parseConfig(env)
  const objects = events(r2EventObjects(env.ARCHIVE, timers))
  const keeper = new LetterKeeper({
    letters: letters(deadLettersClient(env.DEAD_LETTERS, timers)),
    objects,
    clock,
    timers,
    log,
    limits: {
      payloadBytes: config.DEAD_LETTER_BYTES,
      hourly: config.DEAD_LETTER_HOURLY,
      deadlineMilliseconds: LETTER_MILLISECONDS,
    },
  })
  return new ArchiveTender({
    letters: keeper,
    compactor: createCompactor(env, decorators),
    retention: new Retention({
      objects,
      clock,
      archiveDays: config.ARCHIVE_RETENTION_DAYS,
      deadLetterDays: config.DEAD_LETTER_RETENTION_DAYS,
    }),
    clock,
    log,
  })
}
