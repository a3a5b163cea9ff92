/** From the files of the data package and the zip features to rows that can be trained on. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { FeatureView } from '../../core/features/feature-view.ts'
import { nearestZips } from '../../training/flights/airports.ts'
import { type FlightEvents, flightEvents, type SourceFaults, sourceFaults } from '../../training/flights/events.ts'
import { featureRows } from '../../training/flights/rows.ts'
import { type Matrix, rowCount } from '../../training/matrix.ts'
import { UsageError } from '../command.ts'
import { type MessageStream, startProgress } from './progress.ts'
import { readAirports, readFlights } from './read-flights.ts'
import { readZips } from './read-zips.ts'

export interface FlightPaths {
  readonly flights: string
  readonly airports: string
  /** The directory of the zip features. */
  readonly zips: string
}

export interface LoadedFlights {
  readonly events: FlightEvents
  /** Which zip stands for which airport, nearest first. */
  readonly zips: readonly { readonly airport: string; readonly zip: string; readonly kilometres: number }[]
  readonly zipData: string
  /** Rows in the order of time, and the same rows as if their events named no zip. */
  readonly known: Matrix
  readonly unknown: Matrix
  readonly faults: SourceFaults
  readonly flightsSha256: string
}

const sha256OfFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Throws a UsageError when a file is missing or does not hold what it should. */
export const loadFlights = async (
  paths: FlightPaths,
  view: FeatureView,
  stream: MessageStream,
): Promise<LoadedFlights> => {
  const reading = startProgress(stream, 'reading flights')
  const airports = await readAirports(paths.airports)
  const table = await readFlights(paths.flights, (share) => reading.update(share))
  reading.done(`${table.origin.length} flights of ${table.airports.length} airports`)

  const zipData = readZips(paths.zips)
  const wanted = table.airports.map((code) => {
    const airport = airports.get(code)
    if (airport === undefined)
      throw new UsageError(`${paths.airports} has no airport ${code}, which ${paths.flights} names`)
    return airport
  })
  const zips = nearestZips(wanted, zipData.packs)
  const computing = startProgress(stream, 'computing features')
  const events = flightEvents(table, zips)
  const known = featureRows(events, view, undefined, (share) => computing.update(share / 2))
  const unknown = featureRows(events, view, zipData.unknown, (share) => computing.update((1 + share) / 2))
  computing.done(`${rowCount(known)} rows of ${known.names.length} features`)
  return {
    events,
    zips: [...zips]
      .map(([airport, { zip, distanceKilometres }]) => ({ airport, zip, kilometres: distanceKilometres }))
      .sort((a, b) => a.kilometres - b.kilometres),
    zipData: zipData.unknown.data,
    known,
    unknown,
    faults: sourceFaults(table),
    flightsSha256: await sha256OfFile(paths.flights),
  }
}
