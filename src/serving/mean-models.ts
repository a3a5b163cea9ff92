/** The means of reference profiles, each as a model that runs nothing and answers every event alike. */
import { atMost, type Clock, type Deadline, deadlineIn, type Instant } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { LoadedModel } from './open-model.ts'
import type { Background, ReferenceProfiles, Timers, VersionProfile } from './ports.ts'
import { ServedModel } from './served-model.ts'
import { within } from './within.ts'

interface Known {
  /** `null`: its profile tells no mean. */
  readonly model: ServedModel | null
  /** From when on it is asked for again. */
  readonly askAgainAt: number
}

/** A read under way. It may belong to a request that has ended and then never settles, so it is trusted for a second only. */
interface Reading {
  readonly settled: Promise<void>
  readonly startedAt: Instant
}

/** A few kB each. */
const MAX_KNOWN = 64
const TRUST_READING_MILLISECONDS = 1_000
/** A version without a usable profile may be published anew, with the file that was missing. */
const ASK_AGAIN_MILLISECONDS = 60_000
const TRY_AGAIN_MILLISECONDS = 1_000

const meanModel = ({ manifest, means }: VersionProfile): LoadedModel => {
  const width = manifest.feature_view.fields.length
  return {
    manifest,
    predictRows: ({ numbers }) => Promise.resolve(Array.from({ length: numbers.length / width }, () => means)),
    infer: () => Promise.reject(new Failure('model_unavailable', 'means of a profile take no tensors')),
    isSound: () => Promise.resolve(true),
    release: () => Promise.resolve(),
  }
}

export class MeanModels {
  readonly #known = new Map<string, Known>()
  readonly #readings = new Map<string, Reading>()

  constructor(
    private readonly profiles: ReferenceProfiles,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** The means as a model, waiting for the store within `deadline`; `null` when they cannot be had. Never rejects. */
  async get(name: string, version: string, deadline: Deadline, background: Background): Promise<ServedModel | null> {
    const key = `${name}@${version}`
    const known = this.#known.get(key)
    if (known !== undefined && this.clock.now() < known.askAgainAt) return known.model
    const patience = atMost(this.clock, deadline, TRUST_READING_MILLISECONDS)
    await within(this.#read(key, name, version, background), patience, this.timers).catch(() => undefined)
    return this.#known.get(key)?.model ?? null
  }

  /** They are in memory. */
  has(name: string, version: string): boolean {
    return (this.#known.get(`${name}@${version}`)?.model ?? null) !== null
  }

  /** Brings them to memory before they are needed. */
  warm(name: string, version: string, background: Background): void {
    const known = this.#known.get(`${name}@${version}`)
    if (known !== undefined && this.clock.now() < known.askAgainAt) return
    this.#read(`${name}@${version}`, name, version, background).catch(() => undefined)
  }

  #read(key: string, name: string, version: string, background: Background): Promise<void> {
    const now = this.clock.now()
    const underway = this.#readings.get(key)
    if (underway !== undefined && now - underway.startedAt < TRUST_READING_MILLISECONDS) return underway.settled
    const life = deadlineIn(this.clock, TRUST_READING_MILLISECONDS)
    const settled = this.profiles
      .read(name, version, life)
      .then(
        (profile) => this.#remember(key, profile),
        () => this.#remember(key, undefined),
      )
      .finally(() => {
        if (this.#readings.get(key) === reading) this.#readings.delete(key)
      })
    const reading: Reading = { settled, startedAt: now }
    this.#readings.set(key, reading)
    background(within(settled, life, this.timers), `reading the profile of ${key}`)
    return settled
  }

  /** `undefined`: the store failed, so what was known goes on. */
  #remember(key: string, profile: VersionProfile | null | undefined): void {
    const now = this.clock.now()
    const before = this.#known.get(key)?.model ?? null
    const oldest = this.#known.keys().next()
    if (this.#known.size >= MAX_KNOWN && !this.#known.has(key) && !oldest.done) this.#known.delete(oldest.value)
    // A version never changes.
    if (profile) {
      const model = new ServedModel(meanModel(profile))
      this.#known.set(key, { model, askAgainAt: Number.POSITIVE_INFINITY })
    } else {
      const wait = profile === null ? ASK_AGAIN_MILLISECONDS : TRY_AGAIN_MILLISECONDS
      this.#known.set(key, { model: before, askAgainAt: now + wait })
    }
  }
}
