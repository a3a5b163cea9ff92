/** The versions this isolate has in memory, by `name@version`, each freed only after the last one who uses it has let go. */
import { atMost, type Clock, type Deadline, deadlineIn, type Instant } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { openModel } from './open-model.ts'
import type { Background, ModelFiles, ModelRepository, ModelRuntime, Timers } from './ports.ts'
import { ServedModel } from './served-model.ts'
import { TIMED_OUT, within } from './within.ts'

/** The right to use a version until `release`, which counts once. */
export interface Lease {
  readonly model: ServedModel
  release(): void
}

interface Entry {
  readonly key: string
  readonly model: ServedModel
  readonly loadedAt: Instant
  leases: number
  retired: boolean
}

/**
 * A version being loaded. What it waits for belongs to the request that began it and may never come (workerd cancels I/O with its
 * request, 2026-11), so others join it for a second only and then begin anew; a failure too is theirs for that second, since trying
 * costs CPU. All loads of a version since it was last retired share one `term`: a late one is kept only while that term lasts.
 */
interface Flight {
  readonly entry: Promise<Entry>
  readonly startedAt: Instant
  readonly term: Term
}

interface Term {
  over: boolean
}

/** A version whose session broke. */
interface Break {
  /** In a row: a session that held for a minute begins anew. */
  readonly times: number
  /** From when on it is rebuilt once more. */
  readonly rebuildAt: number
}

const JOIN_MILLISECONDS = 1_000
/** The first rebuild follows the break at once, the next ones after one, two, four … seconds: each costs CPU, and may break as the last one did. */
const FIRST_PAUSE_MILLISECONDS = 1_000
const LONGEST_PAUSE_MILLISECONDS = 60_000
/** How long a load may take when nobody waits any more: a late version still serves the next request. */
const LOAD_MILLISECONDS = 10_000

const pauseAfter = (times: number): number =>
  Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (times - 1), LONGEST_PAUSE_MILLISECONDS)

const keyOf = (name: string, version: string): string => `${name}@${version}`

const serve = async (files: ModelFiles, runtime: ModelRuntime): Promise<ServedModel> => {
  const loaded = await openModel(files, runtime)
  try {
    return new ServedModel(loaded)
  } catch (cause) {
    await loaded.release()
    const { name, version } = files.manifest
    throw new Failure('model_unavailable', `${keyOf(name, version)}: ${String(cause)}`, undefined, { cause })
  }
}

/** Told of every load that came to nothing. */
export type LoadFailureListener = (name: string, version: string, reason: unknown) => void

export class SessionRegistry {
  onLoadFailure: LoadFailureListener = () => undefined
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new Map<string, Flight>()
  readonly #breaks = new Map<string, Break>()

