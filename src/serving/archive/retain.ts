/** Retention: what has been kept long enough is deleted, day by day, oldest first. */
import { atMost, type Clock, deadlineIn } from '../../core/clock.ts'
import { ARCHIVE_PREFIX, dayOf, isDay, JOINING_PREFIX, PAYLOAD_PREFIX } from '../../protocol/archive-keys.ts'
import type { EventObjects } from '../ports/event-objects.ts'

const DAY_MILLISECONDS = 86_400_000

/** The longest that a queue keeps a message (Queues limits, read 2026-11). */
export const QUEUE_RETENTION_DAYS = 14

/**
 * A payload is read by its message, which may wait in the queue and then in the queue of those given up; by the dead letter that comes of
 * it; and by the message that replays it at the letter's last moment.
 */
export const payloadRetentionDays = (deadLetterDays: number): number => deadLetterDays + 4 * QUEUE_RETENTION_DAYS + 1

export interface RetainParts {
  readonly objects: EventObjects
  readonly clock: Clock
  /** How long archived events are kept, days; 0 for ever. */
  readonly archiveDays: number
  readonly deadLetterDays: number
  readonly limits?: { readonly pages: number; readonly runMilliseconds: number; readonly callMilliseconds: number }
}

export interface Retained {
  /** Objects that were deleted. */
  readonly archive: number
  readonly payloads: number
  /** Everything that was to go is gone. */
  readonly isDone: boolean
}

const LIMITS = { pages: 100, runMilliseconds: 3 * 60_000, callMilliseconds: 30_000 }

interface Sweep {
  readonly deleted: number
  readonly isDone: boolean
}

export class Retention {
  constructor(private readonly parts: RetainParts) {}

  /** Deletes what is over. Bounded; the next run goes on. Rejects with a Failure `archive_unavailable` when the bucket does not let it. */
  async run(): Promise<Retained> {
    const { clock, archiveDays, deadLetterDays, limits = LIMITS } = this.parts
    const whole = deadlineIn(clock, limits.runMilliseconds)
    const pages = { left: limits.pages }
    const sweep = (prefix: string, days: number): Promise<Sweep> =>
      this.#sweep(prefix, dayOf(clock.epochMilliseconds() - days * DAY_MILLISECONDS), pages, () =>
        atMost(clock, whole, limits.callMilliseconds),
      )
    const nothing: Sweep = { deleted: 0, isDone: true }
    const archive = archiveDays === 0 ? nothing : await sweep(ARCHIVE_PREFIX, archiveDays)
    const joining = archiveDays === 0 ? nothing : await sweep(JOINING_PREFIX, archiveDays)
    const payloads = await sweep(PAYLOAD_PREFIX, payloadRetentionDays(deadLetterDays))
    return {
      archive: archive.deleted,
      payloads: payloads.deleted,
      isDone: archive.isDone && joining.isDone && payloads.isDone,
    }
  }

  /** Deletes the objects of days before `firstKept`. Keys are in order, so the oldest day comes first. */
  async #sweep(
    prefix: string,
    firstKept: string,
    pages: { left: number },
    deadline: () => ReturnType<typeof deadlineIn>,
  ): Promise<Sweep> {
    let deleted = 0
    for (; pages.left > 0; pages.left--) {
      const { objects, cursor } = await this.parts.objects.list(prefix, null, 1_000, deadline())
      const dayIn = (key: string): string => key.slice(prefix.length, prefix.length + firstKept.length)
      const over = objects.map(({ key }) => key).filter((key) => isDay(dayIn(key)) && dayIn(key) < firstKept)
      if (over.length > 0) await this.parts.objects.delete(over, deadline())
      deleted += over.length
      if (over.length < objects.length || cursor === null) return { deleted, isDone: true }
    }
    return { deleted, isDone: false }
  }
}
