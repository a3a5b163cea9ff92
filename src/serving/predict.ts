/** The verb of the house: events in, predictions out, one bad event never failing its neighbours. */
import type { FieldBinner } from '../core/drift/field-binner.ts'
import type { ReceiptRules } from '../core/event/settle-time.ts'
import { Failure } from '../core/failure.ts'
import { subjectOf } from '../core/judgement/evidence.ts'
import { type Arm, armOf } from '../core/release/assign.ts'
import type { Release } from '../core/release/release.ts'
import type { WarningCode } from '../core/warning.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { AnsweringVersions } from './answering.ts'
import { type Candidate, readCandidates, unitOf } from './candidates.ts'
import type { Comparer } from './compare.ts'
import type { Explainer } from './explain.ts'
import type { FeatureRowMaker, Row } from './feature-rows.ts'
import type { FieldBinners } from './field-binners.ts'
import type { KnownRelease, KnownReleases } from './known-releases.ts'
import type { Observer } from './observe.ts'
import type { RowOutputs } from './output-values.ts'
import type { Background } from './ports.ts'
import type { PredictOutcome, PredictRequest } from './prediction-request.ts'
import { type Group, type GroupRequest, GroupServer, type Served, type Unserved } from './serve-group.ts'
import type { SessionRegistry } from './session-registry.ts'
import { timeWarnings } from './time-warnings.ts'
import type { ResolvedZip } from './zip-lookup.ts'

export type { PredictOutcome, PredictRequest } from './prediction-request.ts'

export interface PredictorParts {
  readonly releases: KnownReleases
  readonly models: SessionRegistry
  readonly answering: AnsweringVersions
  readonly features: FeatureRowMaker
  readonly comparer: Comparer
  readonly binners: FieldBinners
  readonly explainer: Explainer
  readonly observer: Observer
  readonly rules: ReceiptRules
  readonly randomId: () => string
}

/** How the events of bots are flagged in the statistics. */
const BOT_FLAG = 'bot'

/** What a canary does to bots says nothing of what it does to visitors. */
const isCompared = ({ isCompared: asked, caller }: PredictRequest): boolean => asked !== false && !caller.isBot

export class Predictor {
  readonly #server: GroupServer

  constructor(private readonly parts: PredictorParts) {
    this.#server = new GroupServer(parts)
  }

  /**
   * One outcome for each item, in order. When a version cannot answer, each event it was wanted for ends in that failure:
   * `unknown_version`, `model_unavailable`, `model_failed`, `deadline_exceeded`. Throws a `Failure` only for `unknown_model`.
   */
  async predict(request: PredictRequest): Promise<PredictOutcome[]> {
    const { releases, observer, rules, randomId } = this.parts
    const { model, deadline, background, stages, observations = observer } = request
    const known = releases.peek(model) ?? (await releases.consult(model, deadline, background))
    if (known === null) throw new Failure('unknown_model', `there is no model "${model}"`, 'model')

    const outcomes = new Array<PredictOutcome>(request.items.length)
    const { candidates, refused } = readCandidates(request.items, request.caller.edgeZip, rules, randomId)
    for (const { index, id, failure } of refused) {
      observations.failure({ code: failure.code })
      outcomes[index] = { failure, id }
    }
    stages.end('parse')
    if (candidates.length > 0) await this.#answer(this.#groups(candidates, known, request), known, request, outcomes)
    return outcomes
  }