  constructor(
    private readonly repository: ModelRepository,
    private readonly runtime: ModelRuntime,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  has(name: string, version: string): boolean {
    return this.#entries.has(keyOf(name, version))
  }

  /** Its session broke, and it is not there again yet. */
  hasBreak(name: string, version: string): boolean {
    const key = keyOf(name, version)
    return this.#breaks.has(key) && !this.#entries.has(key)
  }

  /** The manifest of a version in memory; `null` when it is not there. */
  manifest(name: string, version: string): Manifest | null {
    return this.#entries.get(keyOf(name, version))?.model.loaded.manifest ?? null
  }

  /** The versions of a model that are in memory. */
  inMemory(name: string): readonly string[] {
    return [...this.#entries.values()].flatMap(({ model }) => (model.name === name ? [model.version] : []))
  }

  /** A lease on a version that is in memory; `undefined` when it is not. */
  lease(name: string, version: string, background: Background): Lease | undefined {
    const known = this.#entries.get(keyOf(name, version))
    return known === undefined ? undefined : this.#lease(known, background)
  }

  /**
   * A lease on the version, loaded if need be. `background` is the calling request's own: it holds the load and a later release.
   * Throws Failure `unknown_version`, `model_unavailable` or `deadline_exceeded`, or what the repository threw. A version that broke is not waited for.
   */
  async acquire(name: string, version: string, deadline: Deadline, background: Background): Promise<Lease> {
    const key = keyOf(name, version)
    for (;;) {
      const known = this.#entries.get(key)
      if (known !== undefined) return this.#lease(known, background)
      const broken = this.broken(name, version, background)
      if (broken !== undefined) throw broken
      const load = this.#join(name, version, (work) => background(work, `loading ${key}`))
      const entry = await within(load, atMost(this.clock, deadline, JOIN_MILLISECONDS), this.timers)
      if (entry === TIMED_OUT) {
        if (deadline.remainingMilliseconds() > 0) continue
        throw new Failure('deadline_exceeded', `${key} was not loaded in time`)
      }
      if (entry.retired) throw new Failure('model_unavailable', `${key} was retired while it was waited for`)
      return this.#lease(entry, background)
    }
  }

  /**
   * Loads the version before anybody asks for it, in one try; at module scope there is no request, so nothing holds the load. Rejects as
   * `acquire` does.
   */
  async preload(name: string, version: string, background: Background = () => undefined): Promise<void> {
    const key = keyOf(name, version)
    if (this.#entries.has(key)) return
    const broken = this.broken(name, version, background)
    if (broken !== undefined) throw broken
    await this.#join(name, version, (work) => background(work, `loading ${key}`))
  }

  /**
   * To be asked when a run of a leased `model` threw. False: it still gives its golden rows, so the input is at fault. True: its session
   * broke; it is forgotten and being rebuilt, once, then ever more seldom.
   */
  async hasBroken(model: ServedModel, background: Background): Promise<boolean> {
    const key = keyOf(model.name, model.version)
    const isLeft = (): boolean => this.#entries.get(key)?.model !== model
    if (isLeft()) return this.#breaks.has(key) || !(await model.loaded.isSound())
    if (await model.loaded.isSound()) return false
    const entry = this.#entries.get(key)
    if (isLeft() || entry === undefined) return true
    const now = this.clock.now()
    const times = now - entry.loadedAt < LONGEST_PAUSE_MILLISECONDS ? (this.#breaks.get(key)?.times ?? 0) : 0
    this.#forget(entry, background)
    // Its load has landed; whoever joined it now would get what broke.
    this.#flights.delete(key)
    this.#breaks.set(key, { times, rebuildAt: now + (times === 0 ? 0 : pauseAfter(times)) })
    this.broken(model.name, model.version, background)
    return true
  }

  /** Why a version is not there: its session broke. Begins the next rebuild if that is due. `undefined`: it is there, or never broke. */
  broken(name: string, version: string, background: Background): Failure | undefined {
    const key = keyOf(name, version)
    const seen = this.#breaks.get(key)
    if (seen === undefined || this.#entries.has(key)) return undefined
    const now = this.clock.now()
    if (now >= seen.rebuildAt) {
      const times = seen.times + 1
      this.#breaks.set(key, { times, rebuildAt: now + pauseAfter(times) })
      this.#join(name, version, (work) => background(work, `rebuilding ${key}`)).catch(() => undefined)
    }
    return new Failure('model_unavailable', `the session of ${key} broke and is being rebuilt`)
  }

  /** Forgets the version: who holds a lease may go on, then its session is released. A later `acquire` loads it anew. */
  retire(name: string, version: string, background: Background): void {
    const key = keyOf(name, version)
    const flight = this.#flights.get(key)
    if (flight !== undefined) {
      flight.term.over = true
      this.#flights.delete(key)
    }
    this.#breaks.delete(key)
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#forget(entry, background)
  }

  #forget(entry: Entry, background: Background): void {
    this.#entries.delete(entry.key)
    entry.retired = true
    this.#releaseIfIdle(entry, background)
  }

  #lease(entry: Entry, background: Background): Lease {
    entry.leases++
    let held = true
    return {
      model: entry.model,
      release: () => {
        if (!held) return
        held = false
        entry.leases--
        this.#releaseIfIdle(entry, background)
      },
    }
  }

  #releaseIfIdle(entry: Entry, background: Background): void {
    if (entry.retired && entry.leases === 0) background(entry.model.loaded.release(), `releasing ${entry.key}`)
  }

  /** The load under way, or a new one, which `hold` is given to keep alive. */
  #join(name: string, version: string, hold: (load: Promise<unknown>) => void): Promise<Entry> {
    const key = keyOf(name, version)
    const now = this.clock.now()
    this.#forgetLanded(now)
    const underway = this.#flights.get(key)
    if (underway !== undefined && now - underway.startedAt < JOIN_MILLISECONDS) return underway.entry
    const term = underway?.term ?? { over: false }
    const flight: Flight = { entry: this.#load(name, version, term), startedAt: now, term }
    this.#flights.set(key, flight)
    const tell = (reason: unknown): void => {
      if (!term.over) this.onLoadFailure(name, version, reason)
    }
    hold(flight.entry.catch(tell))
    return flight.entry
  }

  /** A load is over by then, one way or the other; the names of versions that never came are not kept. */
  #forgetLanded(now: Instant): void {
    for (const [key, { startedAt }] of this.#flights) {
      if (now - startedAt > LOAD_MILLISECONDS) this.#flights.delete(key)
    }
  }

  async #load(name: string, version: string, term: Term): Promise<Entry> {
    const key = keyOf(name, version)
    const files = await this.repository.load(name, version, deadlineIn(this.clock, LOAD_MILLISECONDS))
    if (files === null) throw new Failure('unknown_version', `model "${name}" has no version "${version}"`)
    const model = await serve(files, this.runtime)
    const known = this.#entries.get(key)
    if (!term.over && known === undefined) {
      const entry: Entry = { key, model, loadedAt: this.clock.now(), leases: 0, retired: false }
      this.#entries.set(key, entry)
      return entry
    }
    await model.loaded.release()
    if (known === undefined) throw new Failure('model_unavailable', `${key} was retired while it was loaded`)
    return known
  }
}
