/** What was measured of a deployment, for people. */
import type { LiveReport, Quantiles } from './live.ts'

const LABEL_WIDTH = 38

const milliseconds = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} ms`)
const counts = (given: Readonly<Record<string, number>> | null): string => {
  if (given === null) return 'not told: set READ_TOKEN or give --read-token'
  const parts = Object.entries(given).map(([name, count]) => `${name} ${count}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
const quantiles = ({ count, p50, p90, p99, maximum }: Quantiles): string =>
  `${milliseconds(p50)}, ${milliseconds(p90)}, ${milliseconds(p99)}, ${milliseconds(maximum)} of ${count}`

export const liveText = (report: LiveReport): string => {
  const { start, clock, zip_store: zips, memory, requests, failures } = report
  const share = clock.unknown_duration_share
  const rows: readonly (readonly [string, string])[] = [
    ['requests', `${requests}; failures: ${counts(failures)}`],
    ['first answer', milliseconds(start.first_milliseconds)],
    ['later answers, p50, p90, p99, max', quantiles(start.later_milliseconds)],
    ['answers of cold isolates', `${start.answers_of_cold_isolates} said so; CPU of the start is ${start.startup_cpu}`],
    [
      'clock',
      `${clock.answers_with_a_duration} of ${clock.answers_with_server_timing} answers with Server-Timing had a duration`,
    ],
    [
      'unknown durations',
      share === null ? 'not told, or none counted' : `${(share * 100).toFixed(1)} % in the last hour`,
    ],
    ['first of a prefix, p50, p90, p99, max', quantiles(zips.first_read_milliseconds)],
    ['the same again', quantiles(zips.again_milliseconds)],
    ['flags', counts(zips.flagged)],
    ['zip_lookups', counts(zips.lookups)],
    ['zip_reads', counts(zips.reads)],
    ['memory', memory.about],
  ]
  const lines = rows.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}  ${text}\n`)
  return `${report.url} as this client saw it, ${report.measured_at}\n${lines.join('')}`
}
