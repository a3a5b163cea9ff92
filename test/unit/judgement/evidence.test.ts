import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_JUDGEMENT } from '../../../src/core/judgement/config.ts'
import {
  type Evidence,
  emptyEvidence,
  MAX_JUDGED_OUTPUTS,
  mergeEvidence,
  VOTE_LIMITS,
} from '../../../src/core/judgement/evidence.ts'
import {
  EvidenceBuilder,
  type PairedObservation,
  type PairedOutcome,
} from '../../../src/core/judgement/evidence-builder.ts'
import { absoluteLoss, brierLoss } from '../../../src/core/judgement/output-recorder.ts'
import { readEvidence } from '../../../src/core/judgement/read-evidence.ts'
import { unitOf } from '../../../src/core/judgement/unit.ts'
import { UNIT_LIMIT } from '../../../src/core/judgement/votes.ts'
import format1 from '../../fixtures/judgement/evidence-format-1.json' with { type: 'json' }
import { anyEvidence, builderOf, SUBJECT } from './arbitrary.ts'

const answered = (value: number): PairedOutcome => ({ outputs: { late_probability: value } })
const pair = (unit: number, canary: PairedOutcome, stable: PairedOutcome, at = 0): PairedObservation => ({
  unit,
  at: SUBJECT.since + at,
  canary,
  stable,
})
const FAILED: PairedOutcome = { failed: 'model_failed' }

describe('merging evidence', () => {
  it('gives the same in any order and grouping, and a second time changes nothing', () => {
    fc.assert(
      fc.property(anyEvidence, anyEvidence, anyEvidence, (a, b, c) => {
        const whole = mergeEvidence(mergeEvidence(a, b), c)
        expect(mergeEvidence(a, mergeEvidence(b, c))).toEqual(whole)
        expect(mergeEvidence(mergeEvidence(c, a), b)).toEqual(whole)
        expect(mergeEvidence(whole, a)).toEqual(whole)
        expect(mergeEvidence(mergeEvidence(whole, whole), emptyEvidence(SUBJECT))).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses evidence of another canary, and of the same version begun anew', () => {
    const { ...other } = emptyEvidence({ ...SUBJECT, since: SUBJECT.since + 1 })
    expect(() => mergeEvidence(emptyEvidence(SUBJECT), other)).toThrow('cannot be merged with')
  })
})

describe('reading evidence', () => {
  it('gives back what a builder made, through JSON', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        expect(readEvidence(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence)
      }),
    )
  })

  it('accepts format 1 as it was first written, and drops what it does not know', () => {
    expect(readEvidence(format1)).toEqual(format1)
    expect(readEvidence({ ...format1, mood: 'good' })).toEqual(format1)
  })

  const { failures } = format1
  it.each([
    ['format is 7, expected 1', { format: 7 }],
    ['model is "", expected a text', { model: '' }],
    ['since (epoch ms) is -1', { since: -1 }],
    ['failures is undefined, expected an object', { failures: undefined }],
    ['failures.level is 53', { failures: { ...failures, level: 53 } }],
    [
      'failures.units[1] is 5, expected more than the unit before, 5',
      { failures: { level: 0, units: [5, 5], at: [0, 0], values: [1, 1] } },
    ],
    [
      'failures.units[0] is 2251799813685248',
      { failures: { level: 1, units: [UNIT_LIMIT / 2], at: [0], values: [1] } },
    ],
    ['the length of failures.at is 0, expected 1', { failures: { level: 0, units: [5], at: [], values: [1] } }],
    ['failures.values[0] is 0', { failures: { level: 0, units: [5], at: [0], values: [0] } }],
    ['failures.values[0] is 5', { failures: { level: 0, units: [5], at: [0], values: [5] } }],
    [
      'the number of units of latency is 1025, expected at most 1024',
      { latency: { level: 0, units: Array.from({ length: 1_025 }, (_, unit) => unit), at: [], values: [] } },
    ],
    ['the number of outputs is 5', { outputs: { a: 1, b: 1, c: 1, d: 1, e: 1 } }],
  ])('names what is wrong: %s', (message, change) => {
    expect(() => readEvidence({ ...format1, ...change })).toThrow(message)
  })

  it('stays under the 2 MB of a stored value with every vote taken', () => {
    const full = (limit: number, value: number) => ({
      level: 0,
      units: Array.from({ length: limit }, (_, index) => UNIT_LIMIT - limit + index),
      at: new Array<number>(limit).fill(30 * 86_400_000),
      values: new Array<number>(limit).fill(value),
    })
    const evidence: Evidence = {
      ...emptyEvidence(SUBJECT),
      failures: full(VOTE_LIMITS.failures, -1),
      decisions: full(VOTE_LIMITS.decisions, 1),
      outcomes: full(VOTE_LIMITS.outcomes, -1_000),
      latency: full(VOTE_LIMITS.latency, 1),
      outputs: Object.fromEntries(
        Array.from({ length: MAX_JUDGED_OUTPUTS }, (_, output) => [
          `output_${output}`,
          { shift: full(VOTE_LIMITS.shift, -1_000), constant: full(VOTE_LIMITS.constant, 1) },
        ]),
      ),
    }
    expect(readEvidence(evidence)).toEqual(evidence)
    expect(JSON.stringify(evidence).length).toBeLessThan(1_000_000)
  })
})

