/** Votes, pairs and evidence for property tests: few different units and moments, so that they meet. */
import fc from 'fast-check'
import { DEFAULT_JUDGEMENT } from '../../../src/core/judgement/config.ts'
import type { Evidence, EvidenceSubject } from '../../../src/core/judgement/evidence.ts'
import {
  EvidenceBuilder,
  type PairedLoss,
  type PairedObservation,
  type PairedOutcome,
} from '../../../src/core/judgement/evidence-builder.ts'
import type { JudgedOutput } from '../../../src/core/judgement/output-recorder.ts'
import { UNIT_LIMIT } from '../../../src/core/judgement/votes.ts'

export const SUBJECT: EvidenceSubject = {
  model: 'late-arrival',
  canary: '1.1.0',
  stable: '1.0.0',
  since: Date.UTC(2026, 10, 1),
}

export const PROBABILITY: JudgedOutput = { name: 'late_probability', range: [0, 1], threshold: 0.5 }

/** Ten units spread over the whole range, so that a rising level takes some and leaves some. */
export const anyUnit = fc.integer({ min: 0, max: 9 }).map((tenth) => Math.floor((tenth / 10) * UNIT_LIMIT) + tenth)

const anyOutcome: fc.Arbitrary<PairedOutcome> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => ({ outputs: { late_probability: value } })),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY).map((value) => ({ outputs: { late_probability: value } })),
  fc.constantFrom('model_failed', 'deadline_exceeded', 'invalid_feature').map((failed) => ({ failed })),
)

const anyAt = fc.integer({ min: 0, max: 5 }).map((offset) => SUBJECT.since + offset)
const anyDuration = fc
  .option(fc.integer({ min: 1, max: 100 }), { nil: null })
  .map((milliseconds) =>
    milliseconds === null ? ({ known: false } as const) : ({ known: true, milliseconds } as const),
  )

export const anyPair: fc.Arbitrary<PairedObservation> = fc.record({
  unit: anyUnit,
  at: anyAt,
  canary: anyOutcome,
  stable: anyOutcome,
  latency: fc.record({ canary: anyDuration, stable: anyDuration }),
})

const anyLoss: fc.Arbitrary<PairedLoss> = fc.record({
  unit: anyUnit,
  at: anyAt,
  canary: fc.double({ min: 0, max: 1, noNaN: true }),
  stable: fc.double({ min: 0, max: 1, noNaN: true }),
})

export const builderOf = (pairs: readonly PairedObservation[] = [], outputs = [PROBABILITY]): EvidenceBuilder => {
  const builder = new EvidenceBuilder(SUBJECT, outputs, DEFAULT_JUDGEMENT.latency)
  for (const pair of pairs) builder.pair(pair)
  return builder
}

export const anyEvidence: fc.Arbitrary<Evidence> = fc
  .tuple(fc.array(anyPair, { maxLength: 12 }), fc.array(anyLoss, { maxLength: 4 }))
  .map(([pairs, losses]) => {
    const builder = builderOf(pairs)
    for (const loss of losses) builder.outcome(loss)
    return builder.toEvidence()
  })
