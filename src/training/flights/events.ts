/** Turns each flight into the event a beacon would have sent as the aircraft left, with what became of it. */
import { instantOfLocal } from '../../core/event/local-instant.ts'
import type { AirportZip } from './airports.ts'

/** Flights column by column; airports by their number in `airports`. */
export interface FlightTable {
  readonly airports: readonly string[]
  /** The actual departure on the clocks of the origin, read as if it were UTC: epoch milliseconds. */
  readonly localDeparture: Float64Array
  /** Minutes late at arrival; negative is early. */
  readonly arrivalDelay: Float64Array
  readonly origin: Uint16Array
  readonly destination: Uint16Array
}

/** Flights in the order of their events. */
export interface FlightEvents {
  readonly airports: readonly AirportZip[]
  /** `createdDateTime` of each event: the departure, epoch milliseconds. */
  readonly createdDateTime: Float64Array
  readonly labels: Uint8Array
  readonly origin: Uint16Array
  readonly destination: Uint16Array
  /** 0 to 23, on the clocks of the origin. */
  readonly originHour: Uint8Array
}

/** What is odd in the source and is left as it is. */
export interface SourceFaults {
  /** The share of flights that left between midnight and four, on the clocks of the origin. */
  readonly nightShare: number
  /** Flights said to have arrived more than two hours early, and the earliest of them, in minutes. */
  readonly implausiblyEarly: number
  readonly earliestMinutes: number
}

const NIGHT_HOURS = 4
const IMPLAUSIBLE_MINUTES = 120

/** Late as the US Department of Transportation counts it for this model: the arrival delay exceeds this many minutes. */
export const LATE_MINUTES = 15

const HOUR_MILLISECONDS = 3_600_000

const hourOf = (localDeparture: number): number => Math.floor(localDeparture / HOUR_MILLISECONDS) % 24

export const sourceFaults = ({ localDeparture, arrivalDelay }: FlightTable): SourceFaults => ({
  nightShare: localDeparture.filter((departure) => hourOf(departure) < NIGHT_HOURS).length / localDeparture.length,
  implausiblyEarly: arrivalDelay.filter((delay) => delay < -IMPLAUSIBLE_MINUTES).length,
  earliestMinutes: -arrivalDelay.reduce((least, delay) => Math.min(least, delay), 0),
})

/**
 * One event per flight, sorted by time, flights of the same instant in the order of the table: `createdDateTime` from the local departure
 * and the time zone of the zip nearest to the origin; label 1 where `arrivalDelay` > 15 minutes.
 * Throws an Error for an airport without a zip and for a zone the tables do not know.
 */
export const flightEvents = (flights: FlightTable, zips: ReadonlyMap<string, AirportZip>): FlightEvents => {
  const airports = flights.airports.map((code) => {
    const zip = zips.get(code)
    if (zip === undefined) throw new Error(`no airport is known by the code ${code}`)
    return zip
  })
  const rows = flights.origin.length
  const instants = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const { timeZone } = airports[flights.origin[row]]
    const instant = instantOfLocal(timeZone, flights.localDeparture[row])
    if (instant === undefined) throw new Error(`the zone tables do not know ${timeZone}`)
    instants[row] = instant
  }
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort((a, b) => instants[a] - instants[b] || a - b)
  return {
    airports,
    createdDateTime: Float64Array.from(order, (row) => instants[row]),
    labels: Uint8Array.from(order, (row) => (flights.arrivalDelay[row] > LATE_MINUTES ? 1 : 0)),
    origin: Uint16Array.from(order, (row) => flights.origin[row]),
    destination: Uint16Array.from(order, (row) => flights.destination[row]),
    originHour: Uint8Array.from(order, (row) => hourOf(flights.localDeparture[row])),
  }
}
