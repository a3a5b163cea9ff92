/** Keeps in memory what a release names, before it is asked for, and lets go of what it names no more. */
import type { Clock } from '../core/clock.ts'
import type { Release } from '../core/release/release.ts'
import type { Background } from './ports.ts'
import type { SessionRegistry } from './session-registry.ts'

/** A version that did not come is tried again after a second, then two, four, …: a try costs a read of the repository and CPU. */
const FIRST_WAIT_MILLISECONDS = 1_000
const LONGEST_WAIT_MILLISECONDS = 60_000

interface Tries {
  readonly failed: number
  readonly nextAt: number
}

/** The versions that may be asked to answer: those a stranger may name, and those that stay in memory once they are there. */
export const answeringVersions = ({ stable, canary, fallback }: Release): readonly string[] =>
  [stable, canary?.version, fallback].filter((version) => typeof version === 'string')

/** Those, and the shadow. */
export const namedVersions = (release: Release): readonly string[] =>
  release.shadow === null ? answeringVersions(release) : [...answeringVersions(release), release.shadow.version]

export class VersionKeeper {
  readonly #tries = new Map<string, Tries>()

  constructor(
    private readonly sessions: SessionRegistry,
    private readonly clock: Clock,
  ) {}

  /**
   * To be called whenever a release was heard of. `background` holds the loads that this begins: of models this isolate serves. One that
   * nobody has asked it for is left until somebody does.
   */
  keep(release: Release, background: Background): void {
    const { model, stable, canary, shadow } = release
    const running = [stable, canary?.version, shadow?.version].filter((version) => typeof version === 'string')
    const named = namedVersions(release)
    const inMemory = this.sessions.inMemory(model)
    const isServed = inMemory.length > 0 || running.some((version) => this.#tries.has(`${model}@${version}`))
    for (const version of inMemory) {
      if (!named.includes(version)) this.sessions.retire(model, version, background)
    }
    for (const key of this.#tries.keys()) {
      if (key.startsWith(`${model}@`) && !running.includes(key.slice(model.length + 1))) this.#tries.delete(key)
    }
    if (!isServed) return
    for (const version of running) {
      if (!this.sessions.has(model, version)) this.#warm(model, version, background)
    }
  }

  #warm(model: string, version: string, background: Background): void {
    const key = `${model}@${version}`
    const now = this.clock.now()
    const { failed, nextAt } = this.#tries.get(key) ?? { failed: 0, nextAt: now }
    if (now < nextAt) return
    const wait = Math.min(FIRST_WAIT_MILLISECONDS * 2 ** failed, LONGEST_WAIT_MILLISECONDS)
    this.#tries.set(key, { failed: failed + 1, nextAt: now + wait })
    const load = this.sessions.preload(model, version, background).then(() => this.#tries.delete(key))
    background(load, `warming ${key}`)
  }
}
