/** The verb of the house: events in, predictions out, one bad event never failing its neighbours. */
import type { Deadline } from '../core/clock.ts'
import type { EventRules } from '../core/event/read-event.ts'
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import { subjectOf } from '../core/judgement/evidence.ts'
import { type Arm, armOf } from '../core/release/assign.ts'
import type { Release } from '../core/release/release.ts'
import type { WarningCode } from '../core/warning.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { Caller } from './caller.ts'
import { type Candidate, type EventItem, readCandidates, unitOf } from './candidates.ts'
import type { Comparer } from './compare.ts'
import type { FeatureRowMaker, Row } from './feature-rows.ts'
import type { KnownRelease, KnownReleases } from './known-releases.ts'
import type { VersionLeaser } from './lease-version.ts'
import type { Observer } from './observe.ts'
import type { RowOutputs } from './output-values.ts'
import type { Background } from './ports.ts'
import type { Lease, SessionRegistry } from './session-registry.ts'
import type { Stages } from './stages.ts'
import type { ResolvedZip } from './zip-lookup.ts'

export interface PredictRequest {
  readonly items: readonly EventItem[]
  readonly model: string
  /** The version that must answer; without one the release says which. */
  readonly version?: string | undefined
  readonly caller: Caller
  readonly withFeatures: boolean
  readonly deadline: Deadline
  readonly background: Background
  readonly stages: Stages
}

export type PredictOutcome =
  | { readonly prediction: Prediction }
  | { readonly failure: Failure; readonly id: string | null }

export interface PredictorParts {
  readonly releases: KnownReleases
  readonly models: SessionRegistry
  readonly leaser: VersionLeaser
  readonly features: FeatureRowMaker
  readonly comparer: Comparer
  readonly observer: Observer
  readonly rules: EventRules
  readonly randomId: () => string
}

/** Events for one version. */
interface Group {
  readonly version: string
  /** `null`: asked for by name, whatever is released. */
  readonly arm: Arm | null
  readonly candidates: readonly Candidate[]
}

/** A group whose version was had. */
interface Served {
  readonly group: Group
  readonly lease: Lease
  readonly isStandIn: boolean
  readonly features: FeatureRows
  rows: readonly Row[]
  results: readonly (RowOutputs | Failure)[]
}

export class Predictor {
  constructor(private readonly parts: PredictorParts) {}

  /**
   * One outcome for each item, in order. When a version cannot answer, each event it was wanted for ends in that failure:
   * `unknown_version`, `model_unavailable`, `model_failed`, `deadline_exceeded`. Throws a `Failure` only for `unknown_model`.
   */
  async predict(request: PredictRequest): Promise<PredictOutcome[]> {
    const { releases, observer, rules, randomId } = this.parts
    const { model, deadline, background, stages } = request
    const known = releases.peek(model) ?? (await releases.consult(model, deadline, background))
    if (known === null) throw new Failure('unknown_model', `there is no model "${model}"`, 'model')

    const outcomes = new Array<PredictOutcome>(request.items.length)
    const { candidates, refused } = readCandidates(request.items, request.caller.edgeZip, rules, randomId)
    for (const { index, id, failure } of refused) {
      observer.failure({ code: failure.code })
      outcomes[index] = { failure, id }
    }
    stages.end('parse')
    if (candidates.length > 0) await this.#answer(this.#groups(candidates, known, request), known, request, outcomes)
    return outcomes
  }

