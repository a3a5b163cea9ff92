/** What a model of arrivals has to beat: rate tables counted on the same rows. */
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts'
import { rateTable } from '../evaluation/rate-table.ts'
import type { FlightEvents } from './events.ts'

export interface Rival {
  readonly name: string
  /** Whether the table knows something the event does not: where the flight came from. */
  readonly knowsOrigin: boolean
  readonly evaluation: Evaluation
}

const HOURS = 24

/**
 * The tables, counted in the events before `test` and judged on those from it on. `utcHour` and `localHour` hold each event's hour, 0 to
 * 23, in UTC and on the clocks of the destination.
 */
export const evaluateRivals = (
  events: FlightEvents,
  utcHour: Uint8Array,
  localHour: Uint8Array,
  test: number,
): Rival[] => {
  const tables = [
    { name: 'hour (UTC)', knowsOrigin: false, hours: utcHour, airports: undefined },
    { name: 'hour (on the clocks of the origin)', knowsOrigin: true, hours: events.originHour, airports: undefined },
    { name: 'destination × hour (UTC)', knowsOrigin: false, hours: utcHour, airports: events.destination },
    {
      name: 'destination × hour (at the destination)',
      knowsOrigin: false,
      hours: localHour,
      airports: events.destination,
    },
    {
      name: 'destination × hour (at the origin)',
      knowsOrigin: true,
      hours: events.originHour,
      airports: events.destination,
    },
    { name: 'origin × hour (at the origin)', knowsOrigin: true, hours: events.originHour, airports: events.origin },
  ]
  return tables.map(({ name, knowsOrigin, hours, airports }) => {
    const widerCells = Int32Array.from(hours)
    const cells =
      airports === undefined ? widerCells : Int32Array.from(airports, (airport, row) => airport * HOURS + hours[row])
    const part = (from: number, to?: number) => ({
      cells: cells.subarray(from, to),
      widerCells: widerCells.subarray(from, to),
    })
    const rates = rateTable(part(0, test), events.labels.subarray(0, test), part(test))
    return { name, knowsOrigin, evaluation: evaluate(rates, events.labels.subarray(test)) }
  })
}
