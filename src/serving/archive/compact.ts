/** Compaction: which hours of the archive are looked at in a run, and how much is done in one. */
import { atMost, type Clock, deadlineIn } from '../../core/clock.ts'
import {
  ARCHIVE_PREFIX,
  type ArchiveHour,
  hourOfJoining,
  isJournalKey,
  JOINING_PREFIX,
  readArchiveKey,
} from '../../protocol/archive-keys.ts'
import type { EventObjects } from '../ports/event-objects.ts'
import type { EventOwners } from '../ports/event-owners.ts'
import type { TaggedObjects } from '../ports/tagged-objects.ts'
import { hoursInTurn, newestHour, recentHours } from './archive-hours.ts'
import { Overtaken } from './hour-journal.ts'
import { HourJoiner, type JoinLimits, type Run } from './join-hour.ts'

const HOUR_MILLISECONDS = 3_600_000
const MEBIBYTE = 1_048_576

/** An isolate has 128 MB, half of which the models may hold: a joined object, five small ones and one of them unpacked are some 50 MB. */
export const JOIN_LIMITS: JoinLimits = {
  smallBytes: MEBIBYTE,
  joinedBytes: 8 * MEBIBYTE,
  joinedRawBytes: 64 * MEBIBYTE,
  objectBytes: 16 * MEBIBYTE,
  sealed: 4_000,
  pages: 5,
  reads: 5,
  graceMilliseconds: 30 * 60_000,
}

/** What one run does at most. */
export interface CompactLimits {
  /** An invocation has 10,000 subrequests and a cron trigger 15 minutes (Workers limits, read 2026-11). */
  readonly reads: number
  readonly runMilliseconds: number
  readonly callMilliseconds: number
  /** The newest hours that are looked at in every run. */
  readonly recentHours: number
  /** Of the days before them, too, one in its turn. */
  readonly seesOlder: boolean
  /** Pages of 1,000 keys of what lies under `joining/`. */
  readonly pages: number
}

export const COMPACT_LIMITS: CompactLimits = {
  reads: 8_000,
  runMilliseconds: 8 * 60_000,
  callMilliseconds: 30_000,
  recentHours: 48,
  seesOlder: true,
  pages: 20,
}

export interface CompactParts {
  readonly objects: EventObjects
  readonly journals: TaggedObjects
  readonly owners: EventOwners
  readonly clock: Clock
  readonly randomId: () => string
  readonly log: (line: string) => void
  /** Age of an hour's end from which its objects are joined. */
  readonly afterMilliseconds: number
  readonly limits?: CompactLimits
  readonly joinLimits?: JoinLimits
}

export interface Compacted {
  /** Objects whose messages were sealed, to be joined in the next run. */
  readonly sealed: number
  /** Objects that were joined, and the objects they were joined to. */
  readonly joined: number
  readonly written: number
  /** Hours in which something failed; the next run goes on there. */
  readonly failed: readonly string[]
}

export class Compactor {
  readonly #joiner: HourJoiner
  readonly #limits: CompactLimits

  constructor(private readonly parts: CompactParts) {
    const { objects, journals, owners, clock, randomId, log, joinLimits = JOIN_LIMITS } = parts
    const now = (): number => clock.epochMilliseconds()
    this.#joiner = new HourJoiner({ objects, journals, owners, limits: joinLimits, now, randomId, log })
    this.#limits = parts.limits ?? COMPACT_LIMITS
  }

  /** Works through the hours that may have small objects. Rejects only when it cannot find out which these are. */
  async run(): Promise<Compacted> {
    const { clock, log } = this.parts
    const { runMilliseconds, callMilliseconds, reads } = this.#limits
    const whole = deadlineIn(clock, runMilliseconds)
    const deadline = () => atMost(clock, whole, callMilliseconds)
    const isOver = (): boolean => whole.remainingMilliseconds() === 0
    const run: Run = { deadline, reads, isOver, sealed: 0, joined: 0, written: 0 }
    const failed: string[] = []
    const left = await this.#leftOver(run)
    for (const hour of new Set([...left.keys(), ...(await this.#hours(run))])) {
      if (isOver()) break
      try {
        await this.#joiner.step(hour, left.get(hour) ?? [], run)
      } catch (error) {
        if (error instanceof Overtaken) continue
        failed.push(hour)
        log(`archive: joining ${hour} failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return { sealed: run.sealed, joined: run.joined, written: run.written, failed }
  }

  /** What lies under `joining/` by hour, without the journals: an interrupted run left it, or another run is at work. */
  async #leftOver(run: Run): Promise<ReadonlyMap<ArchiveHour, readonly string[]>> {
    const left = new Map<ArchiveHour, string[]>()
    let cursor: string | null = null
    for (let page = 0; page < this.#limits.pages; page++) {
      const listed = await this.parts.objects.list(JOINING_PREFIX, cursor, 1_000, run.deadline())
      for (const { key } of listed.objects) {
        const hour = hourOfJoining(key)
        if (hour === null || isJournalKey(key)) continue
        left.set(hour, [...(left.get(hour) ?? []), key])
      }
      cursor = listed.cursor
      if (cursor === null) break
    }
    return left
  }

  /** The newest hours, and those of an older day: replays may have brought late objects there. */
  async #hours(run: Run): Promise<ArchiveHour[]> {
    const { objects, clock, afterMilliseconds } = this.parts
    const { recentHours: count, seesOlder } = this.#limits
    const now = clock.epochMilliseconds()
    const newest = newestHour(now, afterMilliseconds)
    const recent = recentHours(newest, count)
    if (!seesOlder) return recent
    const [oldest] = (await objects.list(ARCHIVE_PREFIX, null, 1, run.deadline())).objects
    const day = oldest === undefined ? undefined : readArchiveKey(oldest.key)?.day
    if (day === undefined) return recent
    return [...recent, ...hoursInTurn(day, newest - (count - 1) * HOUR_MILLISECONDS, now)]
  }
}
