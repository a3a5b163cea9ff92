import { describe, expect, it } from 'vitest'
import { checkJudgement, DEFAULT_JUDGEMENT, type JudgementConfig } from '../../../src/core/judgement/config.ts'
import { faultOf } from '../../../src/core/judgement/counted-failures.ts'
import { type Evidence, emptyEvidence } from '../../../src/core/judgement/evidence.ts'
import type { PairedOutcome } from '../../../src/core/judgement/evidence-builder.ts'
import { judge } from '../../../src/core/judgement/judge.ts'
import type { Finding } from '../../../src/core/judgement/verdict.ts'
import type { UnitVotes } from '../../../src/core/judgement/votes.ts'
import fixture from '../../fixtures/judgement/e-values.json' with { type: 'json' }
import { builderOf, SUBJECT } from './arbitrary.ts'

const HOUR = 3_600_000
const LATER = SUBJECT.since + 2 * HOUR
const FAILED: PairedOutcome = { failed: 'model_failed' }

const votes = (values: readonly number[], at: number | readonly number[] = 0, level = 0): UnitVotes => ({
  level,
  units: values.map((_, index) => index),
  at: values.map((_, index) => (typeof at === 'number' ? at : at[index])),
  values,
})
const times = (count: number, value: number): number[] => new Array<number>(count).fill(value)
const evidenceOf = (part: Partial<Evidence>): Evidence => ({ ...emptyEvidence(SUBJECT), ...part })
/** 1,000 units that both versions answered alike. */
const CLEAN = evidenceOf({ decisions: votes(times(1_000, 0)) })

const find = (
  evidence: Evidence,
  test: Finding['test'],
  config: JudgementConfig = DEFAULT_JUDGEMENT,
  now = LATER,
): Finding => {
  const finding = judge(evidence, config, now).findings.find((one) => one.test === test)
  if (finding === undefined) throw new Error(`no finding of ${test}`)
  return finding
}

