/** The releases a statistics object passes on: told by the controllers, asked for when its copy is old, kept over a restart. */
import { Failure } from '../core/failure.ts'
import { isJsonObject } from '../core/json.ts'
import { readRelease } from '../core/release/read-release.ts'
import { OTHER_VERSION } from '../core/statistics/counts.ts'
import { ReleaseCopies } from '../core/statistics/release-copies.ts'
import type { ReleaseNews } from '../core/statistics/replies.ts'
import { lineOf } from '../protocol/log-line.ts'

/** What this needs of the controllers' namespace binding: the object of a model, which answers with a `ReleaseReply`. */
export interface ReleaseControllers {
  getByName(model: string): {
    read(model: string, page: { limit: number; before: null }): Promise<unknown>
    /** Absent from an object of older code, which then rejects. */
    loadFailed(model: string, version: string, count: number): Promise<unknown>
  }
}

/** How long the reply to a delta waits for a controller: an isolate gives its delta two seconds. */
const ASK_MILLISECONDS = 500
/** How long telling a controller may take. */
const TELL_MILLISECONDS = 5_000
/** Asks of one delta at most, so that no list of models becomes a list of calls. */
const MAX_ASKS = 16

interface Question {
  readonly answered: Promise<void>
  /** Epoch milliseconds. */
  readonly askedAt: number
}

const afterMilliseconds = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

export class StatsReleases {
  readonly #copies = new ReleaseCopies()
  /** Controllers that have been asked and have not answered. */
  readonly #asking = new Map<string, Question>()

  constructor(
    private readonly sql: SqlStorage,
    private readonly controllers: ReleaseControllers | undefined,
  ) {
    const rows = sql.exec<{ body: string; confirmed_at: number }>('SELECT body, confirmed_at FROM releases')
    for (const { body, confirmed_at } of rows) {
      const release = readRelease(JSON.parse(body))
      if (release !== null) this.#copies.put(release.model, release, confirmed_at)
    }
  }

  /** Takes what a controller pushes. Throws Failure `invalid_parameter` for what is no release. Returns whether it was news. */
  push(value: unknown, now: number): boolean {
    const release = readRelease(value)
    if (release === null) throw new Failure('invalid_parameter', 'this is no release of a format this code knows')
    if (!this.#copies.put(release.model, release, now)) return false
    const statement = 'INSERT OR REPLACE INTO releases (model, body, confirmed_at) VALUES (?, ?, ?)'
    this.sql.exec(statement, release.model, JSON.stringify(release), now)
    return true
  }

  /** What is known at `now` of the releases of `models` and of all others here, the stale ones asked for within a deadline. Never rejects. */
  async news(models: readonly string[], now: number): Promise<readonly ReleaseNews[]> {
    if (this.controllers !== undefined) {
      const asked = this.#copies.stale(models, now).slice(0, MAX_ASKS)
      if (asked.length > 0) {
        await Promise.race([
          Promise.all(asked.map((model) => this.#ask(model, now))),
          afterMilliseconds(ASK_MILLISECONDS),
        ])
      }
    }
    return this.#copies.news(now)
  }

  /** Tells the controllers which versions isolates could not load, by `name@version`. Never rejects. */
  async tellLoadFailures(failures: { readonly [nameAtVersion: string]: number }): Promise<void> {
    const tell = async ([key, count]: [string, number]): Promise<void> => {
      const at = key.lastIndexOf('@')
      const model = key.slice(0, at)
      try {
        await this.controllers?.getByName(model).loadFailed(model, key.slice(at + 1), count)
      } catch (error) {
        console.error(lineOf(`telling of ${key}, which could not be loaded, failed: ${String(error)}`))
      }
    }
    const known = Object.entries(failures).filter(([key]) => key !== OTHER_VERSION)
    const told = Promise.all(known.slice(0, MAX_ASKS).map(tell))
    await Promise.race([told, afterMilliseconds(TELL_MILLISECONDS)])
  }

  /** One question at a time, unless it has gone too long without an answer. It may fail: then the copy grows old, which every reader sees by its age. */
  #ask(model: string, now: number): Promise<void> {
    const underway = this.#asking.get(model)
    if (underway !== undefined && Math.abs(now - underway.askedAt) < ASK_MILLISECONDS) return underway.answered
    const answered = this.#learn(model, now)
      .catch((error: unknown) => console.error(lineOf(`asking for the release of ${model} failed: ${String(error)}`)))
      .finally(() => {
        if (this.#asking.get(model) === question) this.#asking.delete(model)
      })
    const question: Question = { answered, askedAt: now }
    this.#asking.set(model, question)
    return answered
  }

  async #learn(model: string, now: number): Promise<void> {
    const reply = await this.controllers?.getByName(model).read(model, { limit: 0, before: null })
    if (!isJsonObject(reply)) return
    if (reply.release === null) this.#copies.put(model, null, now)
    else this.push(reply.release, now)
  }
}