describe('a pair', () => {
  const failuresOf = (...pairs: PairedObservation[]): readonly number[] => builderOf(pairs).toEvidence().failures.values

  it('votes by the side that failed alone, and by the fault', () => {
    expect(failuresOf(pair(1, FAILED, answered(0.5)))).toEqual([1])
    expect(failuresOf(pair(1, answered(Number.NaN), answered(0.5)))).toEqual([4])
    expect(failuresOf(pair(1, answered(0.5), { failed: 'deadline_exceeded' }))).toEqual([-3])
  })

  it.each<[string, PairedOutcome, PairedOutcome]>([
    ['both fail', FAILED, answered(Number.NaN)],
    ['the caller’s input is bad', { failed: 'invalid_feature' }, { failed: 'invalid_feature' }],
    ['stable found the input bad', FAILED, { failed: 'invalid_time' }],
    ['an error is our own', { failed: 'internal' }, answered(0.5)],
  ])('votes for nothing where %s', (_, canary, stable) => {
    const builder = builderOf([pair(1, canary, stable)])
    expect(builder.toEvidence()).toEqual({ ...emptyEvidence(SUBJECT), outputs: builderOf().toEvidence().outputs })
    expect(builder.isEmpty).toBe(true)
  })

  it('counts a visitor’s first failure of one side however many follow, and however many good answers went before', () => {
    const good = Array.from({ length: 50 }, (_, at) => pair(9, answered(0.5), answered(0.5), at))
    const bad = Array.from({ length: 50 }, (_, at) => pair(9, FAILED, answered(0.5), 50 + at))
    const { failures, decisions } = builderOf([...good, ...bad, pair(9, answered(0.5), FAILED, 100)]).toEvidence()
    expect(failures).toEqual({ level: 0, units: [9], at: [50], values: [1] })
    expect(decisions).toEqual({ level: 0, units: [9], at: [0], values: [0] })
  })

  it('tells how far the answers lie apart, in thousandths of the output’s range, and whether the decision changes', () => {
    const { outputs, decisions } = builderOf([
      pair(1, answered(0.61), answered(0.4)),
      pair(2, answered(0.1), answered(0.4)),
    ]).toEvidence()
    expect(outputs.late_probability.shift.values).toEqual([210, -300])
    expect(decisions.values).toEqual([1, 0])
  })

  it('reads a distribution by its expected and its likeliest label', () => {
    const distribution = (...probabilities: number[]): PairedOutcome => ({ outputs: { days: { probabilities } } })
    const { outputs, decisions } = builderOf(
      [pair(1, distribution(0, 0.4, 0.6), distribution(0.6, 0.4, 0))],
      [{ name: 'days', range: null, threshold: null }],
    ).toEvidence()
    expect(outputs.days.shift.values).toEqual([600])
    expect(decisions.values).toEqual([1])
  })

  it('judges no shift of a value without a range, and no decision without a threshold', () => {
    const output = { name: 'late_probability', range: null, threshold: null }
    const { outputs, decisions } = builderOf([pair(1, answered(70), answered(-3))], [output]).toEvidence()
    expect(outputs.late_probability.shift.values).toEqual([])
    expect(decisions.values).toEqual([0])
  })

  it('tells where the canary stands still while stable moves, and says nothing within one visitor', () => {
    const { outputs } = builderOf([
      pair(1, answered(0.5), answered(0.2)),
      pair(2, answered(0.5), answered(0.4)),
      pair(2, answered(0.5), answered(0.9)),
      pair(3, answered(0.7), answered(0.1)),
      pair(4, answered(0.7), answered(0.1)),
    ]).toEvidence()
    expect(outputs.late_probability.constant).toMatchObject({ units: [2, 3], values: [1, 0] })
  })

  it('uses only durations that are both known', () => {
    const took = (canary: number | null, stable: number | null) => {
      const duration = (milliseconds: number | null) =>
        milliseconds === null ? ({ known: false } as const) : ({ known: true, milliseconds } as const)
      const latency = { canary: duration(canary), stable: duration(stable) }
      return builderOf([{ ...pair(1, answered(0.5), answered(0.5)), latency }]).toEvidence().latency.values
    }
    expect(took(null, 5)).toEqual([])
    expect(took(80, null)).toEqual([])
    expect(took(30, 12)).toEqual([1])
    // Thrice as long, but only 4 ms longer; 40 ms longer, but less than twice as long.
    expect(took(6, 2)).toEqual([0])
    expect(took(140, 100)).toEqual([0])
  })

  it('of an isolate whose clock is behind the canary’s begin counts as at its begin', () => {
    expect(builderOf([pair(1, FAILED, answered(0.5), -300)]).toEvidence().failures.at).toEqual([0])
  })
})