  /** Who answers which events. A canary gets none before it is in memory: its share stays with stable. */
  #groups(candidates: readonly Candidate[], known: KnownRelease, { version }: PredictRequest): readonly Group[] {
    if (version !== undefined) return [{ version, arm: null, candidates }]
    const { releases, models } = this.parts
    const { release } = known
    const { model, stable, canary } = release
    if (canary === null || !models.has(model, canary.version)) return [{ version: stable, arm: 'stable', candidates }]
    const age = releases.ageMilliseconds(known)
    const byArm: Record<Arm, Candidate[]> = { stable: [], canary: [] }
    for (const candidate of candidates) byArm[armOf(release, unitOf(candidate), age)].push(candidate)
    const groups: readonly Group[] = [
      { version: stable, arm: 'stable', candidates: byArm.stable },
      { version: canary.version, arm: 'canary', candidates: byArm.canary },
    ]
    return groups.filter((group) => group.candidates.length > 0)
  }

  async #answer(
    groups: readonly Group[],
    known: KnownRelease,
    request: PredictRequest,
    outcomes: PredictOutcome[],
  ): Promise<void> {
    const { features } = this.parts
    const { stages, deadline, background } = request
    const served: Served[] = []
    try {
      for (const group of groups) {
        const one = await this.#serve(group, known.release, request, outcomes)
        if (one !== undefined) served.push(one)
      }
      if (served.length === 0) return
      const zips = new Map<string, ResolvedZip>()
      for (const { group, lease } of served) {
        await features.lookUp(group.candidates, lease.model, zips, deadline, background)
      }
      stages.end('zip')
      for (const one of served) {
        const { model } = one.lease
        one.rows = one.group.candidates.map((candidate, row) =>
          features.compute(candidate, model, zips, one.features, row),
        )
      }
      stages.end('features')
      for (const one of served) one.results = await this.#run(one)
      stages.end('infer')
      for (const one of served) {
        one.rows.forEach((row, number) => {
          outcomes[row.candidate.index] = this.#outcome(row, one, number, known, request)
        })
        this.#compare(one, known.release, zips, background)
      }
    } finally {
      for (const { lease } of served) lease.release()
    }
  }

  /** The group with its version, or one that stands in; where there is none, its events end in the failure and nothing is returned. */
  async #serve(
    group: Group,
    release: Release,
    { model, deadline, background }: PredictRequest,
    outcomes: PredictOutcome[],
  ): Promise<Served | undefined> {
    const { models, leaser } = this.parts
    const { version, arm, candidates } = group
    try {
      let lease = models.lease(model, version, background)
      let isStandIn = false
      if (lease === undefined) {
        if (arm === null) lease = await models.acquire(model, version, deadline, background)
        else ({ lease, isStandIn } = await leaser.stable(release, deadline, background))
      }
      return { group, lease, isStandIn, features: lease.model.rows(candidates.length), rows: [], results: [] }
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      for (const { index, id } of candidates) outcomes[index] = this.#failed(failure, id, model, version, arm === null)
      return undefined
    }
  }

  /** A run that fails as a whole fails every row of it. */
  async #run({ lease, features, rows }: Served): Promise<readonly (RowOutputs | Failure)[]> {
    try {
      return await lease.model.loaded.predictRows(features)
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      return rows.map(() => failure)
    }
  }

  /** An event that was read and yet not predicted: the version's failure, unless the event lacks something or the caller named what is not there. */
  #failed(failure: Failure, id: string, model: string, version: string, isNamed: boolean): PredictOutcome {
    const isCallers = failure.code === 'invalid_feature' || (isNamed && failure.code === 'unknown_version')
    this.parts.observer.failure(isCallers ? { code: failure.code } : { code: failure.code, model, version })
    return { failure, id }
  }

  #outcome(row: Row, served: Served, number: number, known: KnownRelease, request: PredictRequest): PredictOutcome {
    const { candidate, zip, utc, imputed } = row
    const { lease, features, isStandIn, group } = served
    const { model } = lease
    const { observer } = this.parts
    const result = served.results[number] ?? new Failure('model_failed', 'the model gave no row for this event')
    if (result instanceof Failure) return this.#failed(result, candidate.id, model.name, model.version, false)
    const outside = model.outsideCoverage(features, number)
    const isUncertain = group.arm !== null && !known.isCertain
    const warnings: readonly WarningCode[] =
      outside.length === 0 && !isStandIn && !isUncertain
        ? zip.warnings
        : [
            ...zip.warnings,
            ...(outside.length === 0 ? [] : (['outside_training_range'] as const)),
            ...(isStandIn ? (['release_fallback'] as const) : []),
            ...(isUncertain ? (['release_unknown'] as const) : []),
          ]
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

  /** What the release wants compared: a canary with stable, what answered with the shadow. What stood in is no side of a release. */
  #compare(
    { group, lease, isStandIn, results }: Served,
    release: Release,
    zips: Map<string, ResolvedZip>,
    background: Background,
  ): void {
    const { canary, shadow, stable } = release
    const { name: model, version } = lease.model
    const isCanary = version === canary?.version
    if ((!isCanary && shadow === null) || group.arm === null || isStandIn) return
    const rows = group.candidates.flatMap((candidate, row) => {
      const result = results[row]
      return result === undefined ? [] : [{ candidate, result }]
    })
    const { comparer } = this.parts
    if (isCanary) {
      const pair = { model, first: stable, other: version }
      comparer.add({ pair, runs: 'first', subject: subjectOf(release), rows, zips }, background)
    }
    if (shadow !== null && shadow.version !== version) {
      const pair = { model, first: version, other: shadow.version }
      comparer.add({ pair, runs: 'other', subject: null, rows, zips }, background)
    }
  }
}
