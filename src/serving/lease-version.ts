/** Gets the stable version of a release for a prediction, or one that may answer in its stead. */
import { atMost, type Clock, type Deadline } from '../core/clock.ts'
import type { Release } from '../core/release/release.ts'
import type { Background, Releases } from './ports.ts'
import type { Lease, SessionRegistry } from './session-registry.ts'

export interface Leased {
  readonly lease: Lease
  /** The release's own version could not be had: this one answers for it. */
  readonly isStandIn: boolean
}

export interface VersionLeaserParts {
  readonly sessions: SessionRegistry
  /** The newest that is known, which may have changed while a version was waited for. */
  readonly releases: Releases
  /** What ships in the bundle. */
  readonly bundled: Releases
  readonly clock: Clock
}

interface Alternative {
  readonly version: string
  readonly isStandIn: boolean
}

export class VersionLeaser {
  constructor(private readonly parts: VersionLeaserParts) {}

  /**
   * The stable version, waited for within half of what is left of the deadline if another one may stand in; then, in this order, the
   * stable version of a release learnt meanwhile, the fallback, the bundled version. None that was rolled back, and not the canary.
   * Throws what kept the stable version away.
   */
  async stable(release: Release, deadline: Deadline, background: Background): Promise<Leased> {
    const { sessions, clock } = this.parts
    const { model, stable } = release
    const patience = this.hasStandIn(release) ? atMost(clock, deadline, deadline.remainingMilliseconds() / 2) : deadline
    try {
      return { lease: await sessions.acquire(model, stable, patience, background), isStandIn: false }
    } catch (failure) {
      for (const { version, isStandIn } of this.#alternatives(release)) {
        const lease = await sessions.acquire(model, version, deadline, background).catch(() => undefined)
        if (lease !== undefined) return { lease, isStandIn }
      }
      throw failure
    }
  }

  /** Some other version may answer for the stable one. */
  hasStandIn(release: Release): boolean {
    return this.#standIns(release).length > 0
  }

  /**
   * What may answer for `version` of the release, which broke: the stable version, the fallback, the bundled one; none that was rolled
   * back, and not the canary. Half of what is left of the deadline is spent on it. `undefined`: none can be had.
   */
  async instead(
    release: Release,
    version: string,
    deadline: Deadline,
    background: Background,
  ): Promise<Lease | undefined> {
    const { sessions, releases, clock } = this.parts
    const newest = releases.current(release.model) ?? release
    const patience = atMost(clock, deadline, deadline.remainingMilliseconds() / 2)
    for (const other of [newest.stable, ...this.#standIns(newest)]) {
      if (other === version) continue
      const lease = await sessions.acquire(release.model, other, patience, background).catch(() => undefined)
      if (lease !== undefined) return lease
    }
    return undefined
  }

  /** The stable version of a model's present release, or what stands in for it. */
  async acquire(model: string, version: string, deadline: Deadline, background: Background): Promise<Lease> {
    const release = this.parts.releases.current(model)
    if (release?.stable !== version) return this.parts.sessions.acquire(model, version, deadline, background)
    return (await this.stable(release, deadline, background)).lease
  }

  #alternatives(release: Release): readonly Alternative[] {
    const newest = this.parts.releases.current(release.model) ?? release
    const moved = newest.stable === release.stable ? [] : [{ version: newest.stable, isStandIn: false }]
    return [...moved, ...this.#standIns(newest).map((version) => ({ version, isStandIn: true }))]
  }

  #standIns({ model, stable, canary, fallback, rolledBack }: Release): readonly string[] {
    const bundled = this.parts.bundled.current(model)?.stable
    const barred = [stable, canary?.version, ...rolledBack]
    return [...new Set([fallback, bundled])].filter(
      (version) => typeof version === 'string' && !barred.includes(version),
    ) as string[]
  }
}
