/** Says who answers for a version: it, an earlier version of its release, or the means of its reference profile, as configured. */
import { atMost, type Clock, type Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Release } from '../core/release/release.ts'
import type { WarningCode } from '../core/warning.ts'
import type { Leased, VersionLeaser } from './lease-version.ts'
import type { MeanModels } from './mean-models.ts'
import type { Background } from './ports.ts'
import type { Lease, SessionRegistry } from './session-registry.ts'

/** `fallback`: no model runs. */
export type Mode = 'normal' | 'fallback'
/** What answers while a version cannot run; see MODEL_FALLBACK in src/config.ts. */
export type FallbackPolicy = 'mean' | 'version' | 'refuse'

export interface AnsweringParts {
  readonly sessions: SessionRegistry
  readonly leaser: VersionLeaser
  readonly means: MeanModels
  readonly clock: Clock
  readonly mode: Mode
  readonly policy: FallbackPolicy
}

/** The version that should answer. */
export interface Wanted {
  readonly release: Release
  readonly version: string
  /** Asked for by name: no other version may answer. */
  readonly isNamed: boolean
}

export interface Answerer {
  readonly lease: Lease
  /** Why it is not the version that was wanted; empty when it is. */
  readonly warnings: readonly WarningCode[]
}

/** Who answers, and what the wanted version itself came to where it broke. */
export interface Answering {
  /** A Failure: nobody does. */
  readonly answerer: Answerer | Failure
  /** It counts against the version, whoever answers instead. */
  readonly broken: Failure | null
}

const SWITCHED_OFF = 'inference is switched off (MODE=fallback)'

/** What may be answered in another way: the version exists and cannot be had. */
const isUnavailable = ({ code }: Failure): boolean => code === 'model_unavailable' || code === 'deadline_exceeded'

export class AnsweringVersions {
  constructor(private readonly parts: AnsweringParts) {}

  get isSwitchedOff(): boolean {
    return this.parts.mode === 'fallback'
  }

  /** Brings to memory what may have to answer for the versions in memory. To be called whenever a release was heard of. */
  prepare({ model, stable, canary }: Release, background: Background): void {
    const { policy, sessions, means } = this.parts
    if (policy !== 'mean') return
    for (const version of [stable, canary?.version]) {
      if (version !== undefined && sessions.has(model, version)) means.warm(model, version, background)
    }
  }

  /** Waits for the version within the deadline, except for one that broke. Never rejects with a Failure. */
  async of(wanted: Wanted, deadline: Deadline, background: Background): Promise<Answering> {
    const { sessions } = this.parts
    const { release, version } = wanted
    if (this.isSwitchedOff) {
      return { answerer: await this.#switchedOff(wanted, deadline, background), broken: null }
    }
    const lease = sessions.lease(release.model, version, background)
    if (lease !== undefined) return { answerer: { lease, warnings: [] }, broken: null }
    const broken = sessions.broken(release.model, version, background)
    if (broken !== undefined) return { answerer: await this.instead(wanted, broken, deadline, background), broken }
    return { answerer: await this.#loaded(wanted, deadline, background), broken: null }
  }

  /** Who answers in the stead of a version that broke with `failure`, which is returned where nobody does. */
  async instead(
    wanted: Wanted,
    failure: Failure,
    deadline: Deadline,
    background: Background,
  ): Promise<Answerer | Failure> {
    const { policy, leaser } = this.parts
    const refusal = new Failure('model_unavailable', failure.message, undefined, { cause: failure })
    if (policy === 'refuse') return refusal
    const { release, version, isNamed } = wanted
    const lease = isNamed ? undefined : await leaser.instead(release, version, deadline, background)
    if (lease !== undefined) return { lease, warnings: ['version_fallback'] }
    return (await this.#mean(wanted, deadline, background)) ?? refusal
  }

  /** Throws Failure `model_unavailable` where no model runs. */
  checkSwitchedOn(): void {
    if (this.isSwitchedOff) throw new Failure('model_unavailable', SWITCHED_OFF)
  }

  /** For raw tensors, which no mean can answer. Throws Failure `unknown_version`, `model_unavailable` or `deadline_exceeded`. */
  async forTensors({ release, version, isNamed }: Wanted, deadline: Deadline, background: Background): Promise<Leased> {
    const { sessions, leaser, policy } = this.parts
    this.checkSwitchedOn()
    return isNamed || policy === 'refuse'
      ? { lease: await sessions.acquire(release.model, version, deadline, background), isStandIn: false }
      : leaser.stable(release, deadline, background)
  }

  /** The same when a version broke: an earlier one. `undefined`: nobody. */
  async forTensorsInstead(wanted: Wanted, deadline: Deadline, background: Background): Promise<Lease | undefined> {
    const { release, version, isNamed } = wanted
    if (isNamed || this.parts.policy === 'refuse') return undefined
    return this.parts.leaser.instead(release, version, deadline, background)
  }

  async #loaded(wanted: Wanted, deadline: Deadline, background: Background): Promise<Answerer | Failure> {
    const { sessions, leaser, means, clock, policy } = this.parts
    const { release, version, isNamed } = wanted
    const isAlone = isNamed || policy === 'refuse'
    if (policy === 'mean') means.warm(release.model, version, background)
    // Time is left for the means only where nobody better stands in.
    const hasMeans = policy === 'mean' && means.has(release.model, version)
    const isHalved = hasMeans && (isAlone || !leaser.hasStandIn(release))
    const patience = isHalved ? atMost(clock, deadline, deadline.remainingMilliseconds() / 2) : deadline
    try {
      if (isAlone) return { lease: await sessions.acquire(release.model, version, patience, background), warnings: [] }
      const { lease, isStandIn } = await leaser.stable(release, patience, background)
      return { lease, warnings: isStandIn ? ['release_fallback'] : [] }
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      if (!isUnavailable(failure)) return failure
      return (await this.#mean(wanted, deadline, background)) ?? failure
    }
  }

  async #switchedOff(wanted: Wanted, deadline: Deadline, background: Background): Promise<Answerer | Failure> {
    const mean = await this.#mean(wanted, deadline, background)
    if (mean !== undefined) return { ...mean, warnings: ['inference_off', ...mean.warnings] }
    return new Failure('model_unavailable', `${SWITCHED_OFF}, and nothing answers instead`)
  }

  /** The flagged means, where the policy lets them answer and the profile tells them. */
  async #mean({ release, version }: Wanted, deadline: Deadline, background: Background): Promise<Answerer | undefined> {
    if (this.parts.policy !== 'mean') return undefined
    const model = await this.parts.means.get(release.model, version, deadline, background)
    return model === null ? undefined : { lease: { model, release: () => undefined }, warnings: ['reference_mean'] }
  }
}
