/** The bins that the fields of a version are counted in: read in the background, so that no prediction waits for them. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import { FieldBinner } from '../core/drift/field-binner.ts'
import type { VersionReferences } from './ports/drift-parts.ts'
import type { Background, Timers } from './ports.ts'
import type { ServedModel } from './served-model.ts'
import { TIMED_OUT, within } from './within.ts'

type BinnedModel = Pick<ServedModel, 'name' | 'version' | 'computer'>

interface Known {
  /** `null`: its version has no profile, or none could be read yet. One for each version, as long as it is known: its counts go by it. */
  readonly binner: FieldBinner | null
  /** From when on it is asked for again; also while it is being read, since who reads it may die. */
  readonly askAgainAt: number
}

/** A few kB each. */
const MAX_KNOWN = 64
const READ_MILLISECONDS = 5_000
/** A version without a profile may be published anew, with the file that was missing; a store that fails comes back. */
const ASK_AGAIN_MILLISECONDS = 60_000

export class FieldBinners {
  readonly #known = new Map<string, Known>()

  constructor(
    private readonly references: VersionReferences | null,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly log: (line: string) => void,
  ) {}

  /** For the feature rows of `model`; `null` while there is none. Never waits. */
  of(model: BinnedModel, background: Background): FieldBinner | null {
    const key = `${model.name}@${model.version}`
    const known = this.#known.get(key)
    if (known !== undefined && (known.binner !== null || this.clock.now() < known.askAgainAt)) return known.binner
    if (this.references !== null) {
      this.#remember(key, null)
      background(this.#read(this.references, key, model), `reading the fields of ${key}`)
    }
    return null
  }

  #remember(key: string, binner: FieldBinner | null): void {
    const oldest = this.#known.keys().next()
    if (this.#known.size >= MAX_KNOWN && !this.#known.has(key) && !oldest.done) this.#known.delete(oldest.value)
    this.#known.set(key, { binner, askAgainAt: this.clock.now() + ASK_AGAIN_MILLISECONDS })
  }

  async #read(references: VersionReferences, key: string, { name, version, computer }: BinnedModel): Promise<void> {
    const deadline = deadlineIn(this.clock, READ_MILLISECONDS)
    try {
      const reference = await within(references.read(name, version, deadline), deadline, this.timers)
      if (reference === TIMED_OUT) throw new Error('no answer in time')
      // Another request may have read it meanwhile.
      if (reference !== null && !this.#known.get(key)?.binner)
        this.#remember(key, new FieldBinner(reference.profile.fields, computer.names))
    } catch (error) {
      this.log(`the fields of ${key} are not counted: ${String(error)}`)
    }
  }
}
