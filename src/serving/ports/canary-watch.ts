/** What watching canaries needs from outside, and what it tells. */
import type { Deadline } from '../../core/clock.ts'
import type { Evidence, EvidenceSubject } from '../../core/judgement/evidence.ts'
import type { Verdict } from '../../core/judgement/verdict.ts'

/** What was seen of a canary, merged over the shards that answered. */
export interface SeenOfCanary {
  /** `null`: none of them has seen anything. */
  readonly evidence: Evidence | null
  /** Every shard answered. */
  readonly isWhole: boolean
}

/** What all isolates have seen of a canary. */
export interface CanaryEvidence {
  /** Rejects when no shard answered. */
  of(subject: EvidenceSubject, deadline: Deadline): Promise<SeenOfCanary>
}

/** One look at a canary. JSON-able. */
export interface Judgement {
  readonly format: 1
  readonly model: string
  readonly version: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly verdict: Verdict
  /** What was done about it, in words; `null`: nothing. */
  readonly move: string | null
}

/** The object that keeps looking at canaries while there are any. */
export interface CanaryWatch {
  /** The last look at a canary of `model`, also one that is over; `null`: there was none. */
  judgement(model: string, deadline: Deadline): Promise<Judgement | null>
}
