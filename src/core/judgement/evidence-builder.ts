/** The evidence while it grows in an isolate: one call per pair of answers. */
import type { Duration } from '../clock.ts'
import type { FailureCode } from '../failure.ts'
import type { ObservedOutputs } from '../statistics/version-recorder.ts'
import type { JudgementConfig } from './config.ts'
import { FAULTS, type Fault, faultOf } from './counted-failures.ts'
import {
  EVIDENCE_FORMAT,
  type Evidence,
  type EvidenceSubject,
  MAX_JUDGED_OUTPUTS,
  VOTE_LIMITS,
  VOTE_SCALE,
} from './evidence.ts'
import { type JudgedOutput, OutputRecorder, outputsAreFinite } from './output-recorder.ts'
import { VotesRecorder } from './votes.ts'

/** How one version ended on an event: its outputs by name, or why it failed. */
export type PairedOutcome = { readonly outputs: ObservedOutputs } | { readonly failed: FailureCode }

/**
 * One event that both versions were given, with the same features, both loaded before, and stable with the time the canary had left when it
 * began (else a slow lookup before the canary would read as the canary's fault).
 */
export interface PairedObservation {
  /** From `unitOf`. */
  readonly unit: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly canary: PairedOutcome
  readonly stable: PairedOutcome
  /** Of the two runs alone, measured alike. Absent or unknown where they were not. */
  readonly latency?: { readonly canary: Duration; readonly stable: Duration }
}

/** What really happened to an event, reported by an authenticated caller, with what both versions had said. */
export interface PairedLoss {
  readonly unit: number
  /** When it was reported, epoch milliseconds. */
  readonly at: number
  /** In [0, 1]: `brierLoss` and `absoluteLoss` are such losses. */
  readonly canary: number
  readonly stable: number
}

const faultIn = (outcome: PairedOutcome): Fault | null =>
  'failed' in outcome ? faultOf(outcome.failed) : outputsAreFinite(outcome.outputs) ? null : 'non_finite'

/** Its size is bounded by `VOTE_LIMITS`, however long it grows. */
export class EvidenceBuilder {
  readonly #failures = new VotesRecorder(VOTE_LIMITS.failures)
  readonly #decisions = new VotesRecorder(VOTE_LIMITS.decisions)
  readonly #outcomes = new VotesRecorder(VOTE_LIMITS.outcomes)
  readonly #latency = new VotesRecorder(VOTE_LIMITS.latency)
  readonly #outputs: readonly OutputRecorder[]
  readonly #subject: EvidenceSubject
  readonly #slowness: Pick<JudgementConfig['latency'], 'slowFactor' | 'slowMilliseconds'>

  /** Of `outputs`, those both versions have; the first `MAX_JUDGED_OUTPUTS` by name are judged. */
  constructor(
    subject: EvidenceSubject,
    outputs: readonly JudgedOutput[],
    latency: Pick<JudgementConfig['latency'], 'slowFactor' | 'slowMilliseconds'>,
  ) {
    this.#subject = subject
    this.#slowness = latency
    const byName = [...outputs].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    this.#outputs = byName.map((output, index) => new OutputRecorder(output, index < MAX_JUDGED_OUTPUTS))
  }

  get isEmpty(): boolean {
    return [this.#failures, this.#decisions, this.#outcomes, this.#latency].every((votes) => votes.isEmpty)
  }

  pair({ unit, at, canary, stable, latency }: PairedObservation): void {
    const since = this.#sinceBegin(at)
    const canaryFault = faultIn(canary)
    const stableFault = faultIn(stable)
    // What both fail is the event's doing, and what fails for another reason is nobody's.
    if (canaryFault !== null && 'outputs' in stable && stableFault === null)
      this.#failures.record(unit, since, FAULTS.indexOf(canaryFault) + 1)
    else if (stableFault !== null && 'outputs' in canary && canaryFault === null)
      this.#failures.record(unit, since, -FAULTS.indexOf(stableFault) - 1)
    if (canaryFault !== null || stableFault !== null || !('outputs' in canary) || !('outputs' in stable)) return
    let changed = false
    for (const output of this.#outputs) if (output.pair(unit, since, canary.outputs, stable.outputs)) changed = true
    this.#decisions.record(unit, since, changed ? 1 : 0)
    if (latency?.canary.known && latency.stable.known)
      this.#latency.record(unit, since, this.#isSlow(latency.canary.milliseconds, latency.stable.milliseconds) ? 1 : 0)
  }

  /** Throws a `RangeError` for a loss outside [0, 1]. */
  outcome({ unit, at, canary, stable }: PairedLoss): void {
    for (const loss of [canary, stable])
      if (!(loss >= 0 && loss <= 1)) throw new RangeError(`a loss is ${loss}, expected a number from 0 to 1`)
    this.#outcomes.record(unit, this.#sinceBegin(at), Math.round((canary - stable) * VOTE_SCALE))
  }

  toEvidence(): Evidence {
    const { model, canary, stable, since } = this.#subject
    return {
      format: EVIDENCE_FORMAT,
      model,
      canary,
      stable,
      since,
      failures: this.#failures.toVotes(),
      decisions: this.#decisions.toVotes(),
      outcomes: this.#outcomes.toVotes(),
      latency: this.#latency.toVotes(),
      outputs: Object.fromEntries(
        this.#outputs.filter(({ judged }) => judged).map((output) => [output.name, output.toVotes()]),
      ),
    }
  }

  /** An isolate's clock may be behind the controller's that began the canary. */
  #sinceBegin(at: number): number {
    return Math.max(0, Math.round(at - this.#subject.since))
  }

  #isSlow(canary: number, stable: number): boolean {
    const { slowFactor, slowMilliseconds } = this.#slowness
    return canary > stable * slowFactor && canary > stable + slowMilliseconds
  }
}
