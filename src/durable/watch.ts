/** Keeps looking: at canaries every second while one is live, and at whatever its duties are when each is due. */
import { DurableObject } from 'cloudflare:workers'
import { readRelease } from '../core/release/read-release.ts'
import { lineOf } from '../protocol/log-line.ts'
import type { Judgement } from '../serving/ports/canary-watch.ts'
import type { Duty } from '../serving/ports/watch-duties.ts'
import { migrate } from './migrate.ts'
import { WatchNotes } from './watch-notes.ts'
import { WATCH_STEPS } from './watch-schema.ts'

export interface WatchParts {
  /** One look at a model's canary; `null`: there is none. */
  look(model: string): Promise<Judgement | null>
  readonly duties: readonly Duty[]
}

const LOOK_MILLISECONDS = 1_000
/** How long an alarm waits for what is due: a duty that takes longer goes on, and holds up no look at a canary. */
const PATIENCE_MILLISECONDS = 1_000

/** A delivery may come late, behind that of a later revision. */
const WATCH_FROM_REVISION =
  'INSERT INTO watched VALUES (?, ?) ON CONFLICT (model) DO UPDATE SET revision = max(revision, excluded.revision)'

export class Watch extends DurableObject<unknown> {
  readonly #sql: SqlStorage
  readonly #notes: WatchNotes
  readonly #running = new Set<string>()

  constructor(
    ctx: DurableObjectState,
    env: unknown,
    private readonly parts: WatchParts,
  ) {
    super(ctx, env)
    migrate(ctx.storage, WATCH_STEPS)
    this.#sql = ctx.storage.sql
    this.#notes = new WatchNotes(ctx.storage.sql)
  }

  /** Takes a release from its controller: one with a canary is looked at from now on. */
  async setRelease(value: unknown): Promise<{ readonly format: 1 }> {
    const release = readRelease(value)
    if (release !== null && release.canary !== null) {
      this.#sql.exec(WATCH_FROM_REVISION, release.model, release.revision)
      await this.#ringBy(Date.now() + LOOK_MILLISECONDS)
    }
    return { format: 1 }
  }

  /** Called by the statistics objects while events come in: from the first time on it never sleeps for longer than its duties. */
  async wake(): Promise<{ readonly format: 1 }> {
    const now = Date.now()
    const due = this.#nextDuty(now)
    if (due !== null) await this.#ringBy(Math.max(due, now))
    return { format: 1 }
  }

  /** The last look at a canary of `model`; `null`: there was none. */
  judgement(model: string): { readonly format: 1; readonly judgement: Judgement | null } {
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM judgements WHERE model = ?', model)
    return { format: 1, judgement: row === undefined ? null : (JSON.parse(row.body) as Judgement) }
  }

  /** What a duty wrote under `name`, as JSON text; `null`: nothing. */
  note(name: string): { readonly format: 1; readonly note: string | null } {
    const value = this.#notes.read(name)
    return { format: 1, note: value === null ? null : JSON.stringify(value) }
  }

  /** Looks at each watched model, and does what is due. A look or a duty that fails is tried again when it is due again. */
  override async alarm(): Promise<void> {
    const watched = [...this.#sql.exec<{ model: string; revision: number }>('SELECT model, revision FROM watched')]
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS))
    await Promise.all([
      ...watched.map(({ model, revision }) => this.#look(model, revision)),
      Promise.race([this.#doDue(Date.now()), patience]),
    ])
    const now = Date.now()
    const [left] = this.#sql.exec('SELECT 1 FROM watched LIMIT 1')
    const due = this.#nextDuty(now)
    const look = left === undefined ? null : now + LOOK_MILLISECONDS
    if (look !== null || due !== null)
      await this.ctx.storage.setAlarm(
        Math.max(now, Math.min(look ?? Number.POSITIVE_INFINITY, due ?? Number.POSITIVE_INFINITY)),
      )
  }

  /** Sets the alarm unless it rings by `at`, epoch milliseconds. */
  async #ringBy(at: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm()
    if (alarm === null || alarm > at) await this.ctx.storage.setAlarm(at)
  }

  /** Epoch milliseconds; `null`: it has no duties. */
  #nextDuty(now: number): number | null {
    const due = this.parts.duties.map((duty) => this.#notes.dueAt(duty, now))
    return due.length === 0 ? null : Math.min(...due)
  }

  async #doDue(now: number): Promise<void> {
    const due = this.parts.duties.filter((duty) => this.#notes.dueAt(duty, now) <= now)
    await Promise.all(due.map((duty) => this.#do(duty, now)))
  }

  async #do(duty: Duty, now: number): Promise<void> {
    this.#notes.begin(duty, now)
    if (this.#running.has(duty.name)) return
    this.#running.add(duty.name)
    try {
      await duty.run(this.#notes, now)
    } catch (error) {
      console.error(lineOf(`${duty.name} failed: ${String(error)}`))
    } finally {
      this.#running.delete(duty.name)
    }
  }

  /** A canary that began meanwhile, with a later revision, stays watched. */
  async #look(model: string, revision: number): Promise<void> {
    try {
      const judgement = await this.parts.look(model)
      if (judgement === null) this.#sql.exec('DELETE FROM watched WHERE model = ? AND revision = ?', model, revision)
      else this.#sql.exec('INSERT OR REPLACE INTO judgements VALUES (?, ?)', model, JSON.stringify(judgement))
    } catch (error) {
      console.error(lineOf(`looking at the canary of ${model} failed: ${String(error)}`))
    }
  }
}
