/** The release authority of one model: decides each command, keeps the history and the versions, and brings every change to whoever must know. */
import { DurableObject } from 'cloudflare:workers'
import { decide } from '../core/release/decide.ts'
import { bundledRelease, type Release, type ReleaseChange } from '../core/release/release.ts'
import { lineOf } from '../protocol/log-line.ts'
import type { VersionRecord } from '../protocol/version-record.ts'
import type {
  BundledVersions,
  CommandReply,
  CommandRequest,
  HistoryPage,
  RegisterReply,
  ReleaseReply,
  ReleaseTarget,
  ReleaseTargets,
  ReserveReply,
  VersionsReply,
} from '../serving/ports/release-control.ts'
import { migrate } from './migrate.ts'
import { RELEASE_STEPS } from './release-schema.ts'
import { ReleaseStore } from './release-store.ts'

export interface ControllerParts {
  /** `null`: the bundle has no such model. */
  bundled(model: string): BundledVersions | null
  readonly targets: ReleaseTargets
}

/** The copy in KV takes one write a second (Cloudflare, "Limits", read 2026-11): no alarm rings sooner after a change. */
const COPY_DELAY_MILLISECONDS = 1_000
/** The longest wait between two tries to bring a release where it was not acknowledged. */
const LONGEST_WAIT_MILLISECONDS = 60_000
/** How long a version stays reserved for who writes its files: longer than all deadlines of publishing together. */
const RESERVATION_MILLISECONDS = 120_000
/** Versions of a model: what is known of all of them has to fit in one answer. */
const MAX_VERSIONS = 1_000

export class ReleaseController extends DurableObject<unknown> {
  readonly #store: ReleaseStore
  /** Alarms in a row after which some place had still not acknowledged. */
  #failures = 0
  /** A write of the copy failed or was given up: it may still come through, over a later one. */
  #copyInDoubt = false

  constructor(
    ctx: DurableObjectState,
    env: unknown,
    private readonly parts: ControllerParts,
  ) {
    super(ctx, env)
    migrate(ctx.storage, RELEASE_STEPS)
    this.#store = new ReleaseStore(ctx.storage.sql)
  }

