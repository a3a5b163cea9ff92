/** Has the watch look again: it sleeps in a deployment that nobody has used yet. */

import { lineOf } from '../protocol/log-line.ts'
import { WATCH_NAME } from '../serving/ports/watch-duties.ts'

/** What this needs of the watch's namespace binding. */
export interface Watches {
  getByName(name: string): { wake(): Promise<unknown> }
}

/** A watch that is awake stays so; one that lost its alarm is woken within this time. */
const WAKE_MILLISECONDS = 60_000

export class WatchWaker {
  #next = 0

  constructor(private readonly watches: Watches | undefined) {}

  /** At most once a minute, `now` in epoch milliseconds. Never rejects. */
  async wake(now: number): Promise<void> {
    // A clock that was set back must not silence it.
    if (this.watches === undefined || (now < this.#next && now > this.#next - 2 * WAKE_MILLISECONDS)) return
    this.#next = now + WAKE_MILLISECONDS
    try {
      await this.watches.getByName(WATCH_NAME).wake()
    } catch (error) {
      console.error(lineOf(`waking the watch failed: ${String(error)}`))
    }
  }
}
