/** The verb of the house: events in, predictions out, one bad event never failing its neighbours. */
import type { Deadline } from '../core/clock.ts'
import { type ClickEvent, type EventRules, readEvent, readEventId } from '../core/event/read-event.ts'
import { readZip } from '../core/event/zip-code.ts'
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { CalendarFields } from '../core/time/calendar.ts'
import type { WarningCode } from '../core/warning.ts'
import type { ZipFeatures } from '../core/zip/zip-features.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { BodyItem } from '../protocol/body.ts'
import { contentId } from './event-id.ts'
import type { Observer } from './observe.ts'
import type { RowOutputs } from './output-values.ts'
import type { Background, Releases } from './ports.ts'
import type { ServedModel } from './served-model.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { Stages } from './stages.ts'
import type { ResolvedZip, ZipLookup } from './zip-lookup.ts'

export interface PredictRequest {
  readonly items: readonly BodyItem[]
  readonly model: string
  /** The postal code the edge knows of the caller, when it may be used. */
  readonly edgeZip: string | null
  readonly withFeatures: boolean
  readonly deadline: Deadline
  readonly background: Background
  readonly stages: Stages
}

export type PredictOutcome =
  | { readonly prediction: Prediction }
  | { readonly failure: Failure; readonly id: string | null }

export interface PredictorParts {
  readonly releases: Releases
  readonly models: SessionRegistry
  readonly zips: ZipLookup
  readonly observer: Observer
  readonly rules: EventRules
  readonly randomId: () => string
}

/** An event that was read, and the zips its features need. */
interface Candidate {
  readonly index: number
  readonly id: string
  readonly event: ClickEvent
  readonly zip: string | null
  readonly zipSource: Prediction['zip_source']
}

/** A row after its features were computed. */
interface Row {
  readonly candidate: Candidate
  readonly zip: ResolvedZip
  readonly utc: CalendarFields
  readonly imputed: string[]
}

export class Predictor {
  constructor(private readonly parts: PredictorParts) {}

  /**
   * One outcome for each item, in order. When the model itself cannot answer, each event it was wanted for ends in that failure:
   * `model_unavailable`, `model_failed`, `deadline_exceeded`. Throws a `Failure` only for `unknown_model`.
   */
  async predict(request: PredictRequest): Promise<PredictOutcome[]> {
    const { releases } = this.parts
    const release = releases.current(request.model)
    if (release === null) throw new Failure('unknown_model', `there is no model "${request.model}"`, 'model')

    const outcomes = new Array<PredictOutcome>(request.items.length)
    const candidates = this.#read(request, outcomes)
    request.stages.end('parse')
    if (candidates.length === 0) return outcomes

    try {
      await this.#serve(candidates, release.stable, request, outcomes)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      for (const { index, id } of candidates) outcomes[index] = this.#failed(error, id, request.model, release.stable)
    }
    return outcomes
  }

