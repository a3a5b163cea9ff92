/** What compaction has under way in an hour of the archive: one record, replaced only by who has seen the present one. */
import { z } from 'zod'
import type { Deadline } from '../../core/clock.ts'
import { Failure } from '../../core/failure.ts'
import { type ArchiveHour, journalKey } from '../../protocol/archive-keys.ts'
import type { TaggedObjects } from '../ports/tagged-objects.ts'

const entrySchema = z.object({
  format: z.literal(1),
  /** Only grows, so that no two contents are alike. */
  revision: z.int().nonnegative(),
  /** Objects whose messages are sealed, and since when, epoch milliseconds: they may be joined once nobody can be writing them any more. */
  sealed: z.object({ at: z.number(), keys: z.array(z.string()) }).nullable(),
  /** A joined object that is written and whose sources are going: it has to be finished, by whoever reads this. */
  job: z.object({ id: z.string(), sources: z.array(z.string()) }).nullable(),
})

type Entry = z.infer<typeof entrySchema>
export type JournalState = Pick<Entry, 'sealed' | 'job'>

/** Somebody else has gone on in this hour meanwhile. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

const NOTHING: Entry = { format: 1, revision: 0, sealed: null, job: null }

const readEntry = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

export class HourJournal {
  #entry: Entry
  #tag: string | null

  private constructor(
    private readonly hour: ArchiveHour,
    private readonly objects: TaggedObjects,
    entry: Entry,
    tag: string | null,
  ) {
    this.#entry = entry
    this.#tag = tag
  }

  /** Rejects with a Failure `archive_unavailable`, also where something else stands in its place. */
  static async open(hour: ArchiveHour, objects: TaggedObjects, deadline: Deadline): Promise<HourJournal> {
    const key = journalKey(hour)
    const found = await objects.read(key, deadline)
    if (found === null) return new HourJournal(hour, objects, NOTHING, null)
    const parsed = entrySchema.safeParse(readEntry(found.bytes))
    if (parsed.success) return new HourJournal(hour, objects, parsed.data, found.tag)
    throw new Failure('archive_unavailable', `${key} is no journal of this code`)
  }

  get state(): JournalState {
    return this.#entry
  }

  /** Replaces the state. Throws `Overtaken` when somebody else has replaced it since it was read. */
  async replace(state: JournalState, deadline: Deadline): Promise<void> {
    const entry: Entry = { format: 1, revision: this.#entry.revision + 1, sealed: state.sealed, job: state.job }
    const bytes = new TextEncoder().encode(JSON.stringify(entry))
    const tag = await this.objects.write(journalKey(this.hour), bytes, this.#tag, deadline)
    if (tag === null) throw new Overtaken(`another run is at work in ${this.hour}`)
    this.#entry = entry
    this.#tag = tag
  }
}
