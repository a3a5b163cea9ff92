/** Evidence that a mean is greater than tolerated, as the wealth of a gambler who bets against it: valid however often it is looked at. */

/** Shares of the greatest bet that cannot lose all. Small ones find small effects in many votes, great ones a blatant fault in a dozen. */
const BETS = [0.98, 0.75, 0.5, 0.35, 0.25, 0.18, 0.125, 0.09, 0.0625, 0.045, 0.03125, 0.022, 0.0156, 0.011]
/** What is staked on each: the blatant fault most, so that it is found soonest. */
const STAKES = BETS.map((_, index) => 0.8 ** index)
const STAKED = STAKES.reduce((sum, stake) => sum + stake, 0)
const LOG_STAKES = STAKES.map((stake) => Math.log(stake / STAKED))
/** The wealth that bets from the first vote on; the other half is divided among the later starts. */
const FROM_THE_FIRST = 0.5

const logSum = (a: number, b: number): number => {
  const greater = Math.max(a, b)
  return greater === Number.NEGATIVE_INFINITY
    ? greater
    : greater + Math.log(Math.exp(a - greater) + Math.exp(b - greater))
}

export interface Bound {
  /** The least a vote can be. */
  readonly lowest: number
  /** The greatest mean that is tolerated; more than `lowest`. */
  readonly tolerated: number
}

/**
 * An e-process for "each vote's mean, given those before it, is at most `tolerated`": while that is true, the probability that the e-value
 * ever reaches x is at most 1 / x (Ville, 1939). It is
 *
 *   E = Σ_b c_b [ 1/2 · K_b(0) + 1/2 · Σ_k w_k K_b(k) ],   K_b(k) = Π over votes since k · restart of 1 + λ_b (x − tolerated),
 *
 * λ_b = BETS[b] / (tolerated − lowest), w_k = 1 / (k (k + 1)), K_b(k) = 1 until its start. Every bet is fixed beforehand, so votes of equal
 * time may come in any order. The later starts keep a fault that begins after a long clean time from having to win back what was lost
 * until then. Sources: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024 (capital
 * process, mixture over bets); H. Robbins, Annals of Mathematical Statistics 41, 1970 (mixture); J. Shin, A. Ramdas and A. Rinaldo,
 * "E-detectors", 2024 (starts).
 */
export class EProcess {
  /** log K_b(0), and log Σ_k w_k / K_b(0) as it was at start k. */
  readonly #logWealth = new Float64Array(BETS.length)
  readonly #logStarts = new Float64Array(BETS.length).fill(Number.NEGATIVE_INFINITY)
  readonly #logFactors = new Map<number, Float64Array>()
  readonly #bound: Bound
  readonly #restartMilliseconds: number
  #started = 0

  constructor(bound: Bound, restartMilliseconds: number) {
    this.#bound = bound
    this.#restartMilliseconds = restartMilliseconds
  }

  /** `at` in milliseconds. Votes come by time; among those between two restarts any order will do. */
  add(vote: number, at: number): void {
    this.#start(Math.floor(at / this.#restartMilliseconds))
    const factors = this.#logFactors.get(vote) ?? this.#addFactors(vote)
    for (let bet = 0; bet < BETS.length; bet++)
      this.#logWealth[bet] = (this.#logWealth[bet] as number) + (factors[bet] as number)
  }

  /** Natural logarithm of the e-value. */
  get logEValue(): number {
    let sum = Math.log((1 - FROM_THE_FIRST) / (this.#started + 1))
    for (let bet = 0; bet < BETS.length; bet++) {
      const starts = logSum(Math.log(FROM_THE_FIRST), Math.log(1 - FROM_THE_FIRST) + (this.#logStarts[bet] as number))
      sum = logSum(sum, (LOG_STAKES[bet] as number) + (this.#logWealth[bet] as number) + starts)
    }
    return sum
  }

  /** The starts up to the `last`; those between two votes are one. Σ w_k from k to l is 1/k − 1/(l + 1). */
  #start(last: number): void {
    if (last <= this.#started) return
    const logWeight = Math.log(1 / (this.#started + 1) - 1 / (last + 1))
    for (let bet = 0; bet < BETS.length; bet++)
      this.#logStarts[bet] = logSum(this.#logStarts[bet] as number, logWeight - (this.#logWealth[bet] as number))
    this.#started = last
  }

  #addFactors(vote: number): Float64Array {
    const { lowest, tolerated } = this.#bound
    const factors = Float64Array.from(BETS, (bet) => Math.log1p((bet * (vote - tolerated)) / (tolerated - lowest)))
    this.#logFactors.set(vote, factors)
    return factors
  }
}
