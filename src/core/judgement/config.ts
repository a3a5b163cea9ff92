/** How a canary is judged: error budget, tolerances and guard rails. */

/** Every test's part of `alpha`; together at most 1, so that the union bound holds. */
export interface AlphaShares {
  readonly failures: number
  /** Divided among the judged outputs and both directions. */
  readonly shift: number
  readonly decisions: number
  readonly outcomes: number
  readonly latency: number
  /** Divided among the judged outputs. */
  readonly constant: number
}

export interface JudgementConfig {
  /** Greatest probability that a canary no worse than the tolerances is ever judged a breach, however often one looks. In (0, 1). */
  readonly alpha: number
  readonly alphaShares: AlphaShares
  /** Units that must have been compared before a canary is called healthy. A breach waits for none. */
  readonly minimumUnits: number
  /** From the start of the canary to the earliest moment it is ready to promote. */
  readonly bakeMilliseconds: number
  /** While a test's e-value is at least this, the canary is not ready to promote. From 1. */
  readonly doubtfulEValue: number
  /** Observations younger than this are not judged yet: what another isolate saw earlier has arrived by then. */
  readonly settleMilliseconds: number
  /** How often a new start is added to the mixture: what makes a fault noticed that begins after a long clean time. */
  readonly restartMilliseconds: number
  readonly failures: {
    /** The effect of interest: in how many more units, as a share of all, the canary must fail first than stable does. In [0, 1). */
    readonly toleratedExcess: number
  }
  readonly shift: {
    /** Mean of canary − stable over units, as a share of the output's range, in either direction. In [0, 1). */
    readonly toleratedMean: number
  }
  readonly decisions: {
    /** Share of units whose decision the canary changes. In (0, 1). */
    readonly toleratedShare: number
  }
  readonly outcomes: {
    /** Mean of the canary's loss − stable's, losses in [0, 1]. In [0, 1). */
    readonly toleratedMean: number
  }
  readonly latency: {
    /** The canary is slow on an event when it takes more than `slowFactor` times as long as stable and `slowMilliseconds` longer. */
    readonly slowFactor: number
    readonly slowMilliseconds: number
    /** Share of units on which it may be slow. In (0, 1). */
    readonly toleratedShare: number
    /** Fewer units with both durations known: not measurable. */
    readonly minimumUnits: number
  }
  readonly constant: {
    /** Units over which the canary gives one value while stable's varies. */
    readonly minimumUnits: number
  }
  /** Tests that are reported and never roll back. */
  readonly reportOnly: readonly (keyof AlphaShares)[]
}

/** A failure weighs most: half of the budget. The tolerances allow what a better model is meant to do: answer differently. */
export const DEFAULT_JUDGEMENT: JudgementConfig = {
  alpha: 0.01,
  alphaShares: { failures: 0.5, shift: 0.15, decisions: 0.1, outcomes: 0.1, latency: 0.1, constant: 0.05 },
  minimumUnits: 500,
  bakeMilliseconds: 3_600_000,
  doubtfulEValue: 10,
  settleMilliseconds: 2_000,
  restartMilliseconds: 3_600_000,
  failures: { toleratedExcess: 0.001 },
  shift: { toleratedMean: 0.1 },
  decisions: { toleratedShare: 0.25 },
  outcomes: { toleratedMean: 0.02 },
  latency: { slowFactor: 2, slowMilliseconds: 10, toleratedShare: 0.5, minimumUnits: 200 },
  constant: { minimumUnits: 100 },
  reportOnly: [],
}

/** Throws a `RangeError` that names what is out of range: a budget that is overspent, a tolerance that no vote could exceed. */
export const checkJudgement = (config: JudgementConfig): void => {
  const inside = (name: string, value: number, least: number, below: number, open = false): void => {
    if (!(value >= least && value < below) || (open && value === least))
      throw new RangeError(
        `judgement: ${name} is ${value}, expected ${open ? 'more than' : 'at least'} ${least}, below ${below}`,
      )
  }
  inside('alpha', config.alpha, 0, 1, true)
  for (const [test, share] of Object.entries(config.alphaShares))
    inside(`alphaShares.${test}`, share, 0, 1 + Number.EPSILON, true)
  const spent = Object.values(config.alphaShares).reduce((sum, share) => sum + share, 0)
  if (spent > 1 + 1e-9) throw new RangeError(`judgement: alphaShares sum to ${spent}, expected at most 1`)
  inside('failures.toleratedExcess', config.failures.toleratedExcess, 0, 1)
  inside('shift.toleratedMean', config.shift.toleratedMean, 0, 0.999)
  inside('decisions.toleratedShare', config.decisions.toleratedShare, 0, 1, true)
  inside('outcomes.toleratedMean', config.outcomes.toleratedMean, 0, 0.999)
  inside('latency.toleratedShare', config.latency.toleratedShare, 0, 1, true)
  inside('latency.slowFactor', config.latency.slowFactor, 1, Number.POSITIVE_INFINITY)
  inside('latency.slowMilliseconds', config.latency.slowMilliseconds, 0, Number.POSITIVE_INFINITY)
  inside('doubtfulEValue', config.doubtfulEValue, 1, Number.POSITIVE_INFINITY)
  inside('settleMilliseconds', config.settleMilliseconds, 0, Number.POSITIVE_INFINITY)
  inside('bakeMilliseconds', config.bakeMilliseconds, 0, Number.POSITIVE_INFINITY)
  inside('restartMilliseconds', config.restartMilliseconds, 0, Number.POSITIVE_INFINITY, true)
}
