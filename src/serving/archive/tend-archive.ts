/** What the cron trigger does for events that have been worked off: parked dead letters brought home, objects joined, old ones deleted. */
import { type Clock, type Deadline, deadlineIn } from '../../core/clock.ts'
import type { Drained } from '../letters/keep-letters.ts'
import type { Compacted } from './compact.ts'
import type { Retained } from './retain.ts'

const DRAIN_MILLISECONDS = 2 * 60_000

export interface TendParts {
  /** Dead letters that wait in the bucket for their object. */
  readonly letters: { drain(deadline: Deadline): Promise<Drained> }
  readonly compactor: { run(): Promise<Compacted> }
  readonly retention: { run(): Promise<Retained> }
  readonly clock: Clock
  readonly log: (line: string) => void
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class ArchiveTender {
  constructor(private readonly parts: TendParts) {}

  /** Does each of the three, whatever becomes of the others; what is left is left to the next hour. Rejects when one of them failed. */
  async run(): Promise<void> {
    const failed = [
      ...(await this.#attempt('dead letters', () => this.#drain())),
      ...(await this.#attempt('compaction', () => this.#compact())),
      ...(await this.#attempt('retention', () => this.#retain())),
    ]
    if (failed.length > 0) throw new Error(`not done in this hour: ${failed.join('; ')}`)
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<string[]> {
    try {
      await work()
      return []
    } catch (error) {
      return [`${what}: ${reasonOf(error)}`]
    }
  }

  async #drain(): Promise<void> {
    const { letters, clock, log } = this.parts
    const { brought, unreadable } = await letters.drain(deadlineIn(clock, DRAIN_MILLISECONDS))
    if (brought > 0) log(`dead letters: ${brought} brought from the bucket`)
    if (unreadable.length > 0) log(`dead letters: no letter: ${unreadable.slice(0, 10).join(', ')}`)
  }

  async #compact(): Promise<void> {
    const { sealed, joined, written, failed } = await this.parts.compactor.run()
    if (sealed + joined > 0) {
      this.parts.log(`archive: ${joined} objects joined to ${written}, ${sealed} sealed to be joined in an hour`)
    }
    if (failed.length > 0) throw new Error(failed.join(', '))
  }

  async #retain(): Promise<void> {
    const { archive, payloads, isDone } = await this.parts.retention.run()
    if (archive + payloads > 0) {
      const left = isDone ? '' : ', more are left'
      this.parts.log(`retention: ${archive} objects of the archive and ${payloads} payloads deleted${left}`)
    }
  }
}
