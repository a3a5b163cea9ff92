/** Prints a soak: a line a minute, then each verdict. */
import type { Reading } from './soak-reading.ts'
import type { Soaked } from './soak-run.ts'
import type { Verdict } from './soak-verdicts.ts'

const MIB = 2 ** 20

const table = (head: readonly string[], rows: readonly (readonly string[])[], leftColumns = 0): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column < leftColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}

const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(1)

const HEAD = [
  ...['minute', 'req/s', 'events/s', 'ms', 'waiting', 'CPU', 'RSS', 'heap', 'live', 'buffers', 'WASM'],
  ...['owners', 'stats', 'letters', 'archive', 'objects', 'payloads', 'disk', 'B/event'],
]

/** Of the last reading of a minute; rates since that of the minute before. */
const minuteRow = (reading: Reading, before: Reading | undefined): string[] => {
  const { census, tally } = reading
  const since = (of: (reading: Reading) => number): number => of(reading) - (before === undefined ? 0 : of(before))
  const seconds = since((one) => one.seconds)
  const requests = since((one) => one.tally.requests)
  const bytesOf = (object: string): string => mebibytes(census.objects[object]?.bytes ?? 0)
  const { archive = { objects: 0, bytes: 0 }, payloads = { objects: 0, bytes: 0 } } = census.archive
  return [
    (reading.seconds / 60).toFixed(1),
    (requests / seconds).toFixed(0),
    (since((one) => one.tally.accepted) / seconds).toFixed(0),
    (since((one) => one.tally.milliseconds) / requests).toFixed(1),
    String(census.sent - census.done),
    `${(since((one) => one.cpuMilliseconds) / seconds / 10).toFixed(0)} %`,
    (reading.residentBytes / MIB).toFixed(0),
    mebibytes(reading.heapUsedBytes),
    mebibytes(reading.heapLiveBytes),
    mebibytes(reading.bufferBytes),
    mebibytes(census.wasmBytes),
    bytesOf('owners'),
    bytesOf('statistics'),
    bytesOf('letters'),
    mebibytes(archive.bytes),
    String(archive.objects),
    mebibytes(payloads.bytes),
    (reading.diskBytes / MIB).toFixed(0),
    (archive.bytes / Math.max(1, tally.accepted)).toFixed(0),
  ]
}

const minutesOf = (readings: readonly Reading[]): readonly Reading[] =>
  readings.filter((reading, index) => {
    const next = readings[index + 1]
    return next === undefined || Math.floor(next.seconds / 60) > Math.floor(reading.seconds / 60)
  })

export const renderMinutes = ({ readings }: Soaked): string => {
  const last = minutesOf(readings)
  return `sizes in MiB, ms from request to answer\n${table(
    HEAD,
    last.map((reading, index) => minuteRow(reading, last[index - 1])),
  )}`
}

export const renderVerdicts = (verdicts: readonly Verdict[]): string => {
  const rows = verdicts.map(({ name, holds, found, allowed }) => [holds ? 'holds' : 'FAILS', name, found, allowed])
  const held = verdicts.filter(({ holds }) => holds).length
  return `${table(['', 'what', 'found', 'allowed'], rows, 4)}\n\n${held} of ${verdicts.length} hold`
}

export const renderFaults = ({ faults, account }: Soaked): string =>
  [...faults, ...account.faults].map((fault) => `- ${fault}`).join('\n')
