/** Keeps looking at canaries: every second while one is live, and not at all while there is none. */
import { DurableObject } from 'cloudflare:workers'
import { readRelease } from '../core/release/read-release.ts'
import type { Judgement } from '../serving/ports/canary-watch.ts'
import { migrate } from './migrate.ts'
import { WATCH_STEPS } from './watch-schema.ts'

export interface WatchParts {
  /** One look at a model's canary; `null`: there is none. */
  look(model: string): Promise<Judgement | null>
}

const LOOK_MILLISECONDS = 1_000

/** A delivery may come late, behind that of a later revision. */
const WATCH_FROM_REVISION =
  'INSERT INTO watched VALUES (?, ?) ON CONFLICT (model) DO UPDATE SET revision = max(revision, excluded.revision)'

export class Watch extends DurableObject<unknown> {
  readonly #sql: SqlStorage

  constructor(
    ctx: DurableObjectState,
    env: unknown,
    private readonly parts: WatchParts,
  ) {
    super(ctx, env)
    migrate(ctx.storage, WATCH_STEPS)
    this.#sql = ctx.storage.sql
  }

  /** Takes a release from its controller: one with a canary is looked at from now on. */
  async setRelease(value: unknown): Promise<{ readonly format: 1 }> {
    const release = readRelease(value)
    if (release !== null && release.canary !== null) {
      this.#sql.exec(WATCH_FROM_REVISION, release.model, release.revision)
      if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + LOOK_MILLISECONDS)
    }
    return { format: 1 }
  }

  /** The last look at a canary of `model`; `null`: there was none. */
  judgement(model: string): { readonly format: 1; readonly judgement: Judgement | null } {
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM judgements WHERE model = ?', model)
    return { format: 1, judgement: row === undefined ? null : (JSON.parse(row.body) as Judgement) }
  }

  /** Looks at each watched model. A look that fails is tried again with the next alarm. */
  override async alarm(): Promise<void> {
    const watched = [...this.#sql.exec<{ model: string; revision: number }>('SELECT model, revision FROM watched')]
    await Promise.all(watched.map(({ model, revision }) => this.#look(model, revision)))
    const [left] = this.#sql.exec('SELECT 1 FROM watched LIMIT 1')
    if (left !== undefined) await this.ctx.storage.setAlarm(Date.now() + LOOK_MILLISECONDS)
  }

  /** A canary that began meanwhile, with a later revision, stays watched. */
  async #look(model: string, revision: number): Promise<void> {
    try {
      const judgement = await this.parts.look(model)
      if (judgement === null) this.#sql.exec('DELETE FROM watched WHERE model = ? AND revision = ?', model, revision)
      else this.#sql.exec('INSERT OR REPLACE INTO judgements VALUES (?, ?)', model, JSON.stringify(judgement))
    } catch (error) {
      console.error(`looking at the canary of ${model} failed: ${String(error)}`)
    }
  }
}