describe('a canary', () => {
  it('is being collected on until enough units were compared', () => {
    const few = evidenceOf({ decisions: votes(times(499, 0)) })
    expect(judge(few, DEFAULT_JUDGEMENT, LATER)).toMatchObject({
      verdict: 'collecting',
      readyToPromote: false,
      units: 499,
      reasons: ['499 of 500 units compared'],
    })
  })

  it('is healthy with enough units, and ready to promote once it has baked', () => {
    expect(judge(CLEAN, DEFAULT_JUDGEMENT, SUBJECT.since + HOUR - 1)).toMatchObject({
      verdict: 'healthy',
      readyToPromote: false,
      reasons: ['baked for 3599 of 3600 s'],
    })
    expect(judge(CLEAN, DEFAULT_JUDGEMENT, SUBJECT.since + HOUR)).toMatchObject({
      verdict: 'healthy',
      readyToPromote: true,
    })
  })

  it('is a breach after twelve units whom it alone failed, however young it is, and not after eleven', () => {
    const failing = (units: number) => evidenceOf({ failures: votes(times(units, 1)) })
    const young = SUBJECT.since + 5_000
    expect(judge(failing(11), DEFAULT_JUDGEMENT, young).verdict).toBe('collecting')
    expect(judge(failing(12), DEFAULT_JUDGEMENT, young)).toMatchObject({
      verdict: 'breach',
      readyToPromote: false,
      reasons: [
        expect.stringMatching(
          /^the canary fails where stable does not: 100\.00 %, at least .* \(canary model_failed 12\); e-value .*, threshold 250\.0$/,
        ),
      ],
    })
  })

  it('is not judged by what is too young to be settled', () => {
    const failing = evidenceOf({ failures: votes(times(20, 1), 10_000) })
    expect(judge(failing, DEFAULT_JUDGEMENT, SUBJECT.since + 11_999).verdict).toBe('collecting')
    expect(judge(failing, DEFAULT_JUDGEMENT, SUBJECT.since + 12_000).verdict).toBe('breach')
  })

  it('is not rolled back for failing as often as stable, or by one visitor who fails a million times', () => {
    const even = evidenceOf({ failures: votes([...times(200, 1), ...times(200, -1)]) })
    expect(find(even, 'failures').state).toBe('quiet')
    const builder = builderOf()
    for (let event = 0; event < 100_000; event++)
      builder.pair({
        unit: 5,
        at: SUBJECT.since + event,
        canary: FAILED,
        stable: { outputs: { late_probability: 0.5 } },
      })
    expect(find(builder.toEvidence(), 'failures')).toMatchObject({
      state: 'quiet',
      units: 1,
      counts: { 'canary model_failed': 1 },
    })
  })

  it('is rolled back for a fault that begins after a day in which both failed alike', () => {
    const clean = 400
    const sides = Array.from({ length: clean }, (_, index) => (index % 2 === 0 ? 1 : -1))
    const at = sides.map((_, index) => (index * 23 * HOUR) / clean)
    const late = evidenceOf({ failures: votes([...sides, ...times(24, 1)], [...at, ...times(24, 24 * HOUR)]) })
    const now = SUBJECT.since + 25 * HOUR
    expect(judge(late, DEFAULT_JUDGEMENT, now).verdict).toBe('breach')
    const never = { ...DEFAULT_JUDGEMENT, restartMilliseconds: 1_000 * HOUR }
    expect(judge(late, never, now).verdict).toBe('collecting')
  })

  it('may fail somewhat more often than stable while the excess is less than what is of interest', () => {
    const rare = evidenceOf({ decisions: votes(times(2_048, 0), 0, 4), failures: votes(times(20, 1)) })
    expect(find(rare, 'failures')).toMatchObject({ state: 'tolerated', tolerance: 0.001 })
    expect(find(rare, 'failures').estimate).toBeCloseTo(20 / (2_048 * 16), 12)
    expect(judge(rare, DEFAULT_JUDGEMENT, LATER)).toMatchObject({ verdict: 'healthy', readyToPromote: true })
  })

  it('in doubt is not promoted', () => {
    const doubtful = evidenceOf({ decisions: CLEAN.decisions, failures: votes(times(8, 1)) })
    const { verdict, readyToPromote, reasons } = judge(doubtful, DEFAULT_JUDGEMENT, LATER)
    expect([verdict, readyToPromote]).toEqual(['healthy', false])
    expect(reasons).toEqual([expect.stringContaining('in doubt: the canary fails where stable does not')])
  })

  it('pays for every level its sample has risen by', () => {
    const at = (level: number) => find(evidenceOf({ failures: votes(times(12, 1), 0, level) }), 'failures')
    expect(Math.exp(at(0).log_threshold)).toBeCloseTo(250, 9)
    expect(Math.exp(at(2).log_threshold)).toBeCloseTo(6_250, 9)
    expect([at(0).state, at(2).state]).toEqual(['breach', 'quiet'])
  })

  it('is said in JSON', () => {
    const verdict = judge(evidenceOf({ failures: votes(times(40, 2)) }), DEFAULT_JUDGEMENT, LATER)
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict)
  })
})

describe('what a new model is meant to do', () => {
  const shifted = (mean: number, units: number) =>
    evidenceOf({ outputs: { p: { shift: votes(times(units, mean)), constant: votes([]) } } })

  it('to answer otherwise is tolerated up to the tolerance, in either direction', () => {
    expect(find(shifted(100, 2_000), 'shift').state).toBe('quiet')
    const up = judge(shifted(300, 100), DEFAULT_JUDGEMENT, LATER).findings.filter(({ state }) => state === 'breach')
    expect(up).toMatchObject([{ test: 'shift', output: 'p', direction: 'up', estimate: expect.closeTo(0.3, 9) }])
    const down = judge(shifted(-300, 100), DEFAULT_JUDGEMENT, LATER).findings.filter(({ state }) => state === 'breach')
    expect(down).toMatchObject([{ test: 'shift', output: 'p', direction: 'down', estimate: expect.closeTo(0.3, 9) }])
  })

  it('to decide otherwise is tolerated up to a quarter of the units', () => {
    const changed = (share: number) =>
      evidenceOf({ decisions: votes(Array.from({ length: 1_000 }, (_, index) => ((index * 7) % 100 < share ? 1 : 0))) })
    expect(find(changed(25), 'decisions').state).toBe('quiet')
    expect(find(changed(40), 'decisions').state).toBe('breach')
  })

  it.each(fixture.cases.filter(({ name, lower_bound }) => name.startsWith('a shift') && lower_bound !== null))(
    'has the lower confidence bound of confseq: $name',
    ({ votes: worths, at, lower_bound }) => {
      const shift = votes(
        worths.map((worth) => Math.round(worth * 1_000)),
        at,
      )
      const evidence = evidenceOf({ outputs: { p: { shift, constant: votes([]) } } })
      const finding = find(evidence, 'shift', DEFAULT_JUDGEMENT, SUBJECT.since + 20 * HOUR)
      expect(finding.log_threshold).toBeCloseTo(fixture.log_threshold, 12)
      expect(Math.abs((finding.lower_bound ?? 0) - (lower_bound ?? 0))).toBeLessThan(1 / 4_096)
      expect(finding.lower_bound).toBeGreaterThan(finding.tolerance)
    },
  )

  it('to give one value is a breach after 100 units, unless any unit saw it move', () => {
    const constant = (values: readonly number[]) =>
      evidenceOf({ outputs: { p: { shift: votes([]), constant: votes(values) } } })
    expect(find(constant(times(99, 1)), 'constant').state).toBe('not measurable')
    expect(find(constant(times(110, 1)), 'constant').state).toBe('breach')
    const nearly = { ...constant([...times(200, 1), 0]), decisions: CLEAN.decisions }
    expect(find(nearly, 'constant').state).toBe('tolerated')
    expect(judge(nearly, DEFAULT_JUDGEMENT, LATER).readyToPromote).toBe(true)
  })
})

