/** Simulated canaries: judged after every single vote, or on the whole way from isolates to verdict. */
import { DEFAULT_JUDGEMENT, type JudgementConfig } from '../src/core/judgement/config.ts'
import { EProcess } from '../src/core/judgement/e-process.ts'
import { type Evidence, type EvidenceSubject, emptyEvidence, mergeEvidence } from '../src/core/judgement/evidence.ts'
import { EvidenceBuilder, type PairedObservation, type PairedOutcome } from '../src/core/judgement/evidence-builder.ts'
import { judge } from '../src/core/judgement/judge.ts'
import type { JudgedOutput } from '../src/core/judgement/output-recorder.ts'
import { type CanaryTest, testsOf } from '../src/core/judgement/tests.ts'
import { type Fault, Stream, type Traffic } from './judgement-traffic.ts'
import type { Random } from './random.ts'

const SUBJECT: EvidenceSubject = { model: 'late-arrival', canary: '1.1.0', stable: '1.0.0', since: 0 }
/** The first has a shift, the second decides: each can be put at its own tolerance. */
const OUTPUTS: readonly JudgedOutput[] = [
  { name: 'level', range: [0, 1], threshold: null },
  { name: 'verdict', range: null, threshold: 0.5 },
]

export interface RunResult {
  /** The test that fired, or `null`. */
  readonly breach: string | null
  /** From the fault's begin to the breach. */
  readonly events: number
  readonly visitorsHit: number
}

const FAILED: PairedOutcome = { failed: 'model_failed' }

const observe = (
  random: Random,
  unit: number,
  at: number,
  canaryFailed: boolean,
  stableFailed: boolean,
  atTolerance: boolean,
): PairedObservation => {
  const level = 0.3 + 0.4 * random.fraction()
  const decides = random.chance(0.5) ? 1 : 0
  const { shift, decisions, latency } = DEFAULT_JUDGEMENT
  const moved = atTolerance ? level + shift.toleratedMean + 0.4 * (random.fraction() - 0.5) : level
  const changed = atTolerance && random.chance(decisions.toleratedShare)
  const slow = atTolerance && random.chance(latency.toleratedShare)
  return {
    unit,
    at,
    canary: canaryFailed ? FAILED : { outputs: { level: moved, verdict: changed ? 1 - decides : decides } },
    stable: stableFailed ? FAILED : { outputs: { level, verdict: decides } },
    latency: {
      canary: { known: true, milliseconds: slow ? 40 : 10 },
      stable: { known: true, milliseconds: 10 },
    },
  }
}