  /**
   * Who answers which events. A canary gets none before it is in memory: its share stays with stable. One that broke gets them, so that
   * they count against it, whoever answers.
   */
  #groups(
    candidates: readonly Candidate[],
    known: KnownRelease,
    { version, caller }: PredictRequest,
  ): readonly Group[] {
    if (version !== undefined) return [{ version, arm: null, candidates }]
    const { releases, models } = this.parts
    const { release } = known
    const { model, stable, canary } = release
    const isTried = canary !== null && (models.has(model, canary.version) || models.hasBreak(model, canary.version))
    if (!isTried) return [{ version: stable, arm: 'stable', candidates }]
    const age = releases.ageMilliseconds(known)
    const byArm: Record<Arm, Candidate[]> = { stable: [], canary: [] }
    for (const candidate of candidates) {
      // Who does not want to be followed sticks to nothing, so stable answers.
      const unit = caller.isOptedOut ? null : unitOf(candidate)
      byArm[armOf(release, unit, age)].push(candidate)
    }
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
      const asked: GroupRequest = { release: known.release, deadline, background }
      for (const group of groups) {
        const one = await this.#server.serve(group, asked)
        if ('lease' in one) served.push(one)
        else this.#unserved(one, known.release, request, outcomes)
      }
      if (served.length === 0) return
      const zips = new Map<string, ResolvedZip>()
      for (const { group, lease } of served) {
        await features.lookUp(group.candidates, lease.model, zips, deadline, background, request)
      }
      stages.end('zip')
      for (const one of served) this.#server.compute(one, zips)
      stages.end('features')
      for (const one of served) await this.#server.run(one, zips, asked)
      stages.end('infer')
      for (const one of served) {
        const binner = this.parts.binners.of(one.lease.model, background)
        one.rows.forEach((row, number) => {
          outcomes[row.candidate.index] = this.#outcome(row, one, number, known, request, binner)
        })
        if (isCompared(request)) this.#compare(one, known.release, zips, background)
        if (request.isExplained) await this.#explain(one, outcomes)
      }
      if (request.isExplained) stages.end('explain')
    } finally {
      for (const { lease } of served) lease.release()
    }
  }

  /** The events of a group that nobody answers end in the failure. */
  #unserved(
    { group, failure, broken }: Unserved,
    release: Release,
    request: PredictRequest,
    outcomes: PredictOutcome[],
  ): void {
    const { version, arm, candidates } = group
    for (const { index, id } of candidates) {
      outcomes[index] = this.#failed(request, failure, id, version, arm === null)
    }
    if (broken === null || !isCompared(request)) return
    this.#compared(
      group,
      version,
      candidates.map(() => broken),
      release,
      new Map(),
      request.background,
    )
  }

  /** An event that was read and yet not predicted: the version's failure, unless the event lacks something or the caller named what is not there. */
  #failed(request: PredictRequest, failure: Failure, id: string, version: string, isNamed: boolean): PredictOutcome {
    const { model, observations = this.parts.observer } = request
    const isCallers = failure.code === 'invalid_feature' || (isNamed && failure.code === 'unknown_version')
    observations.failure(isCallers ? { code: failure.code } : { code: failure.code, model, version })
    return { failure, id, version }
  }

  #outcome(
    row: Row,
    served: Served,
    number: number,
    known: KnownRelease,
    request: PredictRequest,
    binner: FieldBinner | null,
  ): PredictOutcome {
    const { candidate, zip, utc, imputed } = row
    const { lease, features, standIn, broken, group } = served
    const { model } = lease
    const { observations = this.parts.observer } = request
    const result = served.results[number] ?? new Failure('model_failed', 'the model gave no row for this event')
    if (result instanceof Failure) return this.#failed(request, result, candidate.id, model.version, false)
    const outside = model.outsideCoverage(features, number)
    const isUncertain = group.arm !== null && !known.isCertain
    const { time } = candidate
    const ofTime = timeWarnings(time, zip.features, model.computer.names)
    const warnings: readonly WarningCode[] =
      outside.length === 0 && standIn.length === 0 && !isUncertain && ofTime.length === 0
        ? zip.warnings
        : [
            ...zip.warnings,
            ...ofTime,
            ...(outside.length === 0 ? [] : (['outside_training_range'] as const)),
            ...standIn,
            ...(isUncertain ? (['release_unknown'] as const) : []),
          ]
    if (broken !== null) observations.failure({ code: broken.code, model: model.name, version: group.version })
    const { isBot } = request.caller
    // Means say nothing of how the outputs are distributed, nor do bots.
    const outputs = isBot || standIn.includes('reference_mean') ? {} : result
    const flags = isBot ? [...warnings, BOT_FLAG] : warnings
    const isCounted = binner !== null && outputs === result
    const fields = isCounted ? { binner, numbers: features.numbers, row: number } : null
    observations.prediction({ model: model.name, version: model.version, outputs, flags, fields })
    const prediction: Prediction = {
      id: candidate.id,
      model_name: model.name,
      model_version: model.version,
      outputs: result,
      ...(request.withFeatures ? { features: model.describe(features, number, utc) } : {}),
      event_time: {
        epoch_ms: time.epochMilliseconds,
        method: time.method,
        uncertainty_ms: time.uncertaintyMilliseconds,
      },
      zip: candidate.zip,
      zip_source: candidate.zipSource,
      zip_data: zip.features.data,
      imputed,
      warnings: [...warnings],
      ...(outside.length === 0 ? {} : { outside_training_range: outside }),
    }
    return { prediction }
  }

  /** Puts the explanation to each prediction of `served`, or says that there is none. */
  async #explain(served: Served, outcomes: PredictOutcome[]): Promise<void> {
    const explanations = await this.parts.explainer.explain(served)
    served.rows.forEach(({ candidate: { index } }, number) => {
      const outcome = outcomes[index]
      if (outcome === undefined || !('prediction' in outcome)) return
      const explanation = explanations[number] ?? null
      const { prediction } = outcome
      const more =
        explanation === null ? { warnings: [...prediction.warnings, 'not_explained' as const] } : { explanation }
      outcomes[index] = { prediction: { ...prediction, ...more } }
    })
  }

  /** What stood in is no side of a release; a version that broke is one, with its failure. */
  #compare(
    { group, lease, standIn, results, broken }: Served,
    release: Release,
    zips: Map<string, ResolvedZip>,
    background: Background,
  ): void {
    if (broken !== null) {
      this.#compared(
        group,
        group.version,
        group.candidates.map(() => broken),
        release,
        zips,
        background,
      )
    } else if (standIn.length === 0) this.#compared(group, lease.model.version, results, release, zips, background)
  }

  /** Has compared what the release wants compared: a canary with stable, what answered with the shadow. */
  #compared(
    group: Group,
    version: string,
    results: readonly (RowOutputs | Failure)[],
    release: Release,
    zips: Map<string, ResolvedZip>,
    background: Background,
  ): void {
    const { model, canary, shadow, stable } = release
    const isCanary = version === canary?.version
    if ((!isCanary && shadow === null) || group.arm === null) return
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
