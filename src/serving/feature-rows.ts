/** From events to the rows of a version's feature view: their zips looked up, their fields computed. */
import type { Deadline } from '../core/clock.ts'
import { readZip } from '../core/event/zip-code.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { CalendarFields } from '../core/time/calendar.ts'
import type { ZipFeatures } from '../core/zip/zip-features.ts'
import type { Candidate } from './candidates.ts'
import type { Observations } from './observe.ts'
import type { Background } from './ports.ts'
import type { ServedModel } from './served-model.ts'
import type { ResolvedZip, ZipLookup } from './zip-lookup.ts'

export type ResolvedZips = ReadonlyMap<string, ResolvedZip>

/** A row after its features were computed. */
export interface Row {
  readonly candidate: Candidate
  readonly zip: ResolvedZip
  readonly utc: CalendarFields
  readonly imputed: string[]
}

export interface LookUpOptions {
  readonly observations?: Observations | undefined
  readonly zipMilliseconds?: number | undefined
}

export class FeatureRowMaker {
  constructor(
    private readonly zips: ZipLookup,
    private readonly observer: Observations,
  ) {}

  /**
   * Looks up every zip that `model` needs of the candidates and that `found` has not yet, each once, and tells `observations`. Waits for the zip
   * store `zipMilliseconds`, or as long as a prediction may.
   */
  async lookUp(
    candidates: readonly Candidate[],
    model: ServedModel,
    found: Map<string, ResolvedZip>,
    deadline: Deadline,
    background: Background,
    { observations = this.observer, zipMilliseconds }: LookUpOptions = {},
  ): Promise<void> {
    const missing: string[] = []
    for (const { zip } of candidates) {
      if (zip === null) observations.zipLookup('missing')
      else this.#peek(zip, found, missing, background, observations)
    }
    this.#peekOrigins(candidates, model, found, missing, background, observations)
    if (missing.length > 0) {
      await this.#resolve(missing, found, deadline, background, observations, zipMilliseconds)
    }
  }

  /** The same for a second model, of whose candidates the first has looked up all but its own origins. */
  async lookUpOrigins(
    candidates: readonly Candidate[],
    model: ServedModel,
    found: Map<string, ResolvedZip>,
    deadline: Deadline,
    background: Background,
  ): Promise<void> {
    const missing: string[] = []
    this.#peekOrigins(candidates, model, found, missing, background, this.observer)
    if (missing.length > 0) await this.#resolve(missing, found, deadline, background, this.observer)
  }

  /** Computes row `row` of `features`. A zip that was not looked up is taken for none. */
  compute(candidate: Candidate, model: ServedModel, found: ResolvedZips, features: FeatureRows, row: number): Row {
    const { event, time } = candidate
    const zip =
      (candidate.zip === null ? undefined : found.get(candidate.zip)) ??
      this.zips.none(event.zipState === 'malformed' ? 'zip_malformed' : 'zip_missing')
    const origins = model.computer.origins.map((path): ZipFeatures => {
      const origin = readZip(event.record, path).zip
      return ((origin === null ? undefined : found.get(origin)) ?? this.zips.none('zip_missing')).features
    })
    const imputed: string[] = []
    const input = { epochMilliseconds: time.epochMilliseconds, zip: zip.features, origins, record: event.record }
    const utc = model.computer.compute(input, features, row, imputed)
    return { candidate, zip, utc, imputed }
  }

  #peekOrigins(
    candidates: readonly Candidate[],
    { computer }: ServedModel,
    found: Map<string, ResolvedZip>,
    missing: string[],
    background: Background,
    observations: Observations,
  ): void {
    if (computer.origins.length === 0) return
    for (const { event } of candidates) {
      for (const path of computer.origins) {
        const { zip } = readZip(event.record, path)
        if (zip !== null) this.#peek(zip, found, missing, background, observations)
      }
    }
  }

  /** From memory into `found`, else to what is `missing`. */
  #peek(
    zip: string,
    found: Map<string, ResolvedZip>,
    missing: string[],
    background: Background,
    observations: Observations,
  ): void {
    if (found.has(zip)) return
    const known = this.zips.peek(zip, background)
    if (known !== undefined) {
      found.set(zip, known)
      observations.zipLookup(known.outcome)
    } else if (!missing.includes(zip)) missing.push(zip)
  }

  async #resolve(
    missing: readonly string[],
    found: Map<string, ResolvedZip>,
    deadline: Deadline,
    background: Background,
    observations: Observations,
    zipMilliseconds?: number,
  ): Promise<void> {
    for (const [zip, known] of await this.zips.resolve(missing, deadline, background, zipMilliseconds)) {
      found.set(zip, known)
      observations.zipLookup(known.outcome)
    }
  }
}
