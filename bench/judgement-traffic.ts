/** The traffic of a simulated canary: visitors, how they come to fail, and their events in order; drawn by a seed. */
import { UNIT_LIMIT } from '../src/core/judgement/votes.ts'
import { type Random, seededRandom } from './random.ts'

/** How visitors come to fail. Of every kind a visitor's two probabilities have the same law, so no version is the worse one. */
export type FailureKind =
  /** Every event alike. */
  | 'even'
  /** A visitor's probability is drawn from a beta distribution and common to both versions. */
  | 'clustered, common to both'
  /** Each version draws its own for each visitor, so that a visitor who meets a failure of one version meets more of it. */
  | 'clustered, own to each'
  /** A visitor fails always or never, by each version's own lot. */
  | 'always or never'

export interface Traffic {
  readonly failures: FailureKind
  /** Mean probability that an event fails, by each version. */
  readonly failureShare: number
  /** Mean events per visitor: visitors have 1 to 2 n − 1, or where `null` 1 to 100, log-uniform. */
  readonly eventsPerVisitor: number | null
  readonly visitors: number
  /** A visitor who sends half of all events: fails always by the canary, or by the lot of `failures`. */
  readonly hostile: 'none' | 'as others' | 'always fails by the canary'
  readonly secondsBetweenEvents: number
  /** The share rises in the middle: until then only a quarter of the visitors are the canary's. */
  readonly shareRises: boolean
  /** Answers as different as is just tolerated, else equal. */
  readonly atTolerance: boolean
}

/** What the canary additionally fails. */
export interface Fault {
  readonly kind: 'share of events' | 'share of visitors'
  readonly share: number
  /** Part of the run's events that pass before it begins. */
  readonly after: number
}

/** Gamma(shape), shape < 1 or more. Source: G. Marsaglia and W. W. Tsang, ACM TOMS 26, 2000. */
const gamma = (random: Random, shape: number): number => {
  if (shape < 1) return gamma(random, shape + 1) * random.fraction() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
    const cube = (1 + c * normal) ** 3
    if (cube > 0 && Math.log(1 - random.fraction()) < 0.5 * normal * normal + d - d * cube + d * Math.log(cube))
      return d * cube
  }
}

const beta = (random: Random, a: number, b: number): number => {
  const x = gamma(random, a)
  return x / (x + gamma(random, b))
}

export interface Visitor {
  readonly unit: number
  readonly canaryFails: number
  readonly stableFails: number
  readonly isHit: boolean
}

/** Heavily clustered: most visitors hardly ever fail, some nearly always. */
const CLUSTERING = 0.2

const visitor = (random: Random, { failures, failureShare: share }: Traffic, fault: Fault | null): Visitor => {
  const draw = (): number => {
    if (failures === 'even') return share
    if (failures === 'always or never') return random.chance(share) ? 1 : 0
    return beta(random, CLUSTERING * share, CLUSTERING * (1 - share))
  }
  const canaryFails = draw()
  return {
    unit: Math.floor(random.fraction() * UNIT_LIMIT),
    canaryFails,
    stableFails: failures === 'clustered, common to both' ? canaryFails : draw(),
    isHit: fault?.kind === 'share of visitors' && random.chance(fault.share),
  }
}

const eventsOf = (random: Random, mean: number | null): number =>
  mean === null ? Math.floor(Math.exp(random.fraction() * Math.log(101))) : 1 + random.below(2 * mean - 1)

/** A run's events in order, without end. */
export class Stream {
  readonly #traffic: Traffic
  readonly #fault: Fault | null
  readonly #hostile: Visitor
  readonly #random: Random
  readonly #visitors: Visitor[] = []
  readonly #owners: number[] = []
  #sent = 0
  readonly length: number
  readonly #rampedAt: number
  readonly #faultFrom: number

  constructor(seed: number, traffic: Traffic, fault: Fault | null) {
    this.#traffic = traffic
    this.#fault = fault
    this.#random = seededRandom(seed)
    for (let index = 0; index < traffic.visitors; index++) {
      this.#visitors.push(visitor(this.#random, traffic, fault))
      for (let event = eventsOf(this.#random, traffic.eventsPerVisitor); event > 0; event--) this.#owners.push(index)
    }
    this.length = this.#owners.length * (traffic.hostile === 'none' ? 1 : 2)
    this.#rampedAt = traffic.shareRises ? this.length / 2 : 0
    this.#faultFrom = fault === null ? Number.POSITIVE_INFINITY : fault.after * this.length
    const hostile = visitor(this.#random, traffic, null)
    this.#hostile =
      traffic.hostile === 'always fails by the canary' ? { ...hostile, canaryFails: 1, stableFails: 0 } : hostile
  }

  get random(): Random {
    return this.#random
  }

  next(): {
    visitor: Visitor
    at: number
    canaryFailed: boolean
    stableFailed: boolean
    faulty: boolean
    hit: boolean
  } {
    const random = this.#random
    const traffic = this.#traffic
    const fault = this.#fault
    const sent = this.#sent++
    const owners = sent < this.#rampedAt ? Math.ceil(this.#owners.length / 4) : this.#owners.length
    const isHostile = traffic.hostile !== 'none' && random.chance(0.5)
    const from = isHostile ? this.#hostile : (this.#visitors[this.#owners[random.below(owners)] as number] as Visitor)
    const faulty = sent >= this.#faultFrom
    const hit = faulty && (fault?.kind === 'share of events' ? random.chance(fault.share) : from.isHit)
    return {
      visitor: from,
      at: Math.round(sent * traffic.secondsBetweenEvents * 1_000),
      canaryFailed: hit || random.chance(from.canaryFails),
      stableFailed: random.chance(from.stableFails),
      faulty,
      hit,
    }
  }
}

const FAILURE_KINDS: readonly FailureKind[] = [
  'even',
  'clustered, common to both',
  'clustered, own to each',
  'always or never',
]
const HOSTILE = ['none', 'as others', 'always fails by the canary'] as const
const EVENTS_PER_VISITOR = [1, 5, 25, 100, null] as const
/** A minute, an hour and days. */
const SECONDS_BETWEEN_EVENTS = [0.02, 1, 15] as const

/** Traffic without a fault: every combination in turn, 720 of them. */
export const nullTraffic = (index: number): Traffic => {
  let rest = index
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[rest % from.length] as T
    rest = Math.floor(rest / from.length)
    return picked
  }
  const failures = pick(FAILURE_KINDS)
  const atTolerance = pick([true, false])
  const hostile = pick(HOSTILE)
  const eventsPerVisitor = pick(EVENTS_PER_VISITOR)
  return {
    failures,
    // Enough that visitors of one event come to differ too.
    failureShare: eventsPerVisitor === 1 ? 0.2 : 0.05,
    eventsPerVisitor,
    visitors: eventsPerVisitor === 100 ? 300 : 800,
    hostile,
    secondsBetweenEvents: pick(SECONDS_BETWEEN_EVENTS),
    shareRises: pick([true, false]),
    atTolerance,
  }
}
