/** Joins the small objects of one hour of the archive, step by step, so that whoever comes next can go on after a crash at any point. */
import type { Deadline } from '../../core/clock.ts'
import { type ArchiveHour, joinedKey, joiningKey, readArchiveKey } from '../../protocol/archive-keys.ts'
import type { EventObjects, ListedObject } from '../ports/event-objects.ts'
import type { EventOwners } from '../ports/event-owners.ts'
import type { TaggedObjects } from '../ports/tagged-objects.ts'
import { HourJournal } from './hour-journal.ts'
import { gunzip, LineJoiner, UnreadableObject } from './join-lines.ts'

export interface JoinLimits {
  /** From here on an object is large enough to stay by itself, compressed bytes. */
  readonly smallBytes: number
  /** A joined object is closed when what it is made of has reached so many bytes, compressed; and when it has, not compressed. */
  readonly joinedBytes: number
  readonly joinedRawBytes: number
  /** An object that holds more than this stays as it is: it would not fit in memory. */
  readonly objectBytes: number
  /** Objects that are sealed at once. */
  readonly sealed: number
  /** Pages of 1,000 keys that are looked at in an hour. */
  readonly pages: number
  /** Objects that are read at the same time: a Worker has six connections (Workers limits, read 2026-11). */
  readonly reads: number
  /**
   * From the seal to the joining. A consumer asks whether its message is sealed and then writes; between the two lies at most the life of its
   * invocation, 15 minutes (Queues limits, read 2026-11).
   */
  readonly graceMilliseconds: number
}

export interface JoinParts {
  readonly objects: EventObjects
  readonly journals: TaggedObjects
  readonly owners: EventOwners
  readonly limits: JoinLimits
  now(): number
  randomId(): string
  log(line: string): void
}

/** What a run may still do, and what it has done. */
export interface Run {
  /** Of one call. */
  deadline(): Deadline
  /** Objects that may still be read. */
  reads: number
  /** The time of the run is over. */
  isOver(): boolean
  sealed: number
  joined: number
  written: number
}

interface Group {
  readonly sources: readonly string[]
  readonly bytes: Uint8Array
}

export class HourJoiner {
  constructor(private readonly parts: JoinParts) {}

  /**
   * Finishes what is under way, joins what was sealed long enough ago, and seals what has come since. `left` are the objects that were seen
   * under `joining/` for this hour. May be interrupted anywhere and be run twice at once. Throws `Overtaken` when another run has gone on in
   * this hour, and what the ports throw.
   */
  async step(hour: ArchiveHour, left: readonly string[], run: Run): Promise<void> {
    const { journals, limits } = this.parts
    const journal = await HourJournal.open(hour, journals, run.deadline())
    if (journal.state.job !== null) await this.#finish(hour, journal, run)
    await this.#sweep(journal, left, run)
    while (journal.state.sealed !== null && !run.isOver() && run.reads > 0) {
      if (this.parts.now() - journal.state.sealed.at < limits.graceMilliseconds) return
      await this.#joinNext(hour, journal, run)
    }
    if (journal.state.sealed !== null) return
    const small = await this.#smallObjects(hour, run)
    if (small.length > 1) await this.#seal(journal, small, run)
  }

