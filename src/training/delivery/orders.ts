/** Makes up orders and the days they are delivered on; the same seed, the same orders. */
import { instantOfLocal } from '../../core/event/local-instant.ts'
import { type Place, placesAt, residentsOf, weightedPicker } from '../places.ts'
import { seededRandom } from '../random.ts'
import { weekdayOfDay } from './open-days.ts'
import { HOUR_WEIGHTS, WEEKDAY_WEIGHTS } from './rhythm.ts'
import { drawDeliveredDay, type Shipment } from './transit.ts'

const DAY_MILLISECONDS = 86_400_000
const HOUR_MILLISECONDS = 3_600_000

/**
 * Where the made-up shop ships from: zips of places known for their warehouses, by way of example. Dayton NJ, Jefferson GA, Lakeland FL, Memphis,
 * Columbus, Joliet, Fort Worth, Denver, Salt Lake City, North Las Vegas, Redlands CA, Kent WA.
 */
// biome-ignore format: a table
export const WAREHOUSE_ZIPS: readonly string[] = [
  '08810', '30549', '33811', '38118', '43217', '60433', '76177', '80239', '84104', '89030', '92374', '98032',
]
/** The nearest warehouse has it more often than not; else any of them ships it. */
export const NEAREST_SHARE = 0.6

export interface Order extends Shipment {
  /** Days after the order, on the calendar of the customer; 14 stands for more as well. */
  readonly deliveredDay: number
}

export interface OrderPlan {
  readonly places: readonly Place[]
  /** Epoch milliseconds; from the first day that begins at or after it until before the day that begins at or after `to`, in local days. */
  readonly from: number
  readonly to: number
  readonly count: number
  readonly seed: number
}

/** Who orders, and where it is shipped from. */
export interface Geography {
  customer(chance: number): Place
  /** Two throws: whether it is the nearest warehouse, and which of the others it is. */
  warehouse(customer: Place, nearestChance: number, chance: number): Place
}

const squared = (a: Place, b: Place): number =>
  (a.latitude - b.latitude) ** 2 + ((a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180)) ** 2

export const shopGeography = (places: readonly Place[]): Geography => {
  const warehouses = placesAt(places, WAREHOUSE_ZIPS)
  const nearest = new Map<string, Place>()
  const nearestTo = (customer: Place): Place => {
    const known = nearest.get(customer.zip)
    if (known !== undefined) return known
    const found = warehouses.reduce((best, each) => (squared(customer, each) < squared(customer, best) ? each : best))
    nearest.set(customer.zip, found)
    return found
  }
  return {
    customer: weightedPicker(places, residentsOf(places)),
    warehouse: (customer, nearestChance, chance) =>
      nearestChance < NEAREST_SHARE
        ? nearestTo(customer)
        : warehouses[Math.min(warehouses.length - 1, Math.floor(chance * warehouses.length))],
  }
}

/** The orders in the order of time. Throws a RangeError where no day lies between `from` and `to`. */
export const makeOrders = ({ places, from, to, count, seed }: OrderPlan): Order[] => {
  const random = seededRandom(seed)
  const geography = shopGeography(places)
  const first = Math.ceil(from / DAY_MILLISECONDS)
  const days = Array.from(
    { length: Math.max(0, Math.ceil(to / DAY_MILLISECONDS) - first) },
    (_, index) => first + index,
  )
  if (days.length === 0) throw new RangeError('there is no day between the two')
  const pickDay = weightedPicker(days, (day) => WEEKDAY_WEIGHTS[weekdayOfDay(day)])
  const pickHour = weightedPicker([...HOUR_WEIGHTS.keys()], (hour) => HOUR_WEIGHTS[hour])
  const make = (): Order => {
    const to = geography.customer(random())
    const from = geography.warehouse(to, random(), random())
    const local = pickDay(random()) * DAY_MILLISECONDS + (pickHour(random()) + random()) * HOUR_MILLISECONDS
    const epochMilliseconds = instantOfLocal(to.timeZone, Math.floor(local))
    if (epochMilliseconds === undefined) throw new Error(`the zone tables do not know ${to.timeZone}`)
    const shipment = { epochMilliseconds, from, to }
    return { ...shipment, deliveredDay: drawDeliveredDay(shipment, random()) }
  }
  return Array.from({ length: count }, make).sort((a, b) => a.epochMilliseconds - b.epochMilliseconds)
}
