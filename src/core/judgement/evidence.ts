/** What has been seen of a canary beside its stable version: the votes of its units. */
import type { Release } from '../release/release.ts'
import { mergeVotes, NO_VOTES, type UnitVotes } from './votes.ts'

export const EVIDENCE_FORMAT = 1

/** Which canary the evidence speaks of. Raising its share changes none of these, so units keep their votes. */
export interface EvidenceSubject {
  readonly model: string
  readonly canary: string
  readonly stable: string
  /** When the canary began, epoch milliseconds: `Canary.since`. */
  readonly since: number
}

/** What the evidence on a release's canary speaks of; `null`: it has none. */
export const subjectOf = ({ model, stable, canary }: Release): EvidenceSubject | null =>
  canary === null ? null : { model, canary: canary.version, stable, since: canary.since }

/** Values of shift, constant and outcomes votes are thousandths. */
export const VOTE_SCALE = 1_000

/** Outputs that are judged by name; a further one is watched for non-finite values and failures only. */
export const MAX_JUDGED_OUTPUTS = 4

/** The votes of one output. */
export interface OutputVotes {
  /** The unit's first pair: canary − stable in thousandths of the output's range, in [-1000, 1000]. */
  readonly shift: UnitVotes
  /** The unit's first pair in which stable's output moved from the event before: 1 where the canary's did not, else 0. */
  readonly constant: UnitVotes
}

/** Format 1. JSON-able; at most about 1 MB, typically some kB. */
export interface Evidence extends EvidenceSubject {
  readonly format: typeof EVIDENCE_FORMAT
  /** The unit's first event that only one version failed: k + 1 where the canary failed by `FAULTS[k]`, −(k + 1) where stable did. */
  readonly failures: UnitVotes
  /** The unit's first pair: 1 where any decision differs, else 0. Every unit that both versions answered is here. */
  readonly decisions: UnitVotes
  /** The unit's first reported outcome: the canary's loss − stable's in thousandths, in [-1000, 1000]. */
  readonly outcomes: UnitVotes
  /** The unit's first pair whose durations are both known: 1 where the canary was slow, else 0. */
  readonly latency: UnitVotes
  /** By output name. */
  readonly outputs: { readonly [name: string]: OutputVotes }
}

/**
 * Units kept of each kind of vote, in a delta and merged alike: together at most 20,000 votes of about 30 bytes of JSON, well under the
 * 2 MB a Durable Object's value may have. 2,048 votes tell a mean within a hundredth of the range.
 */
export const VOTE_LIMITS = {
  failures: 2_048,
  decisions: 2_048,
  outcomes: 2_048,
  latency: 1_024,
  shift: 2_048,
  constant: 256,
} as const

/** Whether both speak of the same canary, so that they may be merged. */
export const sameSubject = (a: EvidenceSubject, b: EvidenceSubject): boolean =>
  a.model === b.model && a.canary === b.canary && a.stable === b.stable && a.since === b.since

export const emptyEvidence = ({ model, canary, stable, since }: EvidenceSubject): Evidence => ({
  format: EVIDENCE_FORMAT,
  model,
  canary,
  stable,
  since,
  failures: NO_VOTES,
  decisions: NO_VOTES,
  outcomes: NO_VOTES,
  latency: NO_VOTES,
  outputs: {},
})

const NO_OUTPUT_VOTES: OutputVotes = { shift: NO_VOTES, constant: NO_VOTES }

/** Beyond `MAX_JUDGED_OUTPUTS` the alphabetically first stay, as in the builder. */
const mergeOutputs = (a: Evidence['outputs'], b: Evidence['outputs']): Evidence['outputs'] => {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().slice(0, MAX_JUDGED_OUTPUTS)
  return Object.fromEntries(
    names.map((name) => {
      const ofA = a[name] ?? NO_OUTPUT_VOTES
      const ofB = b[name] ?? NO_OUTPUT_VOTES
      return [
        name,
        {
          shift: mergeVotes(ofA.shift, ofB.shift, VOTE_LIMITS.shift),
          constant: mergeVotes(ofA.constant, ofB.constant, VOTE_LIMITS.constant),
        },
      ]
    }),
  )
}

/**
 * Both in one: every unit once. The same in any order and grouping, and merging again what is already in changes nothing, so a delta
 * may be sent twice. Throws a `RangeError` when they speak of different canaries.
 */
export const mergeEvidence = (a: Evidence, b: Evidence): Evidence => {
  if (!sameSubject(a, b))
    throw new RangeError(
      `evidence of ${a.model}@${a.canary} beside ${a.stable} since ${a.since} cannot be merged with that of ${b.model}@${b.canary} beside ${b.stable} since ${b.since}`,
    )
  return {
    ...emptyEvidence(a),
    failures: mergeVotes(a.failures, b.failures, VOTE_LIMITS.failures),
    decisions: mergeVotes(a.decisions, b.decisions, VOTE_LIMITS.decisions),
    outcomes: mergeVotes(a.outcomes, b.outcomes, VOTE_LIMITS.outcomes),
    latency: mergeVotes(a.latency, b.latency, VOTE_LIMITS.latency),
    outputs: mergeOutputs(a.outputs, b.outputs),
  }
}
