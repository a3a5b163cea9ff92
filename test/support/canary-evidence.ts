/** Evidence of canaries as isolates would have seen it: of clean ones, and of ones that fail. */
import { type Evidence, type EvidenceSubject, emptyEvidence } from '../../src/core/judgement/evidence.ts'
import { unitOf } from '../../src/core/judgement/unit.ts'
import type { UnitVotes } from '../../src/core/judgement/votes.ts'

const SEED = 20_261_124

/** One vote of `value` by each of `count` units from number `first` on, as soon as the canary had begun. */
const votesOf = (count: number, value: number, first: number): UnitVotes => ({
  level: 0,
  units: Array.from({ length: count }, (_, index) => unitOf(`visitor-${first + index}`, SEED)).sort((a, b) => a - b),
  at: new Array<number>(count).fill(0),
  values: new Array<number>(count).fill(value),
})

/** Both versions answered these units alike. */
export const cleanEvidence = (subject: EvidenceSubject, units: number, first = 0): Evidence => ({
  ...emptyEvidence(subject),
  decisions: votesOf(units, 0, first),
})

/** The canary failed each of these units, and stable none. */
export const failingEvidence = (subject: EvidenceSubject, units: number): Evidence => ({
  ...emptyEvidence(subject),
  failures: votesOf(units, 1, 0),
})
