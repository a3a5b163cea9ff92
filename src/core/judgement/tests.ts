/** The tests a canary is put to: which votes each reads, what it tolerates and which part of the error budget it may spend. */
import type { AlphaShares, JudgementConfig } from './config.ts'
import type { Bound } from './e-process.ts'
import { type Evidence, VOTE_SCALE } from './evidence.ts'
import type { UnitVotes } from './votes.ts'

export type TestName = keyof AlphaShares

export interface CanaryTest {
  readonly name: TestName
  readonly output: string | null
  /** Which way the canary would be worse; `null` where there is only one. */
  readonly direction: 'up' | 'down' | null
  readonly votes: UnitVotes
  /** The number a vote is worth in the bet. */
  readonly worth: (value: number) => number
  /** What the e-process is against. */
  readonly bound: Bound
  /** A breach needs an estimate of at least this as well: the effect of interest. */
  readonly tolerance: number
  /** Part of alpha. */
  readonly share: number
  /** Fewer settled votes: not measurable. */
  readonly minimumUnits: number
}

/** Values are rounded to whole thousandths: half a step more is tolerated, so that rounding never makes a breach. */
const HALF_STEP = 0.5 / VOTE_SCALE
/** A breach needs more than this to be beyond doubt, which takes about 100 units, and no unit of the sample that saw the canary move. */
const CONSTANT_SHARE = 0.9

const thousandths = (value: number): number => value / VOTE_SCALE
const asIs = (value: number): number => value

export const testsOf = (evidence: Evidence, config: JudgementConfig): CanaryTest[] => {
  const { alphaShares } = config
  const outputs = Object.entries(evidence.outputs)
  const whole = { output: null, direction: null }
  return [
    {
      ...whole,
      name: 'failures',
      votes: evidence.failures,
      worth: Math.sign,
      bound: { lowest: -1, tolerated: 0 },
      tolerance: config.failures.toleratedExcess,
      share: alphaShares.failures,
      minimumUnits: 0,
    },
    {
      ...whole,
      name: 'decisions',
      votes: evidence.decisions,
      worth: asIs,
      bound: { lowest: 0, tolerated: config.decisions.toleratedShare },
      tolerance: config.decisions.toleratedShare,
      share: alphaShares.decisions,
      minimumUnits: 0,
    },
    {
      ...whole,
      name: 'outcomes',
      votes: evidence.outcomes,
      worth: thousandths,
      bound: { lowest: -1, tolerated: config.outcomes.toleratedMean + HALF_STEP },
      tolerance: config.outcomes.toleratedMean,
      share: alphaShares.outcomes,
      minimumUnits: 1,
    },
    {
      ...whole,
      name: 'latency',
      votes: evidence.latency,
      worth: asIs,
      bound: { lowest: 0, tolerated: config.latency.toleratedShare },
      tolerance: config.latency.toleratedShare,
      share: alphaShares.latency,
      minimumUnits: Math.max(1, config.latency.minimumUnits),
    },
    ...outputs.flatMap(([output, { shift, constant }]): CanaryTest[] => [
      ...(['up', 'down'] as const).map(
        (direction): CanaryTest => ({
          name: 'shift',
          output,
          direction,
          votes: shift,
          worth: direction === 'up' ? thousandths : (value) => -thousandths(value),
          bound: { lowest: -1, tolerated: config.shift.toleratedMean + HALF_STEP },
          tolerance: config.shift.toleratedMean,
          share: alphaShares.shift / outputs.length / 2,
          minimumUnits: 1,
        }),
      ),
      {
        name: 'constant',
        output,
        direction: null,
        votes: constant,
        worth: asIs,
        bound: { lowest: 0, tolerated: CONSTANT_SHARE },
        tolerance: 1,
        share: alphaShares.constant / outputs.length,
        minimumUnits: Math.max(1, config.constant.minimumUnits),
      },
    ]),
  ]
}