  async #smallObjects(hour: ArchiveHour, run: Run): Promise<ListedObject[]> {
    const { objects, limits } = this.parts
    const found: ListedObject[] = []
    let cursor: string | null = null
    for (let page = 0; page < limits.pages && found.length < limits.sealed; page++) {
      const listed = await objects.list(`archive/${hour}/`, cursor, 1_000, run.deadline())
      found.push(
        ...listed.objects.filter(
          ({ key, bytes }) => bytes < limits.smallBytes && readArchiveKey(key)?.isJoined === false,
        ),
      )
      cursor = listed.cursor
      if (cursor === null) break
    }
    return found.slice(0, limits.sealed)
  }

  /** From now on nobody begins to write these objects; who has begun gets the grace to end. */
  async #seal(journal: HourJournal, small: readonly ListedObject[], run: Run): Promise<void> {
    const keys = small.map(({ key }) => key)
    const messages = keys.flatMap((key) => readArchiveKey(key)?.name ?? [])
    await this.parts.owners.seal(messages, run.deadline())
    await journal.replace({ sealed: { at: this.parts.now(), keys }, job: null }, run.deadline())
    run.sealed += keys.length
  }

  async #joinNext(hour: ArchiveHour, journal: HourJournal, run: Run): Promise<void> {
    const { sealed } = journal.state
    if (sealed === null) return
    const { group, rest } = await this.#readGroup(sealed.keys, run)
    const left = rest.length === 0 ? null : { at: sealed.at, keys: [...rest] }
    if (group === null) return journal.replace({ sealed: left, job: null }, run.deadline())
    const id = this.parts.randomId()
    await this.parts.objects.put(joiningKey(hour, id), group.bytes, run.deadline())
    // From here on the job exists, and the journal as it was read can have had no other meanwhile: nobody else has taken these sources.
    await journal.replace({ sealed: left, job: { id, sources: [...group.sources] } }, run.deadline())
    await this.#finish(hour, journal, run, group.bytes)
    run.joined += group.sources.length
    run.written++
  }

  /** Reads objects until they fill a joined one. `null`: fewer than two could be read, so there is nothing to join. */
  async #readGroup(keys: readonly string[], run: Run): Promise<{ group: Group | null; rest: readonly string[] }> {
    const { objects, limits } = this.parts
    const joiner = new LineJoiner()
    const sources: string[] = []
    const isFull = (): boolean => compressed >= limits.joinedBytes || joiner.rawBytes >= limits.joinedRawBytes
    let compressed = 0
    let at = 0
    while (at < keys.length && run.reads > 0 && !isFull()) {
      const batch = keys.slice(at, at + Math.min(limits.reads, run.reads))
      const read = await Promise.all(batch.map((key) => objects.get(key, run.deadline())))
      at += batch.length
      run.reads -= batch.length
      for (const [index, key] of batch.entries()) {
        const bytes = read[index] ?? null
        // Gone: its day is no longer kept.
        if (bytes === null) continue
        const lines = await this.#linesOf(key, bytes)
        if (lines === null) continue
        await joiner.add(lines)
        compressed += bytes.length
        sources.push(key)
      }
    }
    const bytes = await joiner.end()
    return { group: sources.length < 2 ? null : { sources, bytes }, rest: keys.slice(at) }
  }

  async #linesOf(key: string, bytes: Uint8Array): Promise<Uint8Array | null> {
    try {
      return await gunzip(bytes, this.parts.limits.objectBytes)
    } catch (error) {
      if (!(error instanceof UnreadableObject)) throw error
      this.parts.log(`archive: ${key} stays as it is: ${error.message}`)
      return null
    }
  }

  /**
   * The sources go before the joined object comes, so no reader ever sees an event twice; for that moment it is seen in neither. Each step
   * may be repeated, by anybody. The object under `joining/` goes last, after the journal says so: it is missing only when all is done.
   */
  async #finish(hour: ArchiveHour, journal: HourJournal, run: Run, known?: Uint8Array): Promise<void> {
    const { objects } = this.parts
    const { job, sealed } = journal.state
    if (job === null) return
    const pending = joiningKey(hour, job.id)
    const bytes = known ?? (await objects.get(pending, run.deadline()))
    if (bytes !== null) {
      for (let at = 0; at < job.sources.length; at += 1_000) {
        await objects.delete(job.sources.slice(at, at + 1_000), run.deadline())
      }
      await objects.put(joinedKey(hour, job.id), bytes, run.deadline())
    }
    await journal.replace({ sealed, job: null }, run.deadline())
    await objects.delete([pending], run.deadline())
  }

  /**
   * Deletes what interrupted runs left under `joining/`. The journal is replaced first: who has written such an object and not yet its job
   * finds another journal than it has read, and makes no job of it.
   */
  async #sweep(journal: HourJournal, left: readonly string[], run: Run): Promise<void> {
    if (left.length === 0) return
    await journal.replace(journal.state, run.deadline())
    await this.parts.objects.delete(left.slice(0, 1_000), run.deadline())
  }
}