  /** Also asked by every shard whose copy is old. The model is the one this object is of. */
  read(_model: string, page: HistoryPage): ReleaseReply {
    const { release, alarms } = this.#store
    return { format: 1, release, history: this.#store.history(page), alarms }
  }

  /** Told by the shards: isolates could not load `version`, `count` times. Of one that no release names any more that is no news. */
  loadFailed(model: string, version: string, count: number): { readonly format: 1 } {
    const release = this.#current(model)
    const isNamed = [release?.stable, release?.canary?.version, release?.shadow?.version].includes(version)
    if (release === null || !isNamed) return { format: 1 }
    if (this.#store.loadFailed(version, release.revision, count, Date.now())) {
      console.error(lineOf(`alarm: ${model}@${version}, which is released, could not be loaded`))
    }
    return { format: 1 }
  }

  /**
   * Decides, then writes the release, its entry of the history and the alarm that will bring it on in one transaction: an object that dies
   * has the old release or the new one. Pushing comes after that and fails no command.
   */
  async command({ model, command, actor, reason, evidence, traceId }: CommandRequest): Promise<CommandReply> {
    const due = await this.ctx.storage.getAlarm()
    const now = Date.now()
    const release = this.#current(model)
    if (release === null) return { format: 1, outcome: 'unknown_model' }
    const versions = [...(this.parts.bundled(model)?.versions ?? []), ...this.#store.versions.map((v) => v.version)]
    const why = reason === undefined ? {} : { reason }
    const decision = decide(release, command, { now, actor, versions, evidence, traceId, ...why })
    if ('refusal' in decision) return { format: 1, outcome: 'refused', release, refusal: decision.refusal }
    const { next, change } = decision
    const copyDueAt = await this.#accept(next, change, due, now)
    const { shards, watch } = this.parts.targets
    const [pushed] = await Promise.all([this.#bring(shards, next), this.#bring([watch], next)])
    return {
      format: 1,
      outcome: 'changed',
      release: next,
      change,
      propagation: { pushed, shards: shards.length, copyDueAt },
    }
  }

  versions(): VersionsReply {
    return { format: 1, versions: this.#store.versions }
  }

  reserve(version: string, digest: string): ReserveReply {
    const now = Date.now()
    const known = this.#store.version(version)
    if (known !== null && known.record !== null) {
      return known.digest === digest
        ? { format: 1, outcome: 'published', record: known.record }
        : { format: 1, outcome: 'exists', digest: known.digest }
    }
    if (this.#store.versionCount >= MAX_VERSIONS) return { format: 1, outcome: 'full', most: MAX_VERSIONS }
    const until = (known?.reservedAt ?? 0) + RESERVATION_MILLISECONDS
    if (known !== null && known.digest !== digest && now < until) return { format: 1, outcome: 'busy', until }
    this.#store.reserve(version, digest, now)
    return { format: 1, outcome: 'reserved' }
  }

  /** The first version of a model that no bundle has becomes its stable one: there is nothing else it could answer with. */
  async register(record: VersionRecord): Promise<RegisterReply> {
    const due = await this.ctx.storage.getAlarm()
    const now = Date.now()
    const known = this.#store.version(record.version)
    if (known === null || known.digest !== record.digest) return { format: 1, outcome: 'lost' }
    if (known.record !== null) return { format: 1, outcome: 'published', record: known.record }
    if (this.#current(record.name) !== null) {
      this.#store.publish(record)
    } else {
      const { next, change } = firstRelease(record, now)
      await this.#accept(next, change, due, now, record)
    }
    return { format: 1, outcome: 'published', record }
  }

  /** Brings the release wherever it has not been acknowledged, and rings again until it has; a copy in doubt is written once more. */
  override async alarm(): Promise<void> {
    const release = this.#store.release
    if (release === null) return
    await this.#bring(this.#behind(release), release)
    const behind = this.#behind(this.#store.release ?? release)
    const { copy } = this.parts.targets
    if (behind.includes(copy)) this.#copyInDoubt = true
    let wait = Math.min(COPY_DELAY_MILLISECONDS * 2 ** this.#failures++, LONGEST_WAIT_MILLISECONDS)
    if (behind.length === 0) {
      this.#failures = 0
      if (!this.#copyInDoubt) return
      this.#copyInDoubt = false
      this.#store.forget(copy.name)
      wait = LONGEST_WAIT_MILLISECONDS
    }
    await this.ctx.storage.setAlarm(Date.now() + wait)
  }

  #current(model: string): Release | null {
    const stored = this.#store.release
    if (stored !== null) return stored
    const bundled = this.parts.bundled(model)
    return bundled === null ? null : bundledRelease(model, bundled.stable)
  }

  /** Nothing is awaited between the writes and the alarm, so they reach the disk together (Cloudflare, "SQLite in Durable Objects", read 2026-11). */
  async #accept(
    next: Release,
    change: ReleaseChange,
    due: number | null,
    now: number,
    published?: VersionRecord,
  ): Promise<number> {
    const ringAt = now + COPY_DELAY_MILLISECONDS
    const copyDueAt = due !== null && due > now && due < ringAt ? due : ringAt
    this.ctx.storage.transactionSync(() => {
      if (published !== undefined) this.#store.publish(published)
      this.#store.change(next, change)
    })
    this.#failures = 0
    await this.ctx.storage.setAlarm(copyDueAt)
    return copyDueAt
  }

  #behind(release: Release): readonly ReleaseTarget[] {
    const { shards, watch, copy } = this.parts.targets
    const acknowledged = this.#store.acknowledged
    return [...shards, watch, copy].filter(({ name }) => (acknowledged.get(name) ?? 0) < release.revision)
  }

  /** How many of `targets` acknowledged. */
  async #bring(targets: readonly ReleaseTarget[], release: Release): Promise<number> {
    const deliver = async (target: ReleaseTarget): Promise<void> => {
      await target.deliver(release)
      this.#store.acknowledge(target.name, release.revision)
    }
    const outcomes = await Promise.allSettled(targets.map(deliver))
    return outcomes.filter(({ status }) => status === 'fulfilled').length
  }
}

const firstRelease = (
  { name, version, published_by }: VersionRecord,
  now: number,
): { readonly next: Release; readonly change: ReleaseChange } => {
  const next: Release = { ...bundledRelease(name, version), revision: 1, changedAt: now }
  const { stable, canary, shadow, fallback, hold, rolledBack } = next
  const state = { stable, canary, shadow, fallback, hold, rolledBack }
  const change: ReleaseChange = {
    format: 1,
    revision: next.revision,
    at: now,
    actor: { kind: 'operator', name: published_by },
    command: { command: 'switch', version },
    before: state,
    after: state,
    reason: 'the first version of this model',
    evidence: null,
  }
  return { next, change }
}
