/** Reading the archive: which objects there are, and one of them. */
import { type Clock, type Deadline, deadlineIn } from '../../core/clock.ts'
import { Failure, quote } from '../../core/failure.ts'
import { archivePrefix, isJournalKey, joiningOf, readArchiveKey } from '../../protocol/archive-keys.ts'
import type { ArchivePage } from '../../protocol/archive-routes.ts'
import type { ObjectStream, StoredObjects } from '../ports/stored-objects.ts'

export interface ArchiveParts {
  readonly objects: StoredObjects
  readonly clock: Clock
  readonly deadlineMilliseconds: number
}

export interface ArchiveQuery {
  readonly day: string
  readonly hour: string | null
  /** The key that the page before ended with. */
  readonly cursor: string | null
  readonly limit: number
}

export class ArchiveReader {
  constructor(private readonly parts: ArchiveParts) {}

  /** Objects of a day or an hour, in order of their keys. Throws `archive_unavailable`. */
  async list({ day, hour, cursor, limit }: ArchiveQuery): Promise<ArchivePage> {
    const { objects } = this.parts
    const deadline = this.#deadline()
    const prefix = archivePrefix(day, hour)
    const page = await objects.after(prefix, cursor, limit, deadline)
    // Asked for after the page: what vanished from the archive before it, to come back joined, shows here.
    const joining = await objects.after(joiningOf(prefix), null, 1_000, deadline)
    return {
      objects: page
        .filter(({ key }) => readArchiveKey(key) !== null)
        .map(({ key, bytes, writtenAt }) => ({ key, bytes, written_at: new Date(writtenAt).toISOString() })),
      is_joining: joining.some(({ key }) => !isJournalKey(key)),
      cursor: page.length < limit ? null : (page.findLast(({ key }) => readArchiveKey(key) !== null)?.key ?? null),
    }
  }

  /** One object, gzipped lines. Throws `invalid_parameter` for what is no key of the archive, `unknown_object` and `archive_unavailable`. */
  async open(key: string): Promise<ObjectStream> {
    if (readArchiveKey(key) === null) {
      throw new Failure('invalid_parameter', `key is ${quote(key)}: expected a key of the archive`, 'key')
    }
    const object = await this.parts.objects.open(key, this.#deadline())
    if (object === null) throw new Failure('unknown_object', `there is no ${key}; it may have been joined`, 'key')
    return object
  }

  #deadline(): Deadline {
    return deadlineIn(this.parts.clock, this.parts.deadlineMilliseconds)
  }
}
