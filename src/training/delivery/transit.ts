/** How long a parcel takes, by the rules this project made up: the truth behind `delivery-days`. Every number here is told in its card. */
import { distanceKilometres } from '../../core/geo.ts'
import { offsetSeconds } from '../../core/time/zones.ts'
import type { Place } from '../places.ts'
import { isOpenDay } from './open-days.ts'

const DAY_MILLISECONDS = 86_400_000
const HOUR_MILLISECONDS = 3_600_000

/** The last label stands for so many days and more. */
export const LAST_DAY = 14
/** The days after the order, on the calendar of the customer. */
export const DAY_LABELS: readonly number[] = Array.from({ length: LAST_DAY + 1 }, (_, day) => day)

/** On the clocks of the warehouse: what is ordered before is handed over on the same day. */
export const CUT_OFF_HOUR = 14

export interface TransitBand {
  /** Great circle, km; the band reaches up to and with it. */
  readonly kilometres: number
  /** Open days from hand-over to delivery. */
  readonly days: number
}

/**
 * Three, twenty and forty-one hours' drive are the steps of the service standards for First-Class Mail from October 2021 (39 CFR 121.1; 86 FR
 * 43941): two, three, four and five days. From hours to kilometres, ours: 75 km/h, and roads a fifth longer than the great circle. The last band
 * is ours too: no two places of the contiguous states lie so far apart.
 */
export const TRANSIT_BANDS: readonly TransitBand[] = [
  { kilometres: 190, days: 2 },
  { kilometres: 1_250, days: 3 },
  { kilometres: 2_560, days: 4 },
  { kilometres: 4_600, days: 5 },
  { kilometres: Number.POSITIVE_INFINITY, days: 7 },
]

/** The share of parcels that come so many open days later than the band says, from a day early on; made up. */
export const DELAYS: readonly number[] = [0.12, 0.72, 0.1, 0.03]
/** What is left of the parcels comes later still: each day this share of those that wait. */
export const LATE_DAILY_SHARE = 0.4

export const bandOf = (kilometres: number): TransitBand =>
  TRANSIT_BANDS.find((band) => kilometres <= band.kilometres) ?? TRANSIT_BANDS[TRANSIT_BANDS.length - 1]

export interface Shipment {
  /** When it was ordered. */
  readonly epochMilliseconds: number
  readonly from: Place
  readonly to: Place
}

const localMilliseconds = ({ timeZone }: Place, epochMilliseconds: number): number => {
  const offset = offsetSeconds(timeZone, epochMilliseconds)
  if (offset === undefined) throw new Error(`the zone tables do not know ${timeZone}`)
  return epochMilliseconds + offset * 1_000
}

/** The day it is handed over to the carrier: that of the order before the cut-off, else the next; then the first open one. */
const handOverDay = ({ epochMilliseconds, from }: Shipment): number => {
  const local = localMilliseconds(from, epochMilliseconds)
  let day = Math.floor(local / DAY_MILLISECONDS)
  if (local - day * DAY_MILLISECONDS >= CUT_OFF_HOUR * HOUR_MILLISECONDS) day++
  while (!isOpenDay(day)) day++
  return day
}

export const distanceOf = ({ from, to }: Shipment): number =>
  distanceKilometres(from.latitude, from.longitude, to.latitude, to.longitude)

/** The chance of each label of `DAY_LABELS`, by which `drawDeliveredDay` throws its dice. */
export const deliveryShares = (shipment: Shipment): Float64Array => {
  const shares = new Float64Array(DAY_LABELS.length)
  const ordered = Math.floor(localMilliseconds(shipment.to, shipment.epochMilliseconds) / DAY_MILLISECONDS)
  const { days } = bandOf(distanceOf(shipment))
  let left = 1
  let day = handOverDay(shipment)
  for (let openDays = 0; ; openDays++) {
    const delay = openDays - (days - 1)
    const label = Math.max(0, day - ordered)
    if (label >= LAST_DAY) break
    const share = delay < 0 ? 0 : (DELAYS[delay] ?? left * LATE_DAILY_SHARE)
    shares[label] += share
    left -= share
    do day++
    while (!isOpenDay(day))
  }
  shares[LAST_DAY] += left
  return shares
}

/** The least label up to which `share` of the chances lie. */
export const quantileDay = (shares: ArrayLike<number>, share: number): number => {
  let sum = 0
  for (let day = 0; day < shares.length; day++) {
    sum += shares[day]
    if (sum >= share) return day
  }
  return shares.length - 1
}

/** The day of delivery for a throw of the dice, `chance` in [0, 1). */
export const drawDeliveredDay = (shipment: Shipment, chance: number): number => {
  const shares = deliveryShares(shipment)
  let left = chance
  for (let day = 0; day < LAST_DAY; day++) {
    left -= shares[day]
    if (left < 0) return day
  }
  return LAST_DAY
}
