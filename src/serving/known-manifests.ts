/** The manifests this isolate knows: of the bundle, of the versions in memory, and of those that were asked for. */
import type { Deadline } from '../core/clock.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { DescribedRepository } from './describe-models.ts'
import type { SessionRegistry } from './session-registry.ts'

/** Read manifests are kept up to this many: a few kB each. */
const MAX_READ = 128

export class KnownManifests {
  readonly #read = new Map<string, Manifest>()

  constructor(
    private readonly repository: DescribedRepository,
    private readonly sessions: SessionRegistry,
  ) {}

  /** `null`: not known here. */
  of(model: string, version: string): Manifest | null {
    return (
      this.repository.manifest(model, version) ??
      this.sessions.manifest(model, version) ??
      this.#read.get(`${model}@${version}`) ??
      null
    )
  }

  /** Reads the manifest from the repository unless it is known; nothing is loaded into memory for it. Rejects as the repository does. */
  async read(model: string, version: string, deadline: Deadline): Promise<void> {
    if (this.of(model, version) !== null) return
    const files = await this.repository.load(model, version, deadline)
    if (files === null) return
    const oldest = this.#read.keys().next()
    if (this.#read.size >= MAX_READ && !oldest.done) this.#read.delete(oldest.value)
    this.#read.set(`${model}@${version}`, files.manifest)
  }
}
