/** A shop's traffic, made up: visitors with their own hours, and what is wrong with some of them. The same plan, the same requests. */
import { shopGeography } from '../delivery/orders.ts'
import type { Shipment } from '../delivery/transit.ts'
import type { Place } from '../places.ts'
import { seededRandom } from '../random.ts'
import { FAULT_KINDS, type FaultName, type FaultShares } from './fault-kinds.ts'
import { BOTS, BROWSERS } from './user-agents.ts'
import { zoneRhythm } from './zone-rhythm.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The next event comes from a visitor who is there already. */
const RETURN_SHARE = 0.6
/** Visitors who are there at once; a new one takes the place of another. */
const VISITORS = 400
/** Points at which the rhythm of a run is looked at, for its mean. */
const MEAN_POINTS = 500

export interface TrafficPlan {
  readonly places: readonly Place[]
  readonly seed: number
  /** Requests a second, the mean of the whole run. */
  readonly rate: number
  readonly seconds: number
  /** What the visitors' clocks show when it begins, epoch milliseconds, and how many of their seconds are one of the run. */
  readonly startsAt: number
  readonly speed: number
  readonly shares: FaultShares
}

export interface PlannedRequest {
  /** After the beginning of the run. */
  readonly atMilliseconds: number
  readonly body: string
  readonly userAgent: string
  readonly fault: FaultName | null
  /** What is shipped if it becomes an order: the truth of its delivery follows from it. `null` where time or zip are not told. */
  readonly shipment: Shipment | null
  /** A throw of the dice in [0, 1), for what becomes of it. */
  readonly chance: number
}

interface Visitor {
  readonly id: string
  readonly to: Place
  readonly from: Place
  readonly userAgent: string
  readonly isBot: boolean
}

type Random = () => number

/** From `least` to `most`, small ones as likely as large ones by their logarithm. */
const spread = (random: Random, least: number, most: number): number => Math.round(least * (most / least) ** random())

const sign = (random: Random): number => (random() < 0.5 ? -1 : 1)

const hex = (random: Random): string =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')

const pickFrom = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)]

/** Faults of a single event; being a bot is a visitor's. */
const EVENT_FAULTS = FAULT_KINDS.map(({ name }) => name).filter((name) => name !== 'bots')

const faultOf = (shares: FaultShares, chance: number): FaultName | null => {
  let bound = 0
  for (const name of EVENT_FAULTS) {
    bound += shares[name]
    if (chance < bound) return name
  }
  return null
}

/** When it happened by what the event says, and when it was sent where that is said. */
const times = (
  fault: FaultName | null,
  now: number,
  random: Random,
): { createdDateTime?: number; sent_at?: number } => {
  switch (fault) {
    case 'wrong-clocks': {
      const createdDateTime = now + sign(random) * spread(random, 10 * MINUTE, 3 * DAY)
      return { createdDateTime, sent_at: createdDateTime + spread(random, 50, 5 * SECOND) }
    }
    case 'past':
      return { createdDateTime: now - spread(random, DAY, 90 * DAY) }
    case 'future':
      return { createdDateTime: now + spread(random, HOUR, 30 * DAY) }
    case 'no-time':
      return {}
    default:
      return { createdDateTime: now }
  }
}

/** Always shorter than it was, so that it never parses: a body is one object. */
const cutOff = (body: string, random: Random): string => body.slice(0, 1 + Math.floor(random() * (body.length - 1)))

/** The requests in the order they are due; the last one is due before `seconds` are over. */
export function* makeTraffic(plan: TrafficPlan): Generator<PlannedRequest, void, undefined> {
  const { places, seed, rate, seconds, startsAt, speed, shares } = plan
  const random = seededRandom(seed)
  const geography = shopGeography(places)
  const rhythm = zoneRhythm(places)
  const visitors: Visitor[] = []
  const run = hex(random)
  const clockAt = (atMilliseconds: number): number => Math.floor(startsAt + atMilliseconds * speed)
  const mean =
    Array.from({ length: MEAN_POINTS }, (_, point) =>
      rhythm.weightAt(clockAt(((point + 0.5) / MEAN_POINTS) * seconds * SECOND)),
    ).reduce((sum, weight) => sum + weight, 0) / MEAN_POINTS

  const newVisitor = (now: number): Visitor => {
    const to = rhythm.placeAt(now, random(), random())
    const from = geography.warehouse(to, random(), random())
    const isBot = random() < shares.bots
    return {
      id: `s-${hex(random)}${hex(random)}`,
      to,
      from,
      userAgent: pickFrom(isBot ? BOTS : BROWSERS, random),
      isBot,
    }
  }
  const nextVisitor = (now: number): Visitor => {
    if (visitors.length > 0 && random() < RETURN_SHARE) return pickFrom(visitors, random)
    const visitor = newVisitor(now)
    if (visitors.length < VISITORS) visitors.push(visitor)
    else visitors[Math.floor(random() * VISITORS)] = visitor
    return visitor
  }

  let at = 0
  for (let number = 0; ; number++) {
    // Arrivals of a Poisson process whose rate follows the rhythm.
    at += (-Math.log(1 - random()) * SECOND * mean) / (rate * rhythm.weightAt(clockAt(at)))
    if (at >= seconds * SECOND) return
    const now = clockAt(at)
    const { id, to, from, userAgent, isBot } = nextVisitor(now)
    const fault = faultOf(shares, random())
    const stated = times(fault, now, random)
    const body = JSON.stringify({
      event_id: `${run}-${number}`,
      ...stated,
      ...(fault !== 'no-zip' && { zipCode: to.zip }),
      shipFromZip: from.zip,
      session_id: id,
    })
    const { createdDateTime } = stated
    const isKnown = createdDateTime !== undefined && fault !== 'no-zip' && fault !== 'bad-json'
    yield {
      atMilliseconds: at,
      body: fault === 'bad-json' ? cutOff(body, random) : body,
      userAgent,
      fault: fault ?? (isBot ? 'bots' : null),
      // A clock that is wrong does not move the order.
      shipment: isKnown ? { epochMilliseconds: fault === 'wrong-clocks' ? now : createdDateTime, from, to } : null,
      chance: random(),
    }
  }
}
