/** Both versions' values of one output, compared: how far they lie apart, whether the decision changes, whether the canary still varies. */
import type { ObservedOutput, ObservedOutputs } from '../statistics/version-recorder.ts'
import { type OutputVotes, VOTE_LIMITS, VOTE_SCALE } from './evidence.ts'
import { VotesRecorder } from './votes.ts'

/** How an output is compared; both versions' manifests say it alike. */
export interface JudgedOutput {
  readonly name: string
  /** The range of a number: [0, 1] of a probability; `null` where a value has none, then its shift is not judged. Of a distribution: ignored. */
  readonly range: readonly [lowest: number, highest: number] | null
  /** A number decides by being at least this; `null` decides nothing. A distribution decides by its most probable label. */
  readonly threshold: number | null
}

/** Closer than these shares of the range, the canary's values count as one; farther, stable's as two. The gap keeps rounding out of it. */
const SAME_SHARE = 1e-6
const MOVED_SHARE = 1e-3

export const outputsAreFinite = (outputs: ObservedOutputs): boolean =>
  Object.values(outputs).every((output) =>
    typeof output === 'number' ? Number.isFinite(output) : output.probabilities.every(Number.isFinite),
  )

/** The expected label of a distribution, its labels at 0, 1, 2 … */
const expectedLabel = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, probability, label) => sum + probability * label, 0)

const likeliestLabel = (probabilities: readonly number[]): number => probabilities.indexOf(Math.max(...probabilities))

/** An output as one number and its decision. */
interface Reading {
  /** As a share of the range, in [0, 1]; unscaled where there is no range. */
  readonly level: number
  readonly decision: number
}

export class OutputRecorder {
  readonly #shift = new VotesRecorder(VOTE_LIMITS.shift)
  readonly #constant = new VotesRecorder(VOTE_LIMITS.constant)
  readonly #output: JudgedOutput
  readonly judged: boolean
  #before: { readonly unit: number; readonly canary: number; readonly stable: number } | undefined

  constructor(output: JudgedOutput, judged: boolean) {
    this.#output = output
    this.judged = judged
  }

  get name(): string {
    return this.#output.name
  }

  /** Whether the decision differs. An output that one version lacks is not compared. */
  pair(unit: number, since: number, canaryOutputs: ObservedOutputs, stableOutputs: ObservedOutputs): boolean {
    const ofCanary = canaryOutputs[this.name]
    const ofStable = stableOutputs[this.name]
    if (ofCanary === undefined || ofStable === undefined) return false
    const canary = this.#read(ofCanary)
    const stable = this.#read(ofStable)
    if (this.judged) {
      if (this.#isScaled(ofStable))
        this.#shift.record(unit, since, Math.round((canary.level - stable.level) * VOTE_SCALE))
      this.#recordMove(unit, since, canary.level, stable.level)
    }
    return canary.decision !== stable.decision
  }

  toVotes(): OutputVotes {
    return { shift: this.#shift.toVotes(), constant: this.#constant.toVotes() }
  }

  /** Between two events of one unit nothing is said: a visitor's next event may well get the same answer. */
  #recordMove(unit: number, since: number, canary: number, stable: number): void {
    const before = this.#before
    if (before !== undefined && before.unit !== unit && Math.abs(stable - before.stable) > MOVED_SHARE)
      this.#constant.record(unit, since, Math.abs(canary - before.canary) <= SAME_SHARE ? 1 : 0)
    this.#before = { unit, canary, stable }
  }

  #isScaled(output: ObservedOutput): boolean {
    return typeof output !== 'number' || this.#output.range !== null
  }

  #read(output: ObservedOutput): Reading {
    if (typeof output !== 'number') {
      const { probabilities } = output
      const span = Math.max(1, probabilities.length - 1)
      return { level: clip(expectedLabel(probabilities) / span), decision: likeliestLabel(probabilities) }
    }
    const { range, threshold } = this.#output
    return {
      level: range === null ? output : clip((output - range[0]) / (range[1] - range[0])),
      decision: threshold !== null && output >= threshold ? 1 : 0,
    }
  }
}

const clip = (share: number): number => Math.min(1, Math.max(0, share))

/**
 * Brier's loss of a probability given what happened, in [0, 1]: (probability − happened)². `happened` is true or false, or the share in
 * which it did, in [0, 1]. Source: G. W. Brier, Monthly Weather Review 78, 1950.
 */
export const brierLoss = (probability: number, happened: boolean | number): number =>
  (clip(probability) - clip(Number(happened))) ** 2

/** The distance of a value from the true one as a share of the output's range, both clipped to it; in [0, 1]. */
export const absoluteLoss = (value: number, actual: number, [lowest, highest]: readonly [number, number]): number =>
  Math.abs(clip((value - lowest) / (highest - lowest)) - clip((actual - lowest) / (highest - lowest)))
