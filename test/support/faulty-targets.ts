/** Places to bring releases to, which remember what came and fail on demand. */
import type { Release } from '../../src/core/release/release.ts'
import type { ReleaseTarget, ReleaseTargets } from '../../src/serving/ports/release-control.ts'

export class FaultyTargets implements ReleaseTargets {
  /** Names of the places that take nothing. */
  readonly down = new Set<string>()
  /** The revisions that came to each place, in order. */
  readonly came: Record<string, number[]> = {}
  readonly shards: readonly ReleaseTarget[]
  readonly watch = this.#place('watch')
  readonly copy = this.#place('copy')
  /** Called before anything is delivered. */
  beforeDelivery: () => Promise<void> | void = () => undefined

  constructor(shards = 2) {
    this.shards = Array.from({ length: shards }, (_, shard) => this.#place(`shard-${shard}`))
  }

  #place(name: string): ReleaseTarget {
    return {
      name,
      deliver: async ({ revision }: Release) => {
        await this.beforeDelivery()
        if (this.down.has(name)) throw new Error(`${name} is down`)
        const came = this.came[name] ?? []
        came.push(revision)
        this.came[name] = came
      },
    }
  }
}
