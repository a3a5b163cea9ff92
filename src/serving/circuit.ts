/** Circuit breakers around the stores: one that has just failed several times in a row is left alone for a while. */
import { admit, type Circuit, type CircuitSettings, CLOSED, failed, succeeded } from '../core/circuit.ts'
import { type Clock, type Deadline, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { EventObjects } from './ports/event-objects.ts'
import type { VersionObjects } from './ports/version-objects.ts'
import {
  type ReferenceProfiles,
  type ReleaseStore,
  StoreGarbage,
  type Timers,
  type ZipPackStore,
  ZipStoreFault,
} from './ports.ts'
import { TIMED_OUT, within } from './within.ts'

/** The store was not asked. */
export class StoreSkipped extends Error {
  override readonly name = 'StoreSkipped'
}

export interface StoreCircuitParts {
  /** As it reads in the log. */
  readonly store: string
  /** Asked once, with the first call. */
  readonly settings: () => CircuitSettings
  readonly clock: Clock
  readonly timers: Timers
  readonly log: (line: string) => void
}

/** A store that answers with something else than what belongs there is up. */
const isOfStore = (error: unknown): boolean =>
  !(error instanceof StoreGarbage) && !(error instanceof Error && error.cause instanceof StoreGarbage)

export class StoreCircuit {
  #circuit: Circuit = CLOSED
  #settings: CircuitSettings | undefined

  constructor(private readonly parts: StoreCircuitParts) {}

  /**
   * The value of `call`, or what it rejects with, however late. Without a value within `deadline` the call counts as failed. Rejects with
   * StoreSkipped, at once and without calling, while the circuit is open.
   */
  async through<T>(call: () => Promise<T>, deadline: Deadline): Promise<T> {
    const { clock, timers, store } = this.parts
    this.#settings ??= this.parts.settings()
    const settings = this.#settings
    const { circuit, mayCall } = admit(this.#circuit, clock.now(), settings)
    this.#become(circuit)
    if (!mayCall) throw new StoreSkipped(`${store} has just failed ${circuit.failures} times and is left alone`)
    const { generation } = circuit
    const work = call()
    const fail = (): void => this.#become(failed(this.#circuit, generation, clock.now(), settings))
    // Whoever waits for the work is not held up by this, nor the other way round. The timer belongs to the calling request.
    void within(work, deadline, timers).then(
      (value) => (value === TIMED_OUT ? fail() : this.#become(succeeded(this.#circuit, generation))),
      (error: unknown) => (isOfStore(error) ? fail() : this.#become(succeeded(this.#circuit, generation))),
    )
    return work
  }

  #become(next: Circuit): void {
    const { generation, restsUntil } = this.#circuit
    this.#circuit = next
    if (next.generation === generation) return
    const { store, log } = this.parts
    if (restsUntil !== null) log(`${store} answers again`)
    else log(`${store} failed ${next.failures} times in a row and is left alone for a while`)
  }
}

export const guardedZipStore = (store: ZipPackStore, circuit: StoreCircuit): ZipPackStore => ({
  read: (zip3s, deadline) =>
    circuit
      .through(() => store.read(zip3s, deadline), deadline)
      .catch((error: unknown) => {
        throw error instanceof StoreSkipped ? new ZipStoreFault('skipped', error.message) : error
      }),
})

export const guardedReleaseStore = (store: ReleaseStore, circuit: StoreCircuit): ReleaseStore => ({
  read: (model, deadline) => circuit.through(() => store.read(model, deadline), deadline),
})

export const guardedProfiles = (profiles: ReferenceProfiles, circuit: StoreCircuit): ReferenceProfiles => ({
  read: (model, version, deadline) => circuit.through(() => profiles.read(model, version, deadline), deadline),
})

/** Reads only: who publishes is told what the store says, not what it said before. */
export const guardedVersions = (objects: VersionObjects, circuit: StoreCircuit): VersionObjects => ({
  write: (...call) => objects.write(...call),
  load: (model, version, deadline) =>
    circuit
      .through(() => objects.load(model, version, deadline), deadline)
      .catch((error: unknown) => {
        if (!(error instanceof StoreSkipped)) throw error
        const message = `${model}@${version} could not be loaded: ${error.message}`
        throw new Failure('model_unavailable', message, undefined, { cause: error })
      }),
})

export const guardedEventObjects = (objects: EventObjects, circuit: StoreCircuit): EventObjects => {
  const through = <T>(call: () => Promise<T>, deadline: Deadline): Promise<T> =>
    circuit.through(call, deadline).catch((error: unknown) => {
      if (!(error instanceof StoreSkipped)) throw error
      throw new Failure('archive_unavailable', error.message, undefined, { cause: error })
    })
  return {
    put: (key, bytes, deadline) => through(() => objects.put(key, bytes, deadline), deadline),
    get: (key, deadline) => through(() => objects.get(key, deadline), deadline),
    list: (prefix, cursor, limit, deadline) => through(() => objects.list(prefix, cursor, limit, deadline), deadline),
    delete: (keys, deadline) => through(() => objects.delete(keys, deadline), deadline),
  }
}

/** Between half and one and a half of this, so that isolates that failed together do not try together. */
const PAUSE_MILLISECONDS = 100

export interface RetryParts {
  readonly clock: Clock
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
}

/**
 * A load that the store failed is tried once more, after a jittered pause; the first try gets half of the deadline. What the store does
 * not have or what is no version is not asked for again, nor a store that is being left alone.
 */
export const retriedVersions = (objects: VersionObjects, { clock, timers, random }: RetryParts): VersionObjects => ({
  write: (...call) => objects.write(...call),
  async load(model, version, deadline) {
    try {
      const first = deadlineIn(clock, deadline.remainingMilliseconds() / 2)
      return await objects.load(model, version, first)
    } catch (error) {
      const isSkipped = error instanceof Error && error.cause instanceof StoreSkipped
      if (isSkipped || !isOfStore(error)) throw error
      const pause = PAUSE_MILLISECONDS * (0.5 + random())
      if (deadline.remainingMilliseconds() <= pause) throw error
      await timers.sleep(pause)
      return objects.load(model, version, deadline)
    }
  },
})