/** The tests of `judge`, brought up to date vote by vote; what a vote is comes from an `EvidenceBuilder`. */
class EveryVote {
  readonly #tests: readonly {
    readonly test: CanaryTest
    readonly process: EProcess
    readonly logThreshold: number
    readonly voted: Set<number>
  }[]
  readonly #config: JudgementConfig

  constructor(config: JudgementConfig) {
    this.#config = config
    this.#tests = testsOf(new EvidenceBuilder(SUBJECT, OUTPUTS, config.latency).toEvidence(), config)
      // A canary that moves even once is never constant.
      .filter(({ name }) => name !== 'constant')
      .map((test) => ({
        test,
        process: new EProcess(test.bound, config.restartMilliseconds),
        // The sample's first level; no run here has more units than are kept.
        logThreshold: -Math.log(config.alpha * test.share * 0.8),
        voted: new Set<number>(),
      }))
  }

  /** The test that is beyond doubt after this observation, or `null`. */
  observe(observation: PairedObservation): string | null {
    const builder = new EvidenceBuilder(SUBJECT, OUTPUTS, this.#config.latency)
    builder.pair(observation)
    const current = testsOf(builder.toEvidence(), this.#config).filter(({ name }) => name !== 'constant')
    for (const [index, { test, process, logThreshold, voted }] of this.#tests.entries()) {
      const { votes, worth } = current[index] as CanaryTest
      if (votes.units.length === 0 || voted.has(observation.unit)) continue
      voted.add(observation.unit)
      process.add(worth(votes.values[0] as number), votes.at[0] as number)
      if (process.logEValue >= logThreshold) return test.name
    }
    return null
  }
}

/**
 * One canary, looked at after every vote, with no minimum of units, time or effect: whatever is beyond doubt counts as a breach. With a
 * vote per event, what a judge would do that takes a visitor's events for independent.
 */
export const run = (
  seed: number,
  traffic: Traffic,
  fault: Fault | null,
  votesPer: 'unit' | 'event' = 'unit',
  config = DEFAULT_JUDGEMENT,
): RunResult => {
  const stream = new Stream(seed, traffic, fault)
  const everyVote = new EveryVote(config)
  const answered = new Set<number>()
  const differed = new Set<number>()
  const hitVisitors = new Set<number>()
  let events = 0
  for (let sent = 0; sent < stream.length; sent++) {
    const { visitor: from, at, canaryFailed, stableFailed, faulty, hit } = stream.next()
    if (faulty) events++
    if (hit) hitVisitors.add(from.unit)
    // Only a unit's first pair of answers and its first failure of one side are votes.
    const unit = votesPer === 'unit' ? from.unit : sent
    const bothAnswered = !canaryFailed && !stableFailed
    const voted = bothAnswered ? answered : differed
    if ((canaryFailed && stableFailed) || voted.has(unit)) continue
    voted.add(unit)
    const breach = everyVote.observe(observe(stream.random, unit, at, canaryFailed, stableFailed, traffic.atTolerance))
    if (breach !== null) return { breach, events, visitorsHit: hitVisitors.size }
  }
  return { breach: null, events, visitorsHit: hitVisitors.size }
}

const ISOLATES = 4
/** Of the deltas this share comes late, as when a call failed and is tried again. */
const LATE_SHARE = 0.02
const LATE_MILLISECONDS = 8_000

/**
 * The same on the whole way: several isolates bring their evidence once a second, some of it late, and `judge` looks once a second.
 * `events` are those from the fault's begin to the verdict.
 */
export const runWholeWay = (
  seed: number,
  traffic: Traffic,
  fault: Fault | null,
  config = DEFAULT_JUDGEMENT,
): RunResult => {
  const stream = new Stream(seed, traffic, fault)
  const { random } = stream
  const builders = Array.from({ length: ISOLATES }, () => new EvidenceBuilder(SUBJECT, OUTPUTS, config.latency))
  const underWay: { readonly arrives: number; readonly evidence: Evidence }[] = []
  const hitVisitors = new Set<number>()
  let known = emptyEvidence(SUBJECT)
  let events = 0
  let second = 0
  const look = (now: number): string | null => {
    for (const [index, builder] of builders.entries()) {
      if (builder.isEmpty) continue
      const late = random.chance(LATE_SHARE) ? LATE_MILLISECONDS : 0
      underWay.push({ arrives: now + late, evidence: builder.toEvidence() })
      builders[index] = new EvidenceBuilder(SUBJECT, OUTPUTS, config.latency)
    }
    for (let index = underWay.length - 1; index >= 0; index--) {
      const { arrives, evidence } = underWay[index] as (typeof underWay)[number]
      if (arrives > now) continue
      known = mergeEvidence(known, evidence)
      underWay.splice(index, 1)
    }
    const { findings } = judge(known, config, now)
    return findings.find(({ state }) => state === 'breach')?.test ?? null
  }
  for (let sent = 0; sent < stream.length; sent++) {
    const { visitor: from, at, canaryFailed, stableFailed, faulty, hit } = stream.next()
    while (second + 1_000 <= at) {
      second += 1_000
      const breach = look(second)
      if (breach !== null) return { breach, events, visitorsHit: hitVisitors.size }
    }
    if (faulty) events++
    if (hit) hitVisitors.add(from.unit)
    builders[random.below(ISOLATES)]?.pair(
      observe(random, from.unit, at, canaryFailed, stableFailed, traffic.atTolerance),
    )
  }
  return { breach: null, events, visitorsHit: hitVisitors.size }
}