describe('an outcome', () => {
  it('votes by the difference of the losses, once per unit', () => {
    const builder = new EvidenceBuilder(SUBJECT, [], DEFAULT_JUDGEMENT.latency)
    const loss = { unit: 3, at: SUBJECT.since + 9, canary: brierLoss(0.9, false), stable: brierLoss(0.5, false) }
    builder.outcome(loss)
    builder.outcome({ ...loss, at: loss.at + 1, canary: 0 })
    expect(builder.toEvidence().outcomes).toEqual({ level: 0, units: [3], at: [9], values: [560] })
    expect(() => builder.outcome({ ...loss, stable: 1.2 })).toThrow('a loss is 1.2, expected a number from 0 to 1')
  })

  it('of a value is its distance as a share of the range', () => {
    expect(absoluteLoss(30, 10, [0, 100])).toBeCloseTo(0.2, 12)
    expect(absoluteLoss(300, 10, [0, 100])).toBeCloseTo(0.9, 12)
  })
})

describe('a unit', () => {
  it('is a number below 2^52, spread evenly, that another seed makes another', () => {
    const units = Array.from({ length: 20_000 }, (_, index) => unitOf(`visitor-${index}`, 99))
    const halves = units.filter((unit) => unit < UNIT_LIMIT / 2).length
    expect(new Set(units).size).toBe(units.length)
    expect(Math.abs(halves - 10_000)).toBeLessThan(300)
    expect(units.every((unit) => Number.isInteger(unit) && unit >= 0 && unit < UNIT_LIMIT)).toBe(true)
    expect(unitOf('visitor-0', 98)).not.toBe(units[0])
  })
})
