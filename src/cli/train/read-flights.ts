/** Reads the flights of the data package: who flew when from where to where, and how late. */
import { access } from 'node:fs/promises'
import type { Airport } from '../../training/flights/airports.ts'
import type { FlightTable } from '../../training/flights/events.ts'
import { UsageError } from '../command.ts'
import { parseCsv, readTextFile } from '../zips/read-csv.ts'
import { openParquet } from './parquet.ts'

export const DATA_PACKAGE = 'vega-datasets@3.2.1'

const COLUMNS = ['date', 'delay', 'origin', 'destination']

/** Throws a UsageError that says how to get the data, unless there is a file at `path`. */
const requireFile = async (path: string): Promise<void> => {
  await access(path).catch(() => {
    throw new UsageError(
      `there is no ${path}; the data come with one command, npm install --no-save ${DATA_PACKAGE}, or name them with --flights and --airports`,
    )
  })
}

/** The airports by code, from a CSV file with the columns `iata`, `latitude`, `longitude`; others are ignored. Throws a UsageError. */
export const readAirports = async (path: string): Promise<Map<string, Airport>> => {
  await requireFile(path)
  const { header, records } = parseCsv(readTextFile(path), path)
  const [code, latitude, longitude] = ['iata', 'latitude', 'longitude'].map((name) => {
    const index = header.indexOf(name)
    if (index < 0) throw new UsageError(`${path}: expected a column "${name}", got ${header.join(', ')}`)
    return index
  })
  return new Map(
    records.map(({ line, cells }) => {
      const airport = { code: cells[code], latitude: Number(cells[latitude]), longitude: Number(cells[longitude]) }
      if (!Number.isFinite(airport.latitude) || !Number.isFinite(airport.longitude)) {
        throw new UsageError(
          `${path}:${line}: expected coordinates in degrees, got ${cells[latitude]}, ${cells[longitude]}`,
        )
      }
      return [airport.code, airport]
    }),
  )
}

/** The flights of the Parquet file at `path`, in its order. */
export const readFlights = async (path: string, onShare: (share: number) => void): Promise<FlightTable> => {
  await requireFile(path)
  const file = await openParquet(path)
  try {
    const names = file.columns.map(({ name }) => name)
    const missing = COLUMNS.find((column) => !names.includes(column))
    if (missing !== undefined) throw new UsageError(`${path}: expected a column "${missing}", got ${names.join(', ')}`)
    const airports: string[] = []
    const numbers = new Map<unknown, number>()
    const airportNumber = (code: unknown): number => {
      const known = numbers.get(code)
      if (known !== undefined) return known
      const number = airports.push(String(code)) - 1
      numbers.set(code, number)
      return number
    }
    const table = {
      airports,
      localDeparture: new Float64Array(file.rows),
      arrivalDelay: new Float64Array(file.rows),
      origin: new Uint16Array(file.rows),
      destination: new Uint16Array(file.rows),
    }
    const writers: Record<string, (row: number, value: unknown) => void> = {
      date: (row, value) => {
        table.localDeparture[row] = Number(value)
      },
      delay: (row, value) => {
        table.arrivalDelay[row] = Number(value)
      },
      origin: (row, value) => {
        table.origin[row] = airportNumber(value)
      },
      destination: (row, value) => {
        table.destination[row] = airportNumber(value)
      },
    }
    await file.read(
      COLUMNS,
      (column, values, firstRow) => {
        const write = writers[column]
        for (let index = 0; index < values.length; index++) write(firstRow + index, values[index])
      },
      onShare,
    )
    return table
  } finally {
    await file.close()
  }
}