  async #serve(
    candidates: readonly Candidate[],
    version: string,
    request: PredictRequest,
    outcomes: PredictOutcome[],
  ): Promise<void> {
    const lease = await this.parts.models.acquire(request.model, version, request.deadline, request.background)
    try {
      const { model } = lease
      const zips = await this.#lookUp(candidates, model, request)
      request.stages.end('zip')
      const features = model.rows(candidates.length)
      const rows = candidates.map((candidate, row) => this.#compute(candidate, model, zips, features, row))
      request.stages.end('features')
      const results = await model.loaded.predictRows(features)
      request.stages.end('infer')
      rows.forEach((row, number) => {
        const result = results[number] ?? new Failure('model_failed', 'the model gave no row for this event')
        outcomes[row.candidate.index] = this.#outcome(row, result, model, features, number, request)
      })
    } finally {
      lease.release()
    }
  }

  /** An event that was read and yet not predicted: the version's failure, unless the event has not what the model needs. */
  #failed(failure: Failure, id: string, model: string, version: string): PredictOutcome {
    const isCallers = failure.code === 'invalid_feature'
    this.parts.observer.failure(isCallers ? { code: failure.code } : { code: failure.code, model, version })
    return { failure, id }
  }

  #read(request: PredictRequest, outcomes: PredictOutcome[]): Candidate[] {
    const { rules, randomId, observer } = this.parts
    const candidates: Candidate[] = []
    request.items.forEach((item, index) => {
      try {
        if ('failure' in item) throw item.failure
        const event = readEvent(item.value, rules)
        const id = event.id ?? (event.hasOwnTime ? contentId(event.record) : randomId())
        // A zip that cannot be read is unknown, not missing: the caller spoke of another place than the edge's.
        const fromEdge =
          event.zipState === 'missing' && request.edgeZip !== null ? readZip({ zip: request.edgeZip }).zip : null
        const zip = event.zip ?? fromEdge
        const zipSource = event.zip !== null ? 'event' : fromEdge !== null ? 'edge' : 'none'
        candidates.push({ index, id, event, zip, zipSource })
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        observer.failure({ code: error.code })
        outcomes[index] = { failure: error, id: 'value' in item ? readEventId(item.value) : null }
      }
    })
    return candidates
  }

  /** Every zip the rows need, each resolved once. */
  async #lookUp(
    candidates: readonly Candidate[],
    model: ServedModel,
    request: PredictRequest,
  ): Promise<Map<string, ResolvedZip>> {
    const { zips, observer } = this.parts
    const found = new Map<string, ResolvedZip>()
    const missing: string[] = []
    const want = (zip: string | null): void => {
      if (zip === null || found.has(zip)) return
      const known = zips.peek(zip, request.background)
      if (known !== undefined) found.set(zip, known)
      else if (!missing.includes(zip)) missing.push(zip)
    }
    for (const { zip, event } of candidates) {
      if (zip === null) observer.zipLookup('missing')
      want(zip)
      for (const path of model.computer.origins) want(readZip(event.record, path).zip)
    }
    if (missing.length > 0) {
      const resolved = await zips.resolve(missing, request.deadline, request.background)
      for (const [zip, known] of resolved) found.set(zip, known)
    }
    for (const zip of found.values()) observer.zipLookup(zip.outcome)
    return found
  }

  #compute(
    candidate: Candidate,
    model: ServedModel,
    zips: Map<string, ResolvedZip>,
    features: FeatureRows,
    row: number,
  ): Row {
    const { event } = candidate
    const zip =
      (candidate.zip === null ? undefined : zips.get(candidate.zip)) ??
      this.parts.zips.none(event.zipState === 'malformed' ? 'zip_malformed' : 'zip_missing')
    const origins = model.computer.origins.map((path): ZipFeatures => {
      const origin = readZip(event.record, path).zip
      return ((origin === null ? undefined : zips.get(origin)) ?? this.parts.zips.none('zip_missing')).features
    })
    const imputed: string[] = []
    const input = { epochMilliseconds: event.epochMilliseconds, zip: zip.features, origins, record: event.record }
    const utc = model.computer.compute(input, features, row, imputed)
    return { candidate, zip, utc, imputed }
  }

  #outcome(
    row: Row,
    result: RowOutputs | Failure,
    model: ServedModel,
    features: FeatureRows,
    number: number,
    request: PredictRequest,
  ): PredictOutcome {
    const { candidate, zip, utc, imputed } = row
    const { observer } = this.parts
    if (result instanceof Failure) return this.#failed(result, candidate.id, model.name, model.version)
    const outside = model.outsideCoverage(features, number)
    const warnings: readonly WarningCode[] =
      outside.length === 0 ? zip.warnings : [...zip.warnings, 'outside_training_range']
    observer.prediction({ model: model.name, version: model.version, outputs: result, flags: warnings })
    const prediction: Prediction = {
      id: candidate.id,
      model_name: model.name,
      model_version: model.version,
      outputs: result,
      ...(request.withFeatures ? { features: model.describe(features, number, utc) } : {}),
      event_time: { epoch_ms: candidate.event.epochMilliseconds },
      zip: candidate.zip,
      zip_source: candidate.zipSource,
      zip_data: zip.features.data,
      imputed,
      warnings: [...warnings],
      ...(outside.length === 0 ? {} : { outside_training_range: outside }),
    }
    return { prediction }
  }
}
