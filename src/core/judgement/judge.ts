/** Decides a canary from its evidence: collecting, healthy or a breach, with the numbers that say so. */
import type { JudgementConfig } from './config.ts'
import { FAULTS } from './counted-failures.ts'
import { EProcess } from './e-process.ts'
import type { Evidence } from './evidence.ts'
import { reasonOf } from './reason.ts'
import { type CanaryTest, testsOf } from './tests.ts'
import type { Finding, Verdict } from './verdict.ts'
import { thresholdOf } from './votes.ts'

/** The part of a test's alpha that is spent at a level of its sample: 0.8, 0.16, 0.032 …; together 1. */
const levelShare = (level: number): number => 0.8 * 0.2 ** level

/** Steps of bisection: a bound is told to 1 / 4,096 of the votes' range. */
const BOUND_STEPS = 12

interface SettledVote {
  readonly at: number
  readonly worth: number
  readonly value: number
}

/** By time, oldest first. */
const settled = ({ votes, worth }: CanaryTest, until: number): SettledVote[] =>
  votes.at
    .map((at, index) => ({ at, value: votes.values[index] as number }))
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at)
    .map(({ at, value }) => ({ at, value, worth: worth(value) }))

const logEValueOf = (
  votes: readonly SettledVote[],
  { lowest }: CanaryTest['bound'],
  tolerated: number,
  restart: number,
) => {
  const process = new EProcess({ lowest, tolerated }, restart)
  for (const { worth, at } of votes) process.add(worth, at)
  return process.logEValue
}

/** The least mean the votes do not rule out. The e-value falls as more is tolerated. */
const lowerBound = (
  votes: readonly SettledVote[],
  { bound }: CanaryTest,
  logThreshold: number,
  restart: number,
): number => {
  let ruledOut = bound.tolerated
  let possible = 1
  for (let step = 0; step < BOUND_STEPS; step++) {
    const middle = (ruledOut + possible) / 2
    if (logEValueOf(votes, bound, middle, restart) >= logThreshold) ruledOut = middle
    else possible = middle
  }
  return ruledOut
}

const countFaults = (votes: readonly SettledVote[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { value } of votes) {
    const key = `${value > 0 ? 'canary' : 'stable'} ${FAULTS[Math.abs(value) - 1] ?? 'failed'}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** Every unit that was compared, of the coarser of both samples, scaled up by its level. */
const unitsIn = ({ decisions, failures }: Evidence, until: number): number => {
  const level = Math.max(decisions.level, failures.level)
  const seen = new Set<number>()
  for (const { units, at } of [decisions, failures])
    for (const [index, unit] of units.entries())
      if (unit < thresholdOf(level) && (at[index] as number) <= until) seen.add(unit)
  return seen.size * 2 ** level
}

const findingOf = (test: CanaryTest, config: JudgementConfig, until: number, units: number): Finding => {
  const { name, output, direction, bound, tolerance, share, minimumUnits } = test
  const isFailures = name === 'failures'
  const { restartMilliseconds } = config
  const votes = settled(test, until)
  const sum = votes.reduce((total, { worth }) => total + worth, 0)
  // A failure's vote is cast only where the versions differ: all units that were compared are what it is a share of.
  const perMean = isFailures ? (votes.length * 2 ** test.votes.level) / Math.max(1, units) : 1
  const estimate = votes.length === 0 ? null : (sum / votes.length) * perMean
  const logThreshold = -Math.log(config.alpha * share * levelShare(test.votes.level))
  const logEValue = logEValueOf(votes, bound, bound.tolerated, restartMilliseconds)
  const beyondDoubt = logEValue >= logThreshold
  const state =
    votes.length < minimumUnits
      ? 'not measurable'
      : !beyondDoubt
        ? 'quiet'
        : (estimate ?? 0) < tolerance || config.reportOnly.includes(name)
          ? 'tolerated'
          : 'breach'
  return {
    test: name,
    output,
    direction,
    state,
    units: votes.length,
    estimate,
    tolerance,
    lower_bound: beyondDoubt ? lowerBound(votes, test, logThreshold, restartMilliseconds) * perMean : null,
    log_e_value: logEValue,
    log_threshold: logThreshold,
    counts: isFailures ? countFaults(votes) : {},
  }
}

const isDoubtful = ({ test, state, estimate, tolerance, log_e_value }: Finding, config: JudgementConfig): boolean =>
  state === 'quiet' &&
  !config.reportOnly.includes(test) &&
  (estimate ?? 0) >= tolerance &&
  log_e_value >= Math.log(config.doubtfulEValue)

/**
 * The verdict at `now`, epoch milliseconds. Over the whole life of a canary and any number of calls, the probability of a breach is at most
 * `config.alpha` while in every test each unit's vote has, given the votes before it, at most the tolerated mean: each test is an
 * `EProcess` with its own part of alpha (union bound), divided again among the levels its sample may reach. Of `failures` the null
 * hypothesis is that a unit in which the versions come to differ is as likely to see stable fail first; nothing is assumed of how a unit's
 * own events depend on each other, since it votes once. The first breach is the decision: it may not be seen again in later evidence.
 */
export const judge = (evidence: Evidence, config: JudgementConfig, now: number): Verdict => {
  const age = now - evidence.since
  const until = age - config.settleMilliseconds
  const units = unitsIn(evidence, until)
  const findings = testsOf(evidence, config).map((test) => findingOf(test, config, until, units))
  const breaches = findings.filter(({ state }) => state === 'breach')
  const doubtful = findings.filter((finding) => isDoubtful(finding, config))
  const missing = [
    ...(units < config.minimumUnits ? [`${units} of ${config.minimumUnits} units compared`] : []),
    ...(age < config.bakeMilliseconds
      ? [`baked for ${Math.floor(age / 1_000)} of ${Math.ceil(config.bakeMilliseconds / 1_000)} s`]
      : []),
    ...doubtful.map((finding) => `in doubt: ${reasonOf(finding)}`),
  ]
  if (breaches.length > 0)
    return { verdict: 'breach', readyToPromote: false, units, reasons: breaches.map(reasonOf), findings }
  return {
    verdict: units < config.minimumUnits ? 'collecting' : 'healthy',
    readyToPromote: missing.length === 0,
    units,
    reasons: missing.length === 0 ? [`${units} units compared, no test is a breach`] : missing,
    findings,
  }
}