describe('outcomes and latency', () => {
  it('are not measurable where nothing, or too little, is known, and then decide nothing', () => {
    expect(find(CLEAN, 'outcomes').state).toBe('not measurable')
    const slow = (units: number) => evidenceOf({ latency: votes(times(units, 1)) })
    expect(find(slow(199), 'latency')).toMatchObject({ state: 'not measurable', units: 199 })
    expect(judge(slow(199), DEFAULT_JUDGEMENT, LATER).verdict).toBe('collecting')
    expect(find(slow(200), 'latency').state).toBe('breach')
  })

  it('of a canary that is slow on half of the units, or whose loss is just tolerated, are quiet', () => {
    const half = Array.from({ length: 1_000 }, (_, index) => index % 2)
    expect(find(evidenceOf({ latency: votes(half) }), 'latency').state).toBe('quiet')
    expect(find(evidenceOf({ outcomes: votes(times(1_000, 20)) }), 'outcomes').state).toBe('quiet')
    expect(find(evidenceOf({ outcomes: votes(times(1_000, 100)) }), 'outcomes').state).toBe('breach')
  })

  it('are reported only, where so configured', () => {
    const config: JudgementConfig = { ...DEFAULT_JUDGEMENT, reportOnly: ['latency'] }
    const slow = evidenceOf({ decisions: CLEAN.decisions, latency: votes(times(400, 1)) })
    expect(find(slow, 'latency', config).state).toBe('tolerated')
    expect(judge(slow, config, LATER)).toMatchObject({ verdict: 'healthy', readyToPromote: true })
  })
})

describe('the failures that count', () => {
  it('are the model’s and the runtime’s', () => {
    expect((['model_failed', 'model_unavailable', 'deadline_exceeded'] as const).map(faultOf)).not.toContain(null)
    expect(
      (['invalid_time', 'not_an_event', 'body_too_large', 'unauthorized', 'internal'] as const).map(faultOf),
    ).toEqual(times(5, 0).map(() => null))
  })
})

describe('a judgement’s configuration', () => {
  it('as shipped spends the whole budget and no more', () => {
    expect(() => checkJudgement(DEFAULT_JUDGEMENT)).not.toThrow()
    expect(Object.values(DEFAULT_JUDGEMENT.alphaShares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  it.each<[string, Partial<JudgementConfig>]>([
    ['alpha is 0, expected more than 0, below 1', { alpha: 0 }],
    ['alphaShares sum to 1.5', { alphaShares: { ...DEFAULT_JUDGEMENT.alphaShares, failures: 1 } }],
    ['decisions.toleratedShare is 1', { decisions: { toleratedShare: 1 } }],
    ['restartMilliseconds is 0', { restartMilliseconds: 0 }],
    ['shift.toleratedMean is NaN', { shift: { toleratedMean: Number.NaN } }],
  ])('is refused where %s', (message, change) => {
    expect(() => checkJudgement({ ...DEFAULT_JUDGEMENT, ...change })).toThrow(`judgement: ${message}`)
  })
})
