/** The traffic of a made-up shop: the same for the same plan, in the rhythm of the day, with as many faults as are asked for. */
import { describe, expect, it } from 'vitest'
import { isBotAgent } from '../../../src/http/bots.ts'
import { deliveryShares } from '../../../src/training/delivery/transit.ts'
import { DEFAULT_SHARES, FAULT_KINDS, type FaultName, NO_FAULTS } from '../../../src/training/traffic/fault-kinds.ts'
import { makeTraffic, type PlannedRequest, type TrafficPlan } from '../../../src/training/traffic/traffic.ts'
import { BOTS, BROWSERS } from '../../../src/training/traffic/user-agents.ts'
import { zoneRhythm } from '../../../src/training/traffic/zone-rhythm.ts'
import { places } from '../delivery/made-up-orders.ts'

const NOON = Date.parse('2026-05-05T17:00:00Z')
const HOUR = 3_600_000

const PLAN: TrafficPlan = {
  places,
  seed: 1,
  rate: 100,
  seconds: 50,
  startsAt: NOON,
  speed: 1,
  shares: DEFAULT_SHARES,
}

const planned = (over: Partial<TrafficPlan> = {}): PlannedRequest[] => [...makeTraffic({ ...PLAN, ...over })]
const only = (name: FaultName, share = 1) => ({ ...NO_FAULTS, [name]: share })

interface Body {
  readonly event_id: string
  readonly createdDateTime?: number
  readonly sent_at?: number
  readonly zipCode?: string
  readonly shipFromZip: string
  readonly session_id: string
}
const read = ({ body }: PlannedRequest): Body => JSON.parse(body) as Body

describe('the traffic of a shop', () => {
  it('is the same for the same plan, and another for another seed', () => {
    expect(planned()).toEqual(planned())
    expect(planned({ seed: 2 })).not.toEqual(planned())
  })

  it.each([
    ['at noon', NOON],
    ['at four in the morning', NOON - 9 * HOUR],
  ])('comes at the rate that is asked for, in order, %s', (_, startsAt) => {
    const requests = planned({ startsAt, seconds: 100 })
    // A Poisson process: 10,000 and four standard deviations.
    expect(Math.abs(requests.length - 10_000)).toBeLessThan(400)
    const times = requests.map(({ atMilliseconds }) => atMilliseconds)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.at(-1)).toBeLessThan(100_000)
  })

  it('has the rhythm of a day when a day is a minute: little before dawn, most in the evening', () => {
    const requests = planned({ seconds: 60, rate: 400, speed: 1_440, shares: NO_FAULTS })
    const byHour = new Float64Array(24)
    for (const request of requests) byHour[new Date((read(request).createdDateTime ?? 0) - 5 * HOUR).getUTCHours()]++
    const { weightAt } = zoneRhythm(places)
    expect(byHour[20] / byHour[4]).toBeGreaterThan(4)
    const mean = requests.length / 24
    for (const hour of [2, 9, 15, 20]) {
      const due = weightAt(Date.parse('2026-05-05T05:30:00Z') + hour * HOUR)
      expect(byHour[hour] / mean).toBeGreaterThan(due * 0.8)
      expect(byHour[hour] / mean).toBeLessThan(due * 1.25)
    }
  })

  it('comes from where people are and are awake', () => {
    const share = (startsAt: number, zone: string): number => {
      const requests = planned({ startsAt, shares: NO_FAULTS })
      return requests.filter(({ shipment }) => shipment?.to.timeZone === zone).length / requests.length
    }
    const [east, west] = ['America/New_York', 'America/Los_Angeles']
    // Six in the morning in New York is three in Los Angeles.
    expect(share(Date.parse('2026-05-05T10:30:00Z'), west)).toBeLessThan(share(NOON, west))
    expect(share(NOON, east)).toBeGreaterThan(share(NOON, west))
    expect(share(NOON, west)).toBeGreaterThan(0.08)
  })

  it('has visitors who come back with their zip, and ids that are their own', () => {
    const requests = planned({ shares: NO_FAULTS })
    const zips = new Map<string, Set<string | undefined>>()
    for (const { session_id: id, zipCode } of requests.map(read)) zips.set(id, (zips.get(id) ?? new Set()).add(zipCode))
    expect(zips.size).toBeLessThan(requests.length * 0.5)
    expect([...zips.values()].every((own) => own.size === 1)).toBe(true)
    expect(new Set(requests.map((request) => read(request).event_id)).size).toBe(requests.length)
  })

  it.each(FAULT_KINDS.map(({ name, share }) => [name, share] as const))('has as many %s as it says', (name, share) => {
    const count = (requests: readonly PlannedRequest[]): number =>
      requests.filter(({ fault }) => fault === name).length / requests.length
    const many = planned({ seconds: 300 })
    const tolerance = 4 * Math.sqrt(share / many.length) + share * 0.15
    expect(Math.abs(count(many) - share)).toBeLessThan(tolerance)
    expect(count(planned({ shares: only(name, 0.3) }))).toBeGreaterThan(0.25)
    expect(count(planned({ shares: NO_FAULTS }))).toBe(0)
  })

  it('has bodies that are wrong in the way they are said to be', () => {
    for (const request of planned({ shares: only('bad-json') })) {
      expect(() => JSON.parse(request.body)).toThrow(SyntaxError)
      expect(request.shipment).toBeNull()
    }
    for (const request of planned({ shares: only('no-time') }))
      expect(read(request)).not.toHaveProperty('createdDateTime')
    for (const request of planned({ shares: only('no-zip') })) expect(read(request)).not.toHaveProperty('zipCode')
    const now = (request: PlannedRequest): number => Math.floor(NOON + request.atMilliseconds)
    for (const request of planned({ shares: only('wrong-clocks') })) {
      const { createdDateTime = 0, sent_at: sentAt = 0 } = read(request)
      expect(Math.abs(createdDateTime - now(request))).toBeGreaterThanOrEqual(10 * 60_000)
      expect(sentAt - createdDateTime).toBeGreaterThanOrEqual(50)
      expect(sentAt - createdDateTime).toBeLessThanOrEqual(5_000)
    }
    for (const request of planned({ shares: only('past') }))
      expect(now(request) - (read(request).createdDateTime ?? 0)).toBeGreaterThanOrEqual(24 * HOUR)
    for (const request of planned({ shares: only('future') }))
      expect((read(request).createdDateTime ?? 0) - now(request)).toBeGreaterThanOrEqual(HOUR)
    for (const { userAgent } of planned({ shares: only('bots') })) expect(isBotAgent(userAgent)).toBe(true)
    for (const { userAgent } of planned({ shares: NO_FAULTS })) expect(isBotAgent(userAgent)).toBe(false)
  })

  it('knows what is shipped wherever time and zip are told', () => {
    const requests = planned({ shares: NO_FAULTS })
    for (const request of requests) {
      const { zipCode, shipFromZip, createdDateTime } = read(request)
      expect(request.shipment).toMatchObject({
        epochMilliseconds: createdDateTime,
        to: { zip: zipCode },
        from: { zip: shipFromZip },
      })
      expect(request.chance).toBeGreaterThanOrEqual(0)
      expect(request.chance).toBeLessThan(1)
    }
    const [{ shipment }] = requests
    expect(shipment && deliveryShares(shipment).length).toBe(15)
  })

  it('has user agents of both kinds', () => {
    expect(BOTS.map(isBotAgent)).toEqual(BOTS.map(() => true))
    expect(BROWSERS.map(isBotAgent)).toEqual(BROWSERS.map(() => false))
  })
})
